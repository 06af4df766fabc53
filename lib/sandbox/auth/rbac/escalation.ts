// Nobody grants what they do not have: the check before a Role, a ClusterRole or a binding is written.
import { equalJson } from '../../equal.ts'
import { forbidden } from '../../status.ts'
import type { Obj, ResourceDefinition } from '../../types.ts'
import { withMeta, type World } from '../../world.ts'
import type { ResourceAttributes } from './attributes.ts'
import {
  authorize,
  describeMissing,
  rbacGroup,
  referredRules,
  rulesFor,
  rulesOf,
  type RoleRef,
} from './authorize.ts'
import { describeList, describeRules, missingRules, type PolicyRule } from './rules.ts'
import { isSuperuser, type Caller, type User } from '../identity/user.ts'

export type GrantingWrite = {
  definition: ResourceDefinition
  namespace: string | undefined
  before: Obj | undefined
  after: Obj
}

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** Throws StatusError 403 when the write would give somebody more than its author has. */
export function refuseEscalation(world: World, write: GrantingWrite, caller: Caller): void {
  const { group, plural, custom } = write.definition
  if (custom || group !== rbacGroup || isSuperuser(caller.user)) return
  if (write.before !== undefined && isReleaseOnly(write.before, write.after)) return
  if (plural === 'roles' || plural === 'clusterroles') checkRole(world, write, caller)
  else checkBinding(world, write, caller)
}

function checkRole(world: World, write: GrantingWrite, { user, name }: Caller): void {
  const { definition, namespace = '', before, after } = write
  const asked = { resource: definition.plural, namespace, name }
  if (may(world, user, 'escalate', asked)) return
  checkHeld(world, write, user, rulesOf(after))
  const aggregates = [before, after].some((role) => hasAggregation(role))
  // Whatever is labelled so in future flows into such a role.
  if (!aggregates || missingRules(rulesFor(world, user, '').rules, everything).length === 0) return
  const why = 'must have cluster-admin privileges to use the aggregationRule'
  throw forbidden(definition, after.metadata.name, why)
}

function hasAggregation(role: Obj | undefined): boolean {
  const rule = role?.['aggregationRule'] as { clusterRoleSelectors?: unknown[] } | undefined
  return (rule?.clusterRoleSelectors ?? []).length > 0
}

function checkBinding(world: World, write: GrantingWrite, { user }: Caller): void {
  const { namespace, after } = write
  const ref = (after['roleRef'] ?? {}) as RoleRef
  const resource = ref.kind === 'Role' ? 'roles' : 'clusterroles'
  const asked = { resource, namespace: namespace ?? '', name: ref.name ?? '' }
  if (may(world, user, 'bind', asked)) return
  checkHeld(world, write, user, referredRules(world, write.definition, ref, namespace))
}

function may(
  world: World,
  user: User,
  verb: string,
  asked: Pick<ResourceAttributes, 'resource' | 'namespace' | 'name'>,
): boolean {
  const attributes = {
    kind: 'resource',
    verb,
    group: rbacGroup,
    subresource: '',
    ...asked,
  } as const
  return authorize(world, user, attributes).allowed
}

function checkHeld(
  world: World,
  { definition, namespace = '', after }: GrantingWrite,
  user: User,
  granted: readonly PolicyRule[],
): void {
  const held = rulesFor(world, user, namespace)
  const lacking = missingRules(held.rules, granted)
  if (lacking.length === 0) return
  const who = `user ${JSON.stringify(user.name)} (groups=${describeList(user.groups)})`
  const what = `${who} is attempting to grant RBAC permissions not currently held:\n${describeRules(lacking).join('\n')}`
  const error = describeMissing(held.missing, () => definition.plural)
  const why = error === '' ? what : `${what}; resolution errors: [${error}]`
  throw forbidden(definition, after.metadata.name, why)
}

// Taking away an owner or a finalizer lets an object go; that grants nothing.
function isReleaseOnly(before: Obj, after: Obj): boolean {
  const rest = (object: Obj): Obj =>
    withMeta(object, {
      ...{ ownerReferences: undefined, finalizers: undefined, managedFields: undefined },
      ...{ resourceVersion: undefined, generation: undefined },
    })
  return equalJson(rest(before), rest(after))
}
