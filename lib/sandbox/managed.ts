// Who owns which field, after a write that was not a server-side apply? See apply.ts for those that are.
import {
  decodeFields,
  difference,
  encodeFields,
  fieldSet,
  fieldStep,
  isEmpty,
  noFields,
  union,
  without,
  type FieldSet,
} from './fieldset.ts'
import { isMap, type Schema } from './schema.ts'
import { compareFields, zeroValue, type Comparison } from './typed.ts'
import type { Obj, ResourceDefinition } from './types.ts'

export type Manager = {
  name: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  subresource: string
  // RFC 3339, whole seconds.
  time: string
  fields: FieldSet
  // How the fields are stored, if they came from there: who owns as much as before is not written anew.
  stored?: { fields: FieldSet; fieldsV1: unknown }
}

// Identity and bookkeeping belong to nobody.
const unowned = fieldSet([
  [fieldStep('apiVersion')],
  [fieldStep('kind')],
  [fieldStep('metadata')],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((name) => [fieldStep('metadata'), fieldStep(name)]),
])

/**
 * The object with metadata.managedFields as they are after a create, update or patch by `manager`. `after` is what will be
 * stored; entries that the client sent with it win over those of `before`, and a single empty entry takes all away.
 * `now` is in milliseconds.
 */
export function recordUpdate(write: {
  definition: ResourceDefinition
  before: Obj | undefined
  after: Obj
  manager: string
  subresource?: string | undefined
  now: number
}): Obj {
  const { definition, before, after, subresource = '' } = write
  const managers = managersBefore(before, after, subresource)
  // An object that lost all its managers is not tracked again before somebody applies it.
  if (before !== undefined && managers.length === 0) return withManagers(after, [])
  const changes = compareFor(definition, subresource, before ?? blankObject(definition), after)
  const changed = union(changes.added, changes.modified)
  const others = managers.map((one) => ({
    ...one,
    fields: difference(difference(one.fields, changed), changes.removed),
  }))
  const own: Manager = {
    name: write.manager,
    operation: 'Update',
    apiVersion: after.apiVersion,
    subresource,
    time: formatTime(write.now),
    fields: withoutUnowned(changed),
  }
  return withManagers(after, isEmpty(own.fields) ? others : withManager(others, own))
}

/** What a new object is compared with. */
export function blankObject(definition: ResourceDefinition): { [key: string]: unknown } {
  const zero = definition.custom ? {} : zeroValue(definition.schema as Schema | undefined)
  return { ...zero, metadata: {} }
}

/** The entries of an object; what cannot be read is as good as absent. */
export function readManagers(object: Obj | undefined): Manager[] {
  const entries = object?.metadata.managedFields
  return (Array.isArray(entries) ? entries : []).filter(isMap).flatMap((entry) => {
    const operation = entry['operation']
    if (operation !== 'Apply' && operation !== 'Update') return []
    const text = (name: string): string => (typeof entry[name] === 'string' ? entry[name] : '')
    const fieldsV1 = entry['fieldsV1']
    const fields = decodeFields(fieldsV1)
    return [
      {
        name: text('manager'),
        operation,
        apiVersion: text('apiVersion'),
        subresource: text('subresource'),
        time: text('time'),
        fields,
        stored: { fields, fieldsV1 },
      },
    ]
  })
}

/** The object with these entries, sorted as a server sorts them; entries that own nothing are left out. */
export function withManagers(object: Obj, managers: readonly Manager[]): Obj {
  const { managedFields: _, ...metadata } = object.metadata
  const entries = managers
    .filter(({ fields }) => !isEmpty(fields))
    .sort(
      (a, b) =>
        compareText(a.operation, b.operation) ||
        compareText(a.time, b.time) ||
        compareText(a.name, b.name) ||
        compareText(a.apiVersion, b.apiVersion) ||
        compareText(a.subresource, b.subresource),
    )
    .map(encodeManager)
  if (entries.length === 0) return { ...object, metadata }
  return { ...object, metadata: { ...metadata, managedFields: entries } }
}

function encodeManager(manager: Manager): { [key: string]: unknown } {
  const { fields, stored } = manager
  return {
    manager: manager.name,
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time !== '' && { time: manager.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: stored?.fields === fields ? stored.fieldsV1 : encodeFields(fields),
    ...(manager.subresource !== '' && { subresource: manager.subresource }),
  }
}

/** Are two entries about the same manager? One that applies may change its API version and stay the same. */
export function isSameManager(left: Manager, right: Manager): boolean {
  return (
    left.name === right.name &&
    left.operation === right.operation &&
    left.subresource === right.subresource &&
    (left.operation === 'Apply' || left.apiVersion === right.apiVersion)
  )
}

/** How the two objects differ, in what this kind of write may own. */
export function compareFor(
  definition: ResourceDefinition,
  subresource: string,
  before: unknown,
  after: unknown,
): Comparison {
  const { added, modified, removed } = compareFields(
    definition.schema as Schema | undefined,
    before,
    after,
  )
  const ignored = ignoredFields(definition, subresource)
  return {
    added: without(added, ignored),
    modified: without(modified, ignored),
    removed: without(removed, ignored),
  }
}

/** Fields that a write through this subresource leaves alone, so that it cannot own them. */
export function ignoredFields(
  { subresources, custom }: ResourceDefinition,
  subresource: string,
): FieldSet {
  if (subresource !== 'status')
    return subresources.includes('status') ? fieldSet([[fieldStep('status')]]) : noFields
  return fieldSet([[fieldStep('spec')], ...(custom ? [[fieldStep('metadata')]] : [])])
}

export function withoutUnowned(fields: FieldSet): FieldSet {
  return difference(fields, unowned)
}

/** Adds an entry, or what it owns to the entry of the same manager. */
function withManager(managers: readonly Manager[], own: Manager): Manager[] {
  const same = managers.find((one) => isSameManager(one, own))
  const merged = same ? { ...same, ...own, fields: union(same.fields, own.fields) } : own
  return [...managers.filter((one) => one !== same), merged]
}

export function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

// Clients that know nothing of managedFields send none, and must not take them away by that.
function managersBefore(before: Obj | undefined, after: Obj, subresource: string): Manager[] {
  const sent = after.metadata.managedFields
  if (subresource !== '' && before !== undefined) return readManagers(before)
  if (
    Array.isArray(sent) &&
    sent.length === 1 &&
    isMap(sent[0]) &&
    Object.keys(sent[0]).length === 0
  )
    return []
  if (sent === before?.metadata.managedFields) return readManagers(before)
  // As a client writes them, who knows in which order.
  const decoded = readManagers(after).map(({ stored: _, ...manager }) => manager)
  return decoded.length > 0 ? decoded : readManagers(before)
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
