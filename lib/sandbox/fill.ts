// What does an OpenAPI schema leave of a value, and what does it add: without which fields, with which defaults?
import {
  allowsUnknown,
  childPath,
  isMap,
  itemSchema,
  memberSchema,
  setMember,
  type JsonMap,
  type Schema,
} from './schema.ts'

/** The value without the fields that its schema does not know. The argument is not changed. */
export function prune<T>(schema: Schema | undefined, value: T): T {
  return pruned(schema, value, '', () => undefined) as T
}

/** Paths of the fields that prune() drops, such as "spec.ports[0].bogus". */
export function unknownFields(schema: Schema | undefined, value: unknown): string[] {
  const unknown: string[] = []
  pruned(schema, value, '', (path) => unknown.push(path))
  return unknown
}

function pruned(
  schema: Schema | undefined,
  value: unknown,
  path: string,
  drop: (path: string) => void,
): unknown {
  if (schema === undefined) return value
  if (Array.isArray(value)) {
    const items = itemSchema(schema)
    return value.map((item, index) => pruned(items, item, `${path}[${index}]`, drop))
  }
  if (!isMap(value)) return value
  const kept: JsonMap = {}
  for (const [name, member] of Object.entries(value)) {
    const known = memberSchema(schema, name)
    const at = childPath(path, name)
    if (known !== undefined || allowsUnknown(schema))
      setMember(kept, name, pruned(known, member, at, drop))
    else drop(at)
  }
  return kept
}

/** The value with its schema's defaults; a null that is not allowed counts as absent. The argument is not changed. */
export function applyDefaults<T>(schema: Schema | undefined, value: T): T {
  return defaulted(schema, value) as T
}

function defaulted(schema: Schema | undefined, value: unknown): unknown {
  if (schema === undefined) return value
  if (Array.isArray(value)) {
    const items = itemSchema(schema)
    return value.map((item) => defaulted(items, isAbsent(items, item) ? defaultOf(items) : item))
  }
  if (!isMap(value)) return value
  const filled: JsonMap = {}
  for (const [name, member] of Object.entries(value)) {
    const known = memberSchema(schema, name)
    const present = known !== undefined && isAbsent(known, member) ? defaultOf(known) : member
    if (present !== undefined) setMember(filled, name, defaulted(known, present))
  }
  for (const [name, property] of Object.entries(
    isMap(schema['properties']) ? schema['properties'] : {},
  )) {
    if (Object.hasOwn(filled, name)) continue
    const preset = defaultOf(property as Schema)
    if (preset !== undefined) setMember(filled, name, defaulted(property as Schema, preset))
  }
  return filled
}

function isAbsent(schema: Schema | undefined, value: unknown): boolean {
  if (value !== null || schema === undefined) return false
  return schema['nullable'] !== true && !(schema['type'] === undefined && allowsUnknown(schema))
}

function defaultOf(schema: Schema | undefined): unknown {
  return schema?.['default'] === undefined ? undefined : structuredClone(schema['default'])
}
