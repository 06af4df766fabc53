// May server-side apply read this configuration? Its values have the schema's types, and items of a set or map
// list come once; the sentences are those of structured merge.
import { isMap, itemKeys, itemSchema, listType, memberSchema, type Schema } from './schema.ts'

/** What keeps the value from being applied, as ".spec.ports: expected list, got &{x}". */
export function typeProblems(schema: Schema | undefined, value: unknown, path = ''): string[] {
  if (schema === undefined || value === null || value === undefined) return []
  const type = schema['type']
  if (type === 'array')
    return Array.isArray(value)
      ? listProblems(schema, value, path)
      : [expected('list', value, path)]
  if (type === 'object')
    return isMap(value)
      ? Object.entries(value).flatMap(([name, member]) =>
          typeProblems(memberSchema(schema, name), member, `${path}.${name}`),
        )
      : [expected('map', value, path)]
  const word = typeof type === 'string' ? scalars[type] : undefined
  if (word === undefined || word.fits(value)) return []
  return [
    `${path}: expected ${word.name}, got ${word.name === numeric ? typeName(value) : unstructured(value)}`,
  ]
}

const numeric = 'numeric (int or float)'
const scalars: Record<string, { name: string; fits: (value: unknown) => boolean }> = {
  string: { name: 'string', fits: (value) => typeof value === 'string' },
  boolean: { name: 'boolean', fits: (value) => typeof value === 'boolean' },
  integer: { name: numeric, fits: (value) => typeof value === 'number' },
  number: { name: numeric, fits: (value) => typeof value === 'number' },
}

function expected(what: string, value: unknown, path: string): string {
  return `${path}: expected ${what}, got &{${shown(value)}}`
}

function unstructured(value: unknown): string {
  return `&value.valueUnstructured{Value:${shown(value)}}`
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  return isMap(value) ? 'map' : typeof value
}

function shown(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function listProblems(schema: Schema, list: readonly unknown[], path: string): string[] {
  const items = itemSchema(schema)
  const type = listType(schema)
  const seen = new Set<string>()
  return list.flatMap((item, index) => {
    const at = `${path}[${index}]`
    if (type.kind === 'atomic') return typeProblems(items, item, at)
    if (item === null)
      return [
        `${path}: element ${index}: associative list ${type.kind === 'map' ? 'with keys' : 'without keys'} may not have a null element`,
      ]
    if (type.kind === 'map' && !isMap(item))
      return [`${path}: element ${index}: associative list with keys may not have non-map elements`]
    const key = type.kind === 'map' ? keyText(items, type.keys, item as object) : setText(item)
    const isTwice = seen.has(key)
    seen.add(key)
    return isTwice
      ? [`${path}: duplicate entries for key ${key}`]
      : typeProblems(items, item, `${path}${key}`)
  })
}

// An item of a set is its own key, which has no name.
function setText(item: unknown): string {
  return `[=${JSON.stringify(item)}]`
}

function keyText(items: Schema | undefined, keys: readonly string[], item: object): string {
  const found = itemKeys(items, [...keys].sort(), item as { [key: string]: unknown })
  const pairs = Object.entries(found).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  return `[${pairs.join(',')}]`
}
