// The file that tells kubectl and helm where the sandbox is.

const firstLine = '# Written by the sandbox, and removed when it ends.\n'

/** Is this a kubeconfig that a sandbox left behind, so that nothing is lost with it? */
export function isSandboxKubeconfig(text: string): boolean {
  return text.startsWith(firstLine)
}

/** A kubeconfig with one context, "sandbox", for the server at the given URL. */
export function kubeconfigOf(url: string): string {
  return `${firstLine}apiVersion: v1
kind: Config
clusters:
  - name: sandbox
    cluster:
      server: ${url}
users:
  - name: sandbox
    user: {}
contexts:
  - name: sandbox
    context:
      cluster: sandbox
      user: sandbox
      namespace: default
current-context: sandbox
`
}
