// Which fields of the built-in kinds can never change, or only in part? What people see as "field is immutable".
import { forbiddenValue, invalidValue } from './causes.ts'
import { equalJson } from './equal.ts'
import { at, mapsAt } from './reading.ts'
import type { Cause } from './status.ts'
import type { Obj, ResourceDefinition } from './types.ts'
import { claimUpdateCauses } from './updates/claims.ts'
import { jobUpdateCauses } from './updates/jobs.ts'
import { podUpdateCauses } from './updates/pods.ts'

type Spec = { [field: string]: unknown }

// Paths below the object, by "group/plural".
const immutable: Record<string, readonly string[]> = {
  'apps/deployments': ['spec.selector'],
  'apps/replicasets': ['spec.selector'],
  'apps/daemonsets': ['spec.selector'],
  'storage.k8s.io/storageclasses': [
    'provisioner',
    'parameters',
    'reclaimPolicy',
    'volumeBindingMode',
  ],
  'scheduling.k8s.io/priorityclasses': ['value', 'preemptionPolicy'],
  'apiextensions.k8s.io/customresourcedefinitions': ['spec.group', 'spec.names.plural'],
  '/secrets': ['type'],
}

/** What an update changes that its kind does not let change. */
export function checkImmutable(
  { custom, group, plural }: ResourceDefinition,
  before: Obj,
  after: Obj,
  subresource?: string,
): Cause[] {
  if (custom) return []
  const causes = (immutable[`${group}/${plural}`] ?? []).flatMap((path) => {
    const value = at(after, path)
    return equalJson(at(before, path), value) ? [] : [invalidValue(path, value, immutableField)]
  })
  const rule = rules[`${group}/${plural}`]
  return rule === undefined ? causes : [...causes, ...rule(before, after, subresource)]
}

const immutableField = 'field is immutable'

type Rule = (before: Obj, after: Obj, subresource: string | undefined) => Cause[]

const rules: Record<string, Rule> = {
  'apps/statefulsets': checkStatefulSet,
  '/configmaps': checkFrozen,
  '/secrets': checkFrozen,
  '/services': checkService,
  '/persistentvolumeclaims': claimUpdateCauses,
  '/pods': podUpdateCauses,
  'batch/jobs': jobUpdateCauses,
  'apiextensions.k8s.io/customresourcedefinitions': checkEstablished,
  'rbac.authorization.k8s.io/rolebindings': checkRoleRef,
  'rbac.authorization.k8s.io/clusterrolebindings': checkRoleRef,
}

// What is served cannot be served otherwise: its objects are stored under these names.
function checkEstablished(before: Obj, after: Obj): Cause[] {
  const conditions = mapsAt(before, 'status.conditions')
  const isServed = conditions.some(
    ({ type, status }) => type === 'Established' && status === 'True',
  )
  return ['spec.scope', 'spec.names.kind'].flatMap((path) =>
    isServed && !equalJson(at(before, path), at(after, path))
      ? [invalidValue(path, at(after, path), immutableField)]
      : [],
  )
}

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

function checkStatefulSet(before: Obj, after: Obj): Cause[] {
  if (equalJson(without(before, changeable), without(after, changeable))) return []
  const names =
    "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'"
  return [
    forbiddenValue(
      'spec',
      `updates to statefulset spec for fields other than ${names} are forbidden`,
    ),
  ]
}

function without({ spec }: Obj, fields: readonly string[]): Spec {
  const rest = { ...(spec as Spec) }
  for (const field of fields) delete rest[field]
  return rest
}

function checkFrozen(before: Obj, after: Obj): Cause[] {
  if (before['immutable'] !== true) return []
  const causes: Cause[] = []
  if (after['immutable'] !== true) causes.push(frozen('immutable'))
  for (const field of ['data', 'binaryData'])
    if (!equalJson(before[field], after[field])) causes.push(frozen(field))
  return causes
}

function frozen(field: string): Cause {
  return forbiddenValue(field, 'field is immutable when `immutable` is set')
}

function checkService(before: Obj, after: Obj): Cause[] {
  const [old, now] = [before['spec'] as Spec, after['spec'] as Spec]
  const stays = old['type'] !== 'ExternalName' && now['type'] !== 'ExternalName'
  if (!stays || !old['clusterIP'] || old['clusterIP'] === now['clusterIP']) return []
  return [invalidValue('spec.clusterIPs[0]', [now['clusterIP']], 'may not change once set')]
}

function checkRoleRef(before: Obj, after: Obj): Cause[] {
  const ref = after['roleRef'] as Spec
  if (equalJson(before['roleRef'], ref)) return []
  // The server shows the struct by the names it has in Go.
  const shown = { APIGroup: ref['apiGroup'], Kind: ref['kind'], Name: ref['name'] }
  return [invalidValue('roleRef', shown, 'cannot change roleRef')]
}
