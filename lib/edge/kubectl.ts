// How kubectl is told which cluster to speak to, and to leave its owner's preferences out of it.

export type KubectlAccess = {
  // The program.
  kubectl: string
  kubeconfig?: string
  context?: string
  // The API server's address, if not the kubeconfig's.
  server?: string
}

/** A command line of kubectl for this cluster; what it is to do stands first. */
export function kubectlCommand(
  { kubectl, kubeconfig, context, server }: KubectlAccess,
  args: readonly string[],
): string[] {
  return [
    kubectl,
    ...args,
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
    ...(server === undefined ? [] : [`--server=${server}`]),
  ]
}

/** A kuberc in the home directory may change what commands print. */
export const kubectlEnv = { KUBERC: 'off', KUBECTL_KUBERC: 'false' } as const
