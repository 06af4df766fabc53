// What does server-side apply make of an object: which fields merge, which go, who owns them, and who objects?
import {
  difference,
  intersection,
  isEmpty,
  noFields,
  readablePaths,
  union,
  without,
  type FieldSet,
} from './fieldset.ts'
import {
  blankObject,
  compareFor,
  formatTime,
  ignoredFields,
  isSameManager,
  readManagers,
  withManagers,
  withoutUnowned,
  type Manager,
} from './managed.ts'
import { isMap, type Schema } from './schema.ts'
import { compareFields, fieldSetOf, mergeTyped, pruneFields } from './typed.ts'
import { StatusError, type Json, type Obj, type ResourceDefinition } from './types.ts'

export type Apply = {
  definition: ResourceDefinition
  // Absent when the object is created.
  live: Obj | undefined
  applied: Obj
  manager: string
  force: boolean
  // Milliseconds since the epoch.
  now: number
  subresource?: string | undefined
}

type Conflict = { manager: Manager; fields: FieldSet }

/**
 * The object after `manager` applied its configuration, with its managedFields; not yet defaulted or validated. Throws
 * StatusError 409 with a FieldManagerConflict for each field that another manager owns with another value, unless forced.
 */
export function serverSideApply(request: Apply): Obj {
  const { definition, live, applied, subresource = '' } = request
  const schema = definition.schema as Schema | undefined
  if ((applied.metadata.managedFields ?? null) !== null)
    throw new StatusError(400, 'BadRequest', 'metadata.managedFields must be nil')
  const base = live ?? {
    apiVersion: applied.apiVersion,
    kind: applied.kind,
    metadata: { name: '' },
  }
  const { managedFields: _, ...metadata } = base.metadata
  const bare = { ...base, metadata }
  const claimed = without(fieldSetOf(schema, applied), ignoredFields(definition, subresource))
  const own: Manager = {
    name: request.manager,
    operation: 'Apply',
    apiVersion: applied.apiVersion,
    subresource,
    time: formatTime(request.now),
    fields: withoutUnowned(claimed),
  }
  const known = knownManagers(live, request)
  const before = known.find((one) => isSameManager(one, own))
  const others = known.filter((one) => one !== before)
  const merged = mergeTyped(schema, bare, applied)
  // The name is claimed too, so that metadata never goes with the last label.
  const managed = others.map(({ fields }) => fields).reduce(union, claimed)
  const last = before?.fields ?? noFields
  const object = isEmpty(last) ? merged : pruneFields(schema, merged, { last, managed })
  return settled(request, { bare, object: object as Obj, own, before, others })
}

// An object from before managedFields existed belongs, for conflicts, to whoever wrote it then.
function knownManagers(live: Obj | undefined, { definition }: Apply): Manager[] {
  const known = readManagers(live)
  if (live === undefined || known.length > 0) return known
  const { added, modified } = compareFor(definition, '', blankObject(definition), live)
  const fields = withoutUnowned(union(added, modified))
  const { apiVersion } = live
  const time = live.metadata.creationTimestamp ?? ''
  return [
    { name: 'before-first-apply', operation: 'Update', apiVersion, subresource: '', time, fields },
  ]
}

function settled(
  request: Apply,
  state: { bare: Obj; object: Obj; own: Manager; before: Manager | undefined; others: Manager[] },
): Obj {
  const { bare, object, own, before, others } = state
  const changes = compareFor(request.definition, own.subresource, bare, object)
  const changed = union(changes.added, changes.modified)
  const conflicts = others
    .map((manager) => ({ manager, fields: intersection(manager.fields, changed) }))
    .filter(({ fields }) => !isEmpty(fields))
  const refused = request.force ? [] : withoutLastApplied(request, conflicts)
  if (refused.length > 0) throw conflictError(refused)
  const remaining = others.map((one) => ({
    ...one,
    fields: difference(difference(one.fields, changed), changes.removed),
  }))
  // An apply that changes nothing leaves the time at which it last did.
  const isNoop = request.live !== undefined && isEmpty(union(changed, changes.removed))
  const time = isNoop && before !== undefined ? before.time : own.time
  return withManagers(object, [...remaining, { ...own, time }])
}

const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

// Who moves from `kubectl apply` to `kubectl apply --server-side` does not conflict with himself, where the object still is
// as he applied it.
function withoutLastApplied(request: Apply, conflicts: readonly Conflict[]): Conflict[] {
  const { live, manager, definition } = request
  const text = live?.metadata.annotations?.[lastAppliedAnnotation]
  if (manager !== 'kubectl' || text === undefined) return [...conflicts]
  const schema = definition.schema as Schema | undefined
  const last = parsed(text)
  const { added, modified, removed } = compareFields(schema, last, live)
  const changed = union(union(added, modified), removed)
  const allowed = difference(fieldSetOf(schema, last), changed)
  return conflicts
    .map((one) => ({ manager: one.manager, fields: difference(one.fields, allowed) }))
    .filter(({ fields }) => !isEmpty(fields))
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return isMap(value) ? value : {}
  } catch {
    return {}
  }
}

function conflictError(conflicts: readonly Conflict[]): StatusError {
  const found = conflicts
    .flatMap(({ manager, fields }) =>
      readablePaths(fields).map((field) => ({ field, with: describeManager(manager) })),
    )
    .sort((a, b) => (a.with < b.with ? -1 : a.with > b.with ? 1 : 0))
  const causes: Json[] = found.map((one) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${one.with}`,
    field: one.field,
  }))
  const message = `Apply failed with ${found.length} conflict${found.length === 1 ? '' : 's'}: ${sentence(found)}`
  return new StatusError(409, 'Conflict', message, { causes })
}

function describeManager({ name, operation, apiVersion, subresource }: Manager): string {
  const where = subresource === '' ? '' : ` with subresource "${subresource}"`
  return `"${name}"${where}${operation === 'Update' ? ` using ${apiVersion}` : ''}`
}

function sentence(found: readonly { field: string; with: string }[]): string {
  if (found.length === 1) return `conflict with ${found[0]!.with}: ${found[0]!.field}`
  const groups = new Map<string, string[]>()
  for (const one of found) groups.set(one.with, [...(groups.get(one.with) ?? []), one.field])
  return [...groups]
    .map(
      ([who, fields]) =>
        `conflicts with ${who}:\n${fields.map((field) => `- ${field}`).join('\n')}`,
    )
    .join('\n')
}
