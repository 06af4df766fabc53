// May this user do that? Answered from the Roles, ClusterRoles and their bindings in the store, at every question anew.
import { notFound } from '../../status.ts'
import { StatusError, type Obj, type ResourceDefinition } from '../../types.ts'
import type { World } from '../../world.ts'
import { forbiddenTo, type Attributes } from './attributes.ts'
import { ruleAllows, type PolicyRule } from './rules.ts'
import { accountOf, isSuperuser, type User } from '../identity/user.ts'

export type Decision = { allowed: boolean; reason: string }
export type RoleRef = { apiGroup?: string; kind?: string; name?: string }
type Subject = { kind?: string; name?: string; namespace?: string }
type Binding = Obj & { roleRef?: RoleRef; subjects?: Subject[] }

// Rules that hold for a user, with the binding that brings them; or the role that a binding names and that is not there.
type Grant = { rules: readonly PolicyRule[]; source: () => string } | { missing: RoleRef }

export const rbacGroup = 'rbac.authorization.k8s.io'

/** Decides on one request. The reason names the binding that allows it, or the bindings that lead nowhere. */
export function authorize(world: World, user: User, attributes: Attributes): Decision {
  if (isSuperuser(user)) return { allowed: true, reason: '' }
  const missing: RoleRef[] = []
  const namespace = attributes.kind === 'resource' ? attributes.namespace : ''
  for (const grant of grantsOf(world, user, namespace)) {
    if ('missing' in grant) missing.push(grant.missing)
    else if (grant.rules.some((rule) => ruleAllows(rule, attributes)))
      return { allowed: true, reason: `RBAC: allowed by ${grant.source()}` }
  }
  const error = describeMissing(missing)
  return { allowed: false, reason: error === '' ? '' : `RBAC: ${error}` }
}

/** Throws StatusError 403 unless the user may do this. */
export function checkAllowed(world: World, user: User, attributes: Attributes): void {
  const { allowed, reason } = authorize(world, user, attributes)
  if (!allowed) throw forbiddenTo(user, attributes, reason)
}

/** Every rule that holds for the user in the namespace, or in the whole cluster where it is empty; and the roles that are missing. */
export function rulesFor(
  world: World,
  user: User,
  namespace: string,
): { rules: PolicyRule[]; missing: RoleRef[] } {
  const rules: PolicyRule[] = []
  const missing: RoleRef[] = []
  for (const grant of grantsOf(world, user, namespace))
    if ('missing' in grant) missing.push(grant.missing)
    else rules.push(...grant.rules)
  return { rules, missing }
}

/** Says which roles are not there; empty when none is missing. The server is not of one mind what to call their resource. */
export function describeMissing(
  missing: readonly RoleRef[],
  resourceOf: (ref: RoleRef) => string = ({ kind }) => (kind === 'Role' ? 'role' : 'clusterrole'),
): string {
  const sentences = missing.map((ref) => {
    return `${resourceOf(ref)}.${rbacGroup} ${JSON.stringify(ref.name ?? '')} not found`
  })
  const different = [...new Set(sentences)]
  return different.length > 1 ? `[${different.join(', ')}]` : (different[0] ?? '')
}

function* grantsOf(world: World, user: User, namespace: string): Generator<Grant> {
  yield* bound(world, user, 'clusterrolebindings', undefined)
  if (namespace !== '') yield* bound(world, user, 'rolebindings', namespace)
}

function* bound(
  world: World,
  user: User,
  plural: string,
  namespace: string | undefined,
): Generator<Grant> {
  const definition = world.registry.resolve(`${plural}.${rbacGroup}`)!
  const collection = world.store.collection(definition)
  for (const key of collection.keys(namespace)) {
    const binding = collection.at(key) as Binding
    const subject = binding.subjects?.find((one) => isSubject(user, one, namespace ?? ''))
    if (subject === undefined) continue
    const ref = binding.roleRef ?? {}
    const rules = readRules(world, ref, namespace)
    yield rules === undefined
      ? { missing: ref }
      : { rules, source: () => describeBinding(binding, subject) }
  }
}

function isSubject(user: User, subject: Subject, namespace: string): boolean {
  const { kind, name = '' } = subject
  if (kind === 'User') return user.name === name
  if (kind === 'Group') return user.groups.includes(name)
  if (kind !== 'ServiceAccount') return false
  const account = accountOf(user.name)
  return account?.name === name && account.namespace === (subject.namespace || namespace)
}

function readRules(
  world: World,
  { kind, name = '' }: RoleRef,
  namespace: string | undefined,
): readonly PolicyRule[] | undefined {
  const isRole = kind === 'Role'
  const definition = world.registry.resolve(`${isRole ? 'roles' : 'clusterroles'}.${rbacGroup}`)!
  const role = world.store.collection(definition).get(isRole ? namespace : undefined, name)
  return role === undefined ? undefined : rulesOf(role)
}

/** The rules of a Role or ClusterRole. */
export function rulesOf(role: Obj): readonly PolicyRule[] {
  return (role['rules'] ?? []) as PolicyRule[]
}

/**
 * The rules of the role that a binding in this namespace refers to. Throws StatusError 404 when there is none, in which the
 * server names the binding's resource.
 */
export function referredRules(
  world: World,
  binding: ResourceDefinition,
  ref: RoleRef,
  namespace: string | undefined,
): readonly PolicyRule[] {
  const { kind = '', name = '' } = ref
  if (kind !== 'Role' && kind !== 'ClusterRole')
    throw new StatusError(500, '', `unsupported role reference kind: ${JSON.stringify(kind)}`)
  const rules = readRules(world, ref, namespace)
  if (rules === undefined) throw notFound(binding, name)
  return rules
}

function describeBinding({ kind, metadata, roleRef }: Binding, subject: Subject): string {
  const { name, namespace } = metadata
  const which = namespace === undefined ? name : `${name}/${namespace}`
  const role = `${roleRef?.kind} "${roleRef?.name}"`
  const who =
    subject.kind === 'ServiceAccount'
      ? `${subject.name}/${subject.namespace || (namespace ?? '')}`
      : subject.name
  return `${kind} "${which}" of ${role} to ${subject.kind} "${who}"`
}
