// The credentials that a chart source names, as each kind of source understands them. Read anew for every fetch, so that a
// rotated Secret counts at once.
import { Buffer } from 'node:buffer'
import { ReconcileError } from '../../model/errors.ts'
import type { Cluster } from '../../model/ports.ts'
import type { ChartSource, SecretRef } from '../../model/source.ts'
import type { TlsIdentity } from '../http.ts'
import type { GitAccess } from './gitcommand.ts'
import type { RepositoryAccess } from './location.ts'

type Data = Readonly<Record<string, string>>

const secrets = { group: '', version: 'v1', plural: 'secrets', namespaced: true }

/** How to get at a chart repository. Throws ReconcileError ChartSourceInvalid when the Secret does not exist. */
export async function readRepositoryAccess(
  cluster: Cluster,
  { url, secretRef }: Extract<ChartSource, { kind: 'repository' }>,
): Promise<RepositoryAccess> {
  if (!secretRef) return { url }
  const data = await readSecret(cluster, secretRef)
  const tls: TlsIdentity = {
    ...pick('ca', data['ca.crt'] ?? data.caFile),
    ...pick('cert', data['tls.crt'] ?? data.certFile),
    ...pick('key', data['tls.key'] ?? data.keyFile),
  }
  const { username, password } = data
  return {
    url,
    ...(username === undefined || password === undefined
      ? {}
      : { credentials: { username, password } }),
    ...(Object.keys(tls).length > 0 ? { tls } : {}),
  }
}

/** How to get at a git repository. Throws ReconcileError ChartSourceInvalid when the Secret does not exist. */
export async function readGitAccess(
  cluster: Cluster,
  { url, secretRef }: Extract<ChartSource, { kind: 'git' }>,
): Promise<GitAccess> {
  const data = secretRef ? await readSecret(cluster, secretRef) : {}
  return {
    url,
    ...userOf(url),
    ...pick('username', data.username),
    ...pick('password', data.password),
    ...pick('identity', data.identity),
    ...pick('knownHosts', data.known_hosts),
  }
}

async function readSecret(cluster: Cluster, { namespace, name }: SecretRef): Promise<Data> {
  const object = await cluster.get(secrets, name, namespace)
  if (!object)
    throw new ReconcileError(
      'ChartSourceInvalid',
      `Cannot read the chart's credentials: Secret "${name}" in namespace "${namespace}" does not exist`,
    )
  const data = (object.data ?? {}) as Data
  return Object.fromEntries(
    Object.entries(data).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
  )
}

// A password in the URL is one all the same, and must not reach git's arguments.
function userOf(url: string): { username?: string; password?: string } {
  if (!/^https?:\/\/[^/]*@/.test(url) || !URL.canParse(url)) return {}
  const { username, password } = new URL(url)
  if (password === '') return {}
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) }
}

function pick<Name extends string>(
  name: Name,
  value: string | undefined,
): { [key in Name]?: string } {
  return value === undefined || value === ''
    ? {}
    : ({ [name]: value } as { [key in Name]?: string })
}
