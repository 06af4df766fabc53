// Questions about who somebody is and what they may do, answered by what authentication and RBAC would do themselves.
import { invalidValue } from '../../causes.ts'
import { badRequest, invalid, type Cause } from '../../status.ts'
import { StatusError, type Obj } from '../../types.ts'
import { timestamp, type World } from '../../world.ts'
import { issuer } from '../identity/account-token.ts'
import type { Attributes } from './attributes.ts'
import { identify } from '../identity/authenticate.ts'
import { authorize, describeMissing, rulesFor } from './authorize.ts'
import type { PolicyRule } from './rules.ts'
import { isSuperuser, type User } from '../identity/user.ts'

type Asked = { world: World; review: Obj; user: User; namespace: string | undefined }

/** The review with its answer; throws StatusError for one that asks nothing. */
export function answerReview(asked: Asked): Obj {
  switch (asked.review.kind) {
    case 'TokenReview':
      return reviewToken(asked)
    case 'SelfSubjectReview':
      return {
        ...asked.review,
        metadata: { ...asked.review.metadata, creationTimestamp: timestamp(asked.world) },
        status: { userInfo: userInfo(asked.user) },
      }
    case 'SelfSubjectRulesReview':
      return reviewRules(asked)
    case 'SelfSubjectAccessReview':
      return reviewAccess(asked, asked.user)
    default:
      return reviewAccess(asked, subjectOf(asked.review))
  }
}

function userInfo({ name, uid, groups, extra }: User): object {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups: [...groups] }),
    ...(extra === undefined ? {} : { extra }),
  }
}

function reviewToken({ world, review }: Asked): Obj {
  const spec = (review['spec'] ?? {}) as { token?: string; audiences?: string[] }
  if (!spec.token) throw badRequest('token is required for TokenReview in authentication')
  const holder = identify(world, spec.token, spec.audiences?.length ? spec.audiences : [issuer])
  const status =
    'error' in holder
      ? { user: {}, error: holder.error }
      : {
          authenticated: true,
          user: userInfo(holder.user),
          ...(holder.audiences.length === 0 ? {} : { audiences: [...holder.audiences] }),
        }
  return { ...review, status }
}

type AccessSpec = {
  user?: string
  uid?: string
  groups?: string[]
  extra?: Record<string, string[]>
  resourceAttributes?: Partial<Record<ResourceField, string>> | null
  nonResourceAttributes?: { path?: string; verb?: string } | null
}
type ResourceField = 'group' | 'resource' | 'subresource' | 'namespace' | 'name' | 'verb'

function subjectOf(review: Obj): User {
  const { user = '', uid, groups = [], extra } = (review['spec'] ?? {}) as AccessSpec
  return {
    ...{ name: user, groups },
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined ? {} : { extra }),
  }
}

function reviewAccess({ world, review, namespace }: Asked, user: User): Obj {
  const spec = (review['spec'] ?? {}) as AccessSpec
  const causes = accessCauses(review.kind, spec, namespace)
  if (causes.length > 0) throw invalidReview(causes)
  const { allowed, reason } = authorize(world, user, askedAttributes(spec))
  return { ...review, status: { allowed, ...(reason === '' ? {} : { reason }) } }
}

// The server does not say of which kind, because it has forgotten by then.
function invalidReview(causes: readonly Cause[]): StatusError {
  const { message, details } = invalid({ group: 'authorization.k8s.io', kind: '' }, '', causes)
  const { kind: _, ...rest } = details ?? {}
  return new StatusError(422, 'Invalid', message, rest)
}

function askedAttributes({ resourceAttributes, nonResourceAttributes }: AccessSpec): Attributes {
  if (!resourceAttributes)
    return {
      kind: 'path',
      verb: nonResourceAttributes?.verb ?? '',
      path: nonResourceAttributes?.path ?? '',
    }
  const { verb = '', group = '', resource = '', subresource = '' } = resourceAttributes
  const { namespace = '', name = '' } = resourceAttributes
  return { kind: 'resource', verb, group, resource, subresource, namespace, name }
}

function accessCauses(kind: string, spec: AccessSpec, namespace: string | undefined): Cause[] {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec
  const causes: Cause[] = []
  if (resource && path)
    causes.push(
      invalidValue(
        'spec.nonResourceAttributes',
        shownPath(path),
        'cannot be specified in combination with resourceAttributes',
      ),
    )
  if (!resource && !path)
    causes.push(
      invalidValue(
        'spec.resourceAttributes',
        null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    )
  if (kind !== 'SelfSubjectAccessReview' && !spec.user && !spec.groups?.length)
    causes.push(invalidValue('spec.user', '', 'at least one of user or group must be specified'))
  if (kind !== 'LocalSubjectAccessReview') return causes
  if (resource && resource.namespace !== namespace)
    causes.push(
      invalidValue(
        'spec.resourceAttributes.namespace',
        resource.namespace ?? '',
        'must match metadata.namespace',
      ),
    )
  if (path)
    causes.push(
      invalidValue(
        'spec.nonResourceAttributes',
        shownPath(path),
        'disallowed on this kind of request',
      ),
    )
  return causes
}

function shownPath({ path = '', verb = '' }: { path?: string; verb?: string }): object {
  return { Path: path, Verb: verb }
}

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

function reviewRules({ world, review, user }: Asked): Obj {
  const { namespace } = (review['spec'] ?? {}) as { namespace?: string }
  if (!namespace) throw badRequest('no namespace on request')
  const { rules, missing } = rulesFor(world, user, namespace)
  const error = describeMissing(missing)
  const all = [...(isSuperuser(user) ? everything : []), ...rules]
  const status = {
    resourceRules: all.filter(({ resources }) => (resources ?? []).length > 0),
    nonResourceRules: all.filter(({ nonResourceURLs }) => (nonResourceURLs ?? []).length > 0),
    incomplete: false,
    ...(error === '' ? {} : { evaluationError: error }),
  }
  return { ...review, spec: {}, status }
}
