// TokenRequest: a token for a service account, for some time, some audiences and perhaps only as long as an object lives.
import { invalidValue } from '../../causes.ts'
import { badRequest, conflict, invalid, notFound, type Cause } from '../../status.ts'
import type { Obj } from '../../types.ts'
import { timestamp, type World } from '../../world.ts'
import { accountClaims, issuer, type BoundObject } from './account-token.ts'

type Reference = { kind?: string; apiVersion?: string; name?: string; uid?: string }
type Spec = {
  expirationSeconds?: number
  audiences?: string[] | null
  boundObjectRef?: Reference | null
}

const group = 'authentication.k8s.io'
const hour = 3600

/** The TokenRequest with a token in its status; throws StatusError for one that cannot be granted. */
export function issueToken(world: World, account: Obj, request: Obj): Obj {
  const { namespace, name, uid } = account.metadata
  const spec = (request['spec'] ?? {}) as Spec
  const seconds = spec.expirationSeconds ?? hour
  const audiences = spec.audiences?.length ? spec.audiences : [issuer]
  checkIdentity(request, account)
  const causes = lifetimeCauses(seconds)
  if (causes.length > 0) throw invalid({ group, kind: 'TokenRequest' }, '', causes)
  const bound = spec.boundObjectRef ? boundTo(world, account, spec.boundObjectRef) : undefined
  const claims = accountClaims(world, account, {
    ...{ seconds, audiences },
    ...(bound === undefined ? {} : { bound }),
  })
  return {
    ...request,
    apiVersion: `${group}/v1`,
    kind: 'TokenRequest',
    metadata: { ...request.metadata, name, namespace, uid, creationTimestamp: timestamp(world) },
    spec: {
      ...spec,
      audiences,
      expirationSeconds: seconds,
      boundObjectRef: spec.boundObjectRef ?? null,
    },
    status: {
      token: world.credentials.signer.sign(claims),
      expirationTimestamp: timestamp(world, seconds * 1000),
    },
  } as Obj
}

function checkIdentity({ metadata: sent }: Obj, { metadata: account }: Obj): void {
  const wrong = (field: 'name' | 'namespace'): Cause =>
    invalidValue(
      `metadata.${field}`,
      sent[field],
      `must match the service account ${field} if specified`,
    )
  for (const field of ['name', 'namespace'] as const)
    if (sent[field] && sent[field] !== account[field])
      throw invalid({ group, kind: 'TokenRequest' }, account.name, [wrong(field)])
  if (sent.uid && sent.uid !== account.uid)
    throw conflict(
      { group, plural: 'TokenRequest' },
      account.name,
      `the UID in the token request (${sent.uid}) does not match the UID of the service account (${account.uid})`,
    )
}

function lifetimeCauses(seconds: number): Cause[] {
  const field = 'spec.expirationSeconds'
  if (seconds < 600)
    return [invalidValue(field, seconds, 'may not specify a duration less than 10 minutes')]
  return seconds > 2 ** 32
    ? [invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
    : []
}

function boundTo(world: World, account: Obj, ref: Reference): BoundObject {
  const { apiVersion = '', kind = '', name = '' } = ref
  const plural = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }[kind]
  if (apiVersion !== 'v1' || plural === undefined)
    throw badRequest(`cannot bind token to object of type ${typeText(apiVersion, kind)}`)
  const definition = world.registry.resolve(plural)!
  const within = kind === 'Node' ? undefined : account.metadata.namespace
  const object = world.store.collection(definition).get(within, name)
  if (object === undefined) throw notFound(definition, name)
  const spec = (object['spec'] ?? {}) as { serviceAccountName?: string; nodeName?: string }
  if (kind === 'Pod' && spec.serviceAccountName !== account.metadata.name)
    throw badRequest(
      `cannot bind token for serviceaccount "${account.metadata.name}" to pod running with different serviceaccount name.`,
    )
  if (ref.uid && ref.uid !== object.metadata.uid)
    throw conflict(
      { group: '', plural: kind },
      name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  const node = kind === 'Pod' ? nodeNamed(world, spec.nodeName) : undefined
  return { kind: kind as BoundObject['kind'], object, node }
}

function nodeNamed(world: World, name: string | undefined): Obj | undefined {
  if (!name) return undefined
  const found = world.store.collection(world.registry.resolve('nodes')!).get(undefined, name)
  return found ?? { apiVersion: 'v1', kind: 'Node', metadata: { name } }
}

function typeText(apiVersion: string, kind: string): string {
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`
}
