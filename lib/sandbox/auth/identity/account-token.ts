// Tokens of service accounts: what they claim, and whether that still holds.
import { Buffer } from 'node:buffer'
import type { Obj } from '../../types.ts'
import { newUid, type World } from '../../world.ts'
import { isMap, type JsonMap } from '../../schema.ts'
import type { Claims } from './jwt.ts'
import { accountGroups, accountUsername, allAuthenticated, type User } from './user.ts'

export const issuer = 'https://kubernetes.default.svc'
export const legacyIssuer = 'kubernetes/serviceaccount'
const legacy = 'kubernetes.io/serviceaccount/'

export type BoundObject = { kind: 'Pod' | 'Secret' | 'Node'; object: Obj; node?: Obj | undefined }

/** The claims of a token for this account, issued now. */
export function accountClaims(
  world: World,
  account: Obj,
  { seconds, audiences, bound }: { seconds: number; audiences: string[]; bound?: BoundObject },
): Claims {
  const { namespace = '', name, uid } = account.metadata
  const now = Math.floor(world.clock.now() / 1000)
  return {
    aud: audiences,
    exp: now + seconds,
    iat: now,
    iss: issuer,
    jti: newUid(world.random),
    'kubernetes.io': { namespace, ...boundClaims(bound), serviceaccount: { name, uid } },
    nbf: now,
    sub: accountUsername({ namespace, name }),
  }
}

function boundClaims(bound: BoundObject | undefined): object {
  if (bound === undefined) return {}
  const { kind, object, node } = bound
  return {
    ...(node === undefined ? {} : { node: referenceTo(node) }),
    [kind.toLowerCase()]: referenceTo(object),
  }
}

function referenceTo({ metadata: { name, uid } }: Obj): object {
  return { name, ...(uid === undefined ? {} : { uid }) }
}

/** The claims of the token in a Secret of type kubernetes.io/service-account-token, which never ends. */
export function legacyClaims(account: Obj, secret: Obj): Claims {
  const { namespace = '', name, uid } = account.metadata
  return {
    iss: legacyIssuer,
    [`${legacy}namespace`]: namespace,
    [`${legacy}secret.name`]: secret.metadata.name,
    [`${legacy}service-account.name`]: name,
    [`${legacy}service-account.uid`]: uid,
    sub: accountUsername({ namespace, name }),
  }
}

export type Holder = { user: User; audiences: readonly string[] } | { error: string }

/** Whose token has these claims, if they still hold for one of the audiences; else what is wrong with it. */
export function holderOf(
  world: World,
  claims: Claims,
  token: string,
  wanted: readonly string[],
): Holder {
  if (claims['iss'] === legacyIssuer) return legacyHolder(world, claims, token, wanted)
  const audiences = asTexts(claims['aud']).filter((one) => wanted.includes(one))
  if (audiences.length === 0)
    return {
      error: `token audiences ${shown(asTexts(claims['aud']))} is invalid for the target audiences ${shown(wanted)}`,
    }
  const error = timeError(world, claims)
  if (error !== undefined) return { error }
  const kube = mapOf(claims['kubernetes.io'])
  const namespace = String(kube['namespace'] ?? '')
  const account = mapOf(kube['serviceaccount'])
  const found = find(world, 'serviceaccounts', namespace, account)
  if (typeof found === 'string') return { error: found }
  const node = mapOf(kube['node'])
  for (const [plural, reference, within] of [
    ['secrets', mapOf(kube['secret']), namespace],
    ['pods', mapOf(kube['pod']), namespace],
    ['nodes', kube['pod'] === undefined ? node : {}, undefined],
  ] as const) {
    if (reference['name'] === undefined) continue
    if (typeof find(world, plural, within, reference) === 'string')
      return { error: 'service account token has been invalidated' }
  }
  return { user: userOf(found, extraOf(claims, kube)), audiences }
}

function shown(audiences: readonly string[]): string {
  return `[${audiences.map((one) => JSON.stringify(one)).join(' ')}]`
}

// Clocks may differ by a minute.
const leewaySeconds = 60

function timeError(world: World, { exp, nbf }: Claims): string | undefined {
  const now = world.clock.now() / 1000
  if (typeof exp !== 'number' || now > exp + leewaySeconds)
    return 'service account token has expired'
  const isEarly = typeof nbf === 'number' && now < nbf - leewaySeconds
  return isEarly ? 'service account token is not valid yet' : undefined
}

// The object, or why the token that names it is no longer good.
function find(
  world: World,
  plural: string,
  namespace: string | undefined,
  { name, uid }: JsonMap,
): Obj | string {
  const definition = world.registry.resolve(plural)!
  const found = world.store.collection(definition).get(namespace, String(name))
  if (found === undefined) return `${plural} "${String(name)}" not found`
  if (found.metadata.uid === uid && found.metadata.deletionTimestamp === undefined) return found
  return `service account UID (${found.metadata.uid}) does not match claim (${String(uid)})`
}

function legacyHolder(
  world: World,
  claims: Claims,
  token: string,
  wanted: readonly string[],
): Holder {
  const claim = (name: string): string => String(claims[`${legacy}${name}`] ?? '')
  const namespace = claim('namespace')
  const secret = world.store
    .collection(world.registry.resolve('secrets')!)
    .get(namespace, claim('secret.name'))
  const data = mapOf(secret?.['data'])
  if (data['token'] !== Buffer.from(token).toString('base64'))
    return { error: 'service account token has been invalidated' }
  const reference = { name: claim('service-account.name'), uid: claim('service-account.uid') }
  const found = find(world, 'serviceaccounts', namespace, reference)
  if (typeof found === 'string') return { error: found }
  // Such tokens name no audience: they are for the API server.
  const audiences = wanted.filter((one) => one === issuer)
  return audiences.length === 0
    ? { error: `token audiences [] is invalid for the target audiences ${shown(wanted)}` }
    : { user: userOf(found, undefined), audiences }
}

function userOf({ metadata }: Obj, extra: User['extra']): User {
  const { namespace = '', name, uid } = metadata
  return {
    name: accountUsername({ namespace, name }),
    ...(uid === undefined ? {} : { uid }),
    groups: [...accountGroups(namespace), allAuthenticated],
    ...(extra === undefined ? {} : { extra }),
  }
}

const extraKey = 'authentication.kubernetes.io/'

function extraOf({ jti }: Claims, kube: JsonMap): User['extra'] {
  const [pod, node] = [mapOf(kube['pod']), mapOf(kube['node'])]
  const entries = [
    ['credential-id', `JTI=${String(jti)}`],
    ['node-name', node['name']],
    ['node-uid', node['uid']],
    ['pod-name', pod['name']],
    ['pod-uid', pod['uid']],
  ] as const
  return Object.fromEntries(
    entries.flatMap(([key, value]) =>
      value === undefined ? [] : [[`${extraKey}${key}`, [String(value)]]],
    ),
  )
}

function asTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function mapOf(value: unknown): JsonMap {
  return isMap(value) ? value : {}
}
