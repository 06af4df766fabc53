// What a kind means beyond its place in the store: defaults, validation, field ownership.
import type { Cause } from './status.ts'
import type { Json, Obj, ResourceDefinition } from './types.ts'
import type { World, WriteOptions } from './world.ts'

export function applyDefaultsOf(_world: World, _definition: ResourceDefinition, object: Obj): Obj {
  return object
}

export function validateObject(
  _definition: ResourceDefinition,
  _object: Obj,
  _before: Obj | undefined,
): Cause[] {
  return []
}

export function recordManager(
  _world: World,
  _definition: ResourceDefinition,
  _before: Obj | undefined,
  after: Obj,
  _options: WriteOptions,
): Obj {
  return after
}

export function unknownFieldsOf(_definition: ResourceDefinition, _object: Obj): string[] {
  return []
}

export function applyJson(current: Obj, _ops: unknown[]): unknown {
  return current
}

export function applyMerge(current: Obj, patch: object): unknown {
  return mergePatch(current, patch)
}

export function applyStrategic(
  _definition: ResourceDefinition,
  current: Obj,
  patch: object,
): unknown {
  return mergePatch(current, patch)
}

function mergePatch(current: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result: Record<string, unknown> =
    typeof current === 'object' && current !== null && !Array.isArray(current) ? { ...current } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  }
  return result
}

export function applyOwned(
  _world: World,
  {
    live,
    applied,
  }: {
    definition: ResourceDefinition
    live: Obj | undefined
    applied: Obj
    manager: string
    force: boolean
    subresource: string | undefined
  },
): Obj {
  return live === undefined ? applied : (mergePatch(live, applied) as Obj)
}

export function toTable(options: {
  definition: ResourceDefinition
  objects: readonly Obj[]
  includeObject: string
  now: number
}): { [key: string]: Json } {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 },
      { name: 'Created At', type: 'date', format: '', description: '', priority: 0 },
    ],
    rows: options.objects.map((object) => ({
      cells: [object.metadata.name, object.metadata.creationTimestamp ?? ''],
      object: {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: object.metadata as unknown as Json,
      },
    })),
  }
}
