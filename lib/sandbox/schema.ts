// How to read an OpenAPI schema node: its parts, and how its lists and structs merge.
import type { Json } from './types.ts'

export type Schema = { [key: string]: Json }
export type JsonMap = { [key: string]: unknown }

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The schema of one member of an object: a property's own, or that of all additional ones. */
export function memberSchema(schema: Schema | undefined, name: string): Schema | undefined {
  const properties = schema?.['properties']
  if (isMap(properties) && Object.hasOwn(properties, name)) return properties[name] as Schema
  const additional = schema?.['additionalProperties']
  return isMap(additional) ? (additional as Schema) : undefined
}

export function itemSchema(schema: Schema | undefined): Schema | undefined {
  const items = schema?.['items']
  return isMap(items) ? (items as Schema) : undefined
}

/** Are members that no property names allowed? Everything is where there is no schema. */
export function allowsUnknown(schema: Schema | undefined): boolean {
  if (schema === undefined || schema['x-kubernetes-preserve-unknown-fields'] === true) return true
  return schema['additionalProperties'] !== undefined && schema['additionalProperties'] !== false
}

type ListType = { kind: 'atomic' } | { kind: 'set' } | { kind: 'map'; keys: readonly string[] }

/** How server-side apply merges a list; atomic unless told otherwise. */
export function listType(schema: Schema | undefined): ListType {
  const kind = schema?.['x-kubernetes-list-type']
  if (kind === 'set') return { kind }
  if (kind !== 'map') return { kind: 'atomic' }
  return { kind, keys: (schema?.['x-kubernetes-list-map-keys'] ?? []) as string[] }
}

/** Is an object one value to server-side apply, owned as a whole? */
export function isAtomicMap(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-map-type'] === 'atomic'
}

/** The values that identify an item of a map list; a key that is absent has its default, one that is null has not. */
export function itemKeys(
  schema: Schema | undefined,
  keys: readonly string[],
  item: JsonMap,
): JsonMap {
  const found: JsonMap = {}
  for (const key of keys) {
    const value = item[key] === undefined ? memberSchema(schema, key)?.['default'] : item[key]
    if (value !== undefined) found[key] = value
  }
  return found
}

/** Children of a path as the API server writes them: "spec.ports[0].name". */
export function childPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

// A plain assignment to "__proto__" would change the prototype instead of adding a member.
export function setMember(map: JsonMap, name: string, value: unknown): void {
  Object.defineProperty(map, name, { value, enumerable: true, writable: true, configurable: true })
}
