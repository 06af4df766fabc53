// The file that tells kubectl and helm where the sandbox is.
import { Buffer } from 'node:buffer'

const firstLine = '# Written by the sandbox, and removed when it ends.\n'

/** Is this a kubeconfig that a sandbox left behind, so that nothing is lost with it? */
export function isSandboxKubeconfig(text: string): boolean {
  return text.startsWith(firstLine)
}

export type Secured = { token: string; authority: { certificate: string } }

/**
 * A kubeconfig with one context, "sandbox", for the server at the given URL. Over HTTPS it carries the authority to trust and
 * the token to send; over HTTP kubectl sends none.
 */
export function kubeconfigOf(url: string, secured?: Secured): string {
  const trusted =
    secured === undefined
      ? ''
      : `\n      certificate-authority-data: ${Buffer.from(secured.authority.certificate).toString('base64')}`
  const user = secured === undefined ? ' {}' : `\n      token: ${secured.token}`
  return `${firstLine}apiVersion: v1
kind: Config
clusters:
  - name: sandbox
    cluster:
      server: ${url}${trusted}
users:
  - name: sandbox
    user:${user}
contexts:
  - name: sandbox
    context:
      cluster: sandbox
      user: sandbox
      namespace: default
current-context: sandbox
`
}
