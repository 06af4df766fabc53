// A kubeconfig that says what a pod's environment says. client-go honours --kube-as-user only with a kubeconfig: in a pod
// without one, it would either ignore the flag or look for the API server at localhost.
import { access, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Env } from './child.ts'

type PodAccess = { kubeconfig?: string; context?: string; server?: string }

// Where every pod finds them; the token is renewed in place, so it is named and not copied.
const accountDirectory = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The text of a kubeconfig for the pod's own service account; undefined where programs find another one, or there is no pod. */
export async function inClusterKubeconfig(
  env: Env,
  { kubeconfig, context, server }: PodAccess,
  directory = accountDirectory,
): Promise<string | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env
  if (kubeconfig !== undefined || context !== undefined || server !== undefined) return undefined
  if (!host || !port || (await hasKubeconfig(env))) return undefined
  const token = join(directory, 'token')
  if (!(await isReadable(token))) return undefined
  return describePod({ server: `https://${bracket(host)}:${port}`, directory, token })
}

function describePod(pod: { server: string; directory: string; token: string }): string {
  const certificate = join(pod.directory, 'ca.crt')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'pod', cluster: { server: pod.server, 'certificate-authority': certificate } },
    ],
    users: [{ name: 'pod', user: { tokenFile: pod.token } }],
    contexts: [{ name: 'pod', context: { cluster: 'pod', user: 'pod' } }],
    'current-context': 'pod',
  })
}

// Missing and empty files count as none, as for kubectl.
async function hasKubeconfig({ KUBECONFIG, HOME }: Env): Promise<boolean> {
  const files = KUBECONFIG ? KUBECONFIG.split(delimiter) : [join(HOME ?? '/', '.kube', 'config')]
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.some((size) => size > 0)
}

async function isReadable(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  )
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
