// The file that tells kubectl and helm where the sandbox is.

/** A kubeconfig with one context, "sandbox", for the server at the given URL. */
export function kubeconfigOf(url: string): string {
  return `apiVersion: v1
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
