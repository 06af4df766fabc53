// One stored object, several API versions: how it looks in the version that was asked for, and how it is kept.
import type { Obj, ResourceDefinition } from './types.ts'
import { asFirstVersion, asSecondVersion } from './autoscalers.ts'
import { apiVersionOf } from './names.ts'

/** The stored object as this version of its kind shows it. */
export function inVersion(definition: ResourceDefinition, stored: Obj): Obj {
  const apiVersion = apiVersionOf(definition)
  if (stored.apiVersion === apiVersion && stored.kind === definition.kind) return stored
  const { apiVersion: _, kind: __, ...rest } = stored
  const object = { apiVersion, kind: definition.kind, ...rest } as Obj
  if (definition.custom) return object
  if (definition.group === 'events.k8s.io') return renamed(object, eventFields)
  return apiVersion === 'autoscaling/v1' ? asFirstVersion(object) : object
}

/** The object as the store keeps it: built-in kinds in their richest version, custom ones as they were written. */
export function toStorage(definition: ResourceDefinition, object: Obj): Obj {
  if (definition.custom) return object
  if (definition.group === 'autoscaling' && definition.version === 'v1')
    return asSecondVersion({ ...object, apiVersion: 'autoscaling/v2' })
  if (definition.group !== 'events.k8s.io') return object
  const back = Object.fromEntries(Object.entries(eventFields).map(([core, own]) => [own, core]))
  return renamed({ ...object, apiVersion: 'v1' }, back)
}

// core/v1 to events.k8s.io/v1
const eventFields: Record<string, string> = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
}

function renamed(object: Obj, names: Record<string, string>): Obj {
  return Object.fromEntries(
    Object.entries(object).map(([field, value]) => [names[field] ?? field, value]),
  ) as Obj
}
