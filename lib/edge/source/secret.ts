// The credentials that a chart source names, as each kind of source understands them. Read anew for every fetch, so that a
// rotated Secret counts at once.
import { Buffer } from 'node:buffer'
import { findCredentials, type RegistryCredentials } from '../../helm/dockerconfig.ts'
import { ReconcileError } from '../../model/errors.ts'
import type { Cluster } from '../../model/ports.ts'
import type { ChartSource, SecretRef } from '../../model/source.ts'
import type { TlsIdentity } from '../http.ts'
import type { Ambient } from './ambient.ts'
import type { GitAccess } from './gitcommand.ts'
import type { RepositoryAccess } from './location.ts'

type RepositorySource = Extract<ChartSource, { kind: 'repository' }>
type Data = Readonly<Record<string, string>>

/** What a Secret, or the operator's own configuration, gives for a registry. */
export type RegistryAccess = { credentials?: RegistryCredentials; tls?: TlsIdentity }

const secrets = { group: '', version: 'v1', plural: 'secrets', namespaced: true }

/** How to get at a chart repository, by its Secret if it names one. Throws ReconcileError ChartSourceInvalid. */
export async function readRepositoryAccess(
  cluster: Cluster,
  { url, secretRef }: RepositorySource,
  ambient: Ambient,
): Promise<RepositoryAccess> {
  if (!secretRef) return await ambient.repositoryAccess(url)
  const data = await readSecret(cluster, secretRef)
  return { url, ...withUser(readUser(data)), ...readTls(data) }
}

/** How to get at an OCI registry, by the Secret if one is named. Throws ReconcileError ChartSourceInvalid. */
export async function readRegistryAccess(
  cluster: Cluster,
  { url, secretRef }: RepositorySource,
  ambient: Ambient,
): Promise<RegistryAccess> {
  const { host } = new URL(url.replace(/^oci:/i, 'https:'))
  if (!secretRef) return withUser(await ambient.registryCredentials(host))
  const data = await readSecret(cluster, secretRef)
  const config = data['.dockerconfigjson']
  const found = config === undefined ? readUser(data) : findCredentials(config, host)
  const tls = readTls(data)
  if (found) return { ...withUser(found), ...tls }
  // It may be there for the certificates only.
  if (tls.tls && config === undefined)
    return { ...withUser(await ambient.registryCredentials(host)), ...tls }
  const state =
    config === undefined
      ? 'has neither "username" and "password" nor ".dockerconfigjson" nor "ca.crt"'
      : `has no credentials for "${host}"`
  throw new ReconcileError(
    'ChartSourceInvalid',
    `Cannot read the chart's credentials: Secret "${secretRef.name}" in namespace "${secretRef.namespace}" ${state}`,
  )
}

function withUser(credentials: RegistryCredentials | undefined): Omit<RegistryAccess, 'tls'> {
  return credentials ? { credentials } : {}
}

function readTls(data: Data): Pick<RegistryAccess, 'tls'> {
  const tls: TlsIdentity = {
    ...pick('ca', data['ca.crt'] ?? data.caFile),
    ...pick('cert', data['tls.crt'] ?? data.certFile),
    ...pick('key', data['tls.key'] ?? data.keyFile),
  }
  return Object.keys(tls).length > 0 ? { tls } : {}
}

function readUser({ username, password }: Data): RegistryCredentials | undefined {
  return username === undefined || password === undefined ? undefined : { username, password }
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
    ...pick('ca', data['ca.crt'] ?? data.caFile),
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
