// The credentials that a chart source names, as each kind of source understands them. Read anew for every fetch, so that a
// rotated Secret counts at once. What is missing in one is said here: servers only say no.
import { Buffer } from 'node:buffer'
import type { RegistryCredentials } from '../../helm/dockerconfig.ts'
import type { Cluster } from '../../model/ports.ts'
import type { ChartSource } from '../../model/source.ts'
import { decodePercent } from '../../util/percent.ts'
import { digestText } from '../../util/digest.ts'
import type { TlsIdentity } from '../http.ts'
import { isLittleJson } from '../parser/little.ts'
import type { Parser } from '../parser/parser.ts'
import type { Ambient } from './ambient.ts'
import type { GitAccess } from './gitcommand.ts'
import { explainKey } from './identity.ts'
import { registryUrl, type RepositoryAccess } from './location.ts'
import { openSecret, type OpenSecret } from './secretdata.ts'

// Of a name in DNS.
const longestHost = 253

type RepositorySource = Extract<ChartSource, { kind: 'repository' }>

/** What a Secret, or the operator's own configuration, gives for a registry. */
export type RegistryAccess = {
  credentials?: RegistryCredentials
  tls?: TlsIdentity
  // Does a Secret say how to get in? Then the operator's own configuration does not.
  isExclusive?: boolean
}

/** How to get at a chart repository, by its Secret if it names one. Throws ReconcileError ChartSourceInvalid. */
export async function readRepositoryAccess(
  cluster: Pick<Cluster, 'get'>,
  { url, secretRef }: RepositorySource,
  ambient: Ambient,
): Promise<RepositoryAccess> {
  if (!secretRef) return await ambient.repositoryAccess(url)
  const secret = await openSecret(cluster, secretRef)
  const access = { ...readUser(secret), ...readTls(secret) }
  if (Object.keys(access).length > 0) return { url, ...access }
  throw secret.invalid(
    'has neither "username" and "password" nor "tls.crt" and "tls.key" nor "ca.crt"',
  )
}

/** How to get at an OCI registry, by the Secret if one is named. Throws ReconcileError ChartSourceInvalid. */
export async function readRegistryAccess(
  cluster: Pick<Cluster, 'get'>,
  { url, secretRef }: RepositorySource,
  { ambient, parser }: { ambient: Ambient; parser: Parser },
): Promise<RegistryAccess> {
  const { host, username, password } = registryUrl(url)
  const own: RegistryAccess =
    username === ''
      ? {}
      : { credentials: { username: decodePercent(username), password: decodePercent(password) } }
  if (!secretRef) {
    const credentials = own.credentials ?? (await ambient.registryCredentials(host))
    return credentials ? { credentials } : {}
  }
  const secret = await openSecret(cluster, secretRef)
  const config = secret.data['.dockerconfigjson']
  const user =
    config === undefined ? readUser(secret) : await readDocker(parser, secret, { config, host })
  const access = { ...user, ...readTls(secret), isExclusive: true }
  // It may be there for the certificates only.
  if (access.credentials || access.tls) return { ...own, ...access }
  throw secret.invalid('has neither "username" and "password" nor ".dockerconfigjson" nor "ca.crt"')
}

/** How to get at a git repository. Throws ReconcileError ChartSourceInvalid. */
export async function readGitAccess(
  cluster: Pick<Cluster, 'get'>,
  { url, secretRef }: Extract<ChartSource, { kind: 'git' }>,
): Promise<GitAccess> {
  const own = ownAccess(url)
  if (!secretRef) return own
  const secret = await openSecret(cluster, secretRef)
  const isExclusive = true
  if (/^https?:/i.test(url)) {
    const { credentials, tls } = { ...readUser(secret), ...readTls(secret) }
    if (!credentials && !tls?.ca)
      throw secret.invalid('has neither "username" and "password" nor "ca.crt"')
    const user = credentials && { ...credentials, url: withoutUser(url) }
    return { ...own, ...user, ...pick('ca', tls?.ca), isExclusive }
  }
  if (!/^(?:ssh|git\+ssh|ssh\+git):/i.test(url) && url.includes('://')) return own
  const { identity, known_hosts: knownHosts } = secret.data
  if (identity === undefined)
    throw secret.invalid('has no "identity", which SSH needs: no key but the Secret\'s is used')
  const why = explainKey(identity)
  if (why !== undefined) throw secret.invalid(`has an "identity" that ${why}`)
  return { ...own, ...pick('identity', identity), ...pick('knownHosts', knownHosts), isExclusive }
}

function readUser({ data, invalid }: OpenSecret): Pick<RegistryAccess, 'credentials'> {
  // Whoever made the Secret with echo has a line break that belongs to nobody's password.
  const [username, password] = [data.username, data.password].map((text) =>
    text?.replace(/[\r\n]+$/, ''),
  )
  if (username === undefined && password === undefined) return {}
  if (username === undefined) throw invalid('has a "password" but no "username"')
  if (password === undefined) throw invalid('has a "username" but no "password"')
  return { credentials: { username, password } }
}

async function readDocker(
  parser: Parser,
  { invalid }: OpenSecret,
  { config, host }: { config: string; host: string },
): Promise<RegistryAccess> {
  const input = { text: config, registry: host }
  const { credentials, registries } = await parser.run('dockerConfig', input, {
    isLittle: isLittleJson(Buffer.from(config)),
    identity: () => digestText(config),
    refuse: (why) => invalid(`has a ".dockerconfigjson" that is not read: ${why}`),
  })
  if (credentials) return { credentials }
  const others = registries?.map((one) => `"${one.slice(0, longestHost)}"`)
  if (others === undefined) throw invalid('has a ".dockerconfigjson" that is no such thing')
  const instead = others.length > 0 ? `; it has those for ${others.join(', ')}` : ''
  throw invalid(`has no credentials for "${host}"${instead}`)
}

function readTls({ data, invalid }: OpenSecret): Pick<RegistryAccess, 'tls'> {
  const read = <Name extends string>(name: Name, ...keys: string[]): { [key in Name]?: string } => {
    const key = keys.find((one) => (data[one] ?? '') !== '')
    if (key === undefined) return {}
    if (/-----BEGIN [A-Z0-9 ]+-----/.test(data[key]!)) return pick(name, data[key])
    throw invalid(`has a "${key}" that is not PEM`)
  }
  const tls: TlsIdentity = {
    ...read('ca', 'ca.crt', 'caFile'),
    ...read('cert', 'tls.crt', 'certFile'),
    ...read('key', 'tls.key', 'keyFile'),
  }
  if (tls.cert !== undefined && tls.key === undefined)
    throw invalid('has a "tls.crt" but no "tls.key"')
  if (tls.key !== undefined && tls.cert === undefined)
    throw invalid('has a "tls.key" but no "tls.crt"')
  return Object.keys(tls).length > 0 ? { tls } : {}
}

// A password in the URL is one all the same, even an empty one, and must not reach git's arguments.
function ownAccess(url: string): GitAccess {
  if (!/^https?:\/\/[^/]*:[^/]*@/i.test(url)) return { url }
  const { username, password } = new URL(url)
  return {
    ...{ url: withoutUser(url), username: decodePercent(username) },
    password: decodePercent(password),
  }
}

// Of a user in the URL, git wants to know the password and no other user's: "https://example@dev.azure.com/example/charts".
function withoutUser(url: string): string {
  return url.replace(/^(https?:\/\/)[^/]*@/i, '$1')
}

function pick<Name extends string>(
  name: Name,
  value: string | undefined,
): { [key in Name]?: string } {
  return value === undefined || value === ''
    ? {}
    : ({ [name]: value } as { [key in Name]?: string })
}
