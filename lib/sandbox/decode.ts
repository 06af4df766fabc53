// What is left of a built-in object after Go's types have read and written it: nulls, zero values and empty lists vanish
// where a field is optional, structs by value appear, quantities become canonical, and a wrong type is refused.
import { timeProblem } from './go-time.ts'
import { metaTypes } from './kinds/meta.ts'
import { compileTypes } from './kinds/shorthand.ts'
import { canonicalQuantity, noQuantity } from '../util/quantity.ts'
import {
  childPath,
  isMap,
  itemSchema,
  memberSchema,
  setMember,
  type JsonMap,
  type Schema,
} from './schema.ts'
import { badRequest } from './status.ts'
import { type StatusError, type Obj, type ResourceDefinition } from './types.ts'

// Where in the object a value stands, as Go's decoder says it: the struct, and the path without indexes.
type Place = { struct: string; path: string }

/** The object as a server stores it. Throws StatusError 400 for a value of the wrong type. The argument is not changed. */
export function decodeBuiltin(definition: ResourceDefinition, object: Obj): Obj {
  const { kind, schema } = definition
  if (schema === undefined) return object
  return attempt(definition, () => decoded(schema, object, { struct: kind, path: '' }) as Obj)
}

/** A custom object with its metadata as a server reads it: of such objects, the only part with Go's types. */
export function decodeMetadata(definition: ResourceDefinition, object: Obj): Obj {
  const schema = compileTypes(metaTypes)('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
  const place = { struct: 'ObjectMeta', path: '' }
  const metadata = attempt(definition, () => decoded(schema, object.metadata, place))
  return { ...object, metadata: metadata as Obj['metadata'] }
}

/** The error of an object whose metadata are no object. */
export function misplacedMetadata({ custom, kind, version }: Kind, value: unknown): StatusError {
  const where = custom
    ? 'Go value of type v1.ObjectMeta'
    : `Go struct field ${kind}.metadata of type v1.ObjectMeta`
  return unreadable({ kind, version }, `json: cannot unmarshal ${jsonType(value)} into ${where}`)
}

/** Options that come as a body of their own. Throws StatusError 400 for a value of the wrong type. */
export function decodeOptions(schema: Schema, kind: string, value: unknown): unknown {
  try {
    return decoded(schema, value, { struct: kind, path: '' })
  } catch (error) {
    throw error instanceof DecodeError ? badRequest(error.message) : error
  }
}

type Kind = Pick<ResourceDefinition, 'custom' | 'kind' | 'version'>

function attempt<T>(definition: Kind, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    throw error instanceof DecodeError ? unreadable(definition, error.message) : error
  }
}

/** The error of an object that its kind's types cannot hold. */
export function unreadable({ kind, version }: Omit<Kind, 'custom'>, why: string): StatusError {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`)
}

class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

function decoded(schema: Schema, value: unknown, place: Place): unknown {
  const format = schema['format']
  if (format === 'int-or-string') return intOrString(schema, value, place)
  if (Array.isArray(schema['oneOf'])) return quantity(value)
  switch (schema['type']) {
    case 'object':
      return decodedMap(schema, value, place)
    case 'array':
      return decodedList(schema, value, place)
    case 'string':
      if (typeof value !== 'string') throw mismatch(schema, value, place)
      if (format === 'byte') checkBase64(value)
      if (format === 'date-time') checkTime(value)
      return value
    case 'boolean':
      if (typeof value !== 'boolean') throw mismatch(schema, value, place)
      return value
    case 'integer':
      if (!isInteger(value, format)) throw mismatch(schema, value, place)
      return value
    default:
      return value
  }
}

function decodedMap(schema: Schema, value: unknown, place: Place): unknown {
  if (!isMap(value)) throw mismatch(schema, value, place)
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return value
  const properties = schema['properties']
  return isMap(properties)
    ? decodedStruct(schema, value, place)
    : decodedEntries(schema, value, place)
}

function decodedEntries(schema: Schema, value: JsonMap, place: Place): JsonMap {
  const result: JsonMap = {}
  const below = schema['additionalProperties'] as Schema
  for (const [name, member] of Object.entries(value))
    setMember(result, name, member === null ? zeroItem(below) : decoded(below, member, place))
  return result
}

function decodedStruct(schema: Schema, value: JsonMap, { path }: Place): JsonMap {
  const struct = String(schema['title'] ?? '')
    .split('.')
    .at(-1)!
  const required = (schema['required'] ?? []) as string[]
  const result: JsonMap = {}
  const keep = (name: string, field: Schema, member: unknown): void => {
    const at = { struct, path: childPath(path, name) }
    const whole =
      member === undefined || member === null ? zeroOf(field) : decoded(field, member, at)
    const isMeant = member !== undefined && member !== null && keepsZero(field)
    const stays = isMeant || (required.includes(name) && whole !== null)
    if (stays || !isZero(field, whole)) setMember(result, name, whole)
  }
  for (const [name, member] of Object.entries(value)) {
    const field = memberSchema(schema, name)
    if (field !== undefined) keep(name, field, member)
  }
  for (const [name, property] of Object.entries(schema['properties'] as Schema)) {
    const field = property as Schema
    if (Object.hasOwn(value, name)) continue
    if (isByValue(field) || (required.includes(name) && isScalar(field)))
      keep(name, field, undefined)
    else if (keepsZero(field) && !isScalar(field)) setMember(result, name, null)
  }
  return result
}

function decodedList(schema: Schema, value: unknown, place: Place): unknown {
  if (!Array.isArray(value)) throw mismatch(schema, value, place)
  const items = itemSchema(schema)
  return items === undefined
    ? value
    : value.map((item) => (item === null ? zeroItem(items) : decoded(items, item, place)))
}

function keepsZero(schema: Schema): boolean {
  return schema['x-keeps-zero'] === true
}

function isByValue(schema: Schema): boolean {
  return isMap(schema['default'])
}

function isScalar({ type }: Schema): boolean {
  return type === 'string' || type === 'integer' || type === 'boolean'
}

function zeroOf(schema: Schema): unknown {
  if (schema['type'] === 'string') return schema['format'] === 'date-time' ? null : ''
  if (schema['type'] === 'integer') return 0
  if (schema['type'] === 'boolean') return false
  if (isByValue(schema)) return decodedStruct(schema, {}, { struct: '', path: '' })
  return null
}

// Items of lists and maps are values, not pointers: null makes a zero one.
function zeroItem(schema: Schema): unknown {
  if (schema['format'] === 'int-or-string') return 0
  if (Array.isArray(schema['oneOf'])) return '0'
  return isMap(schema['properties'])
    ? decodedStruct(schema, {}, { struct: '', path: '' })
    : zeroOf(schema)
}

// What Go leaves out when it writes an optional field. Structs, pointed to or by value, are written however empty.
function isZero(schema: Schema, value: unknown): boolean {
  // Counts that may be shares, too, are pointed to: 0 of them was meant.
  if (Array.isArray(schema['oneOf'])) return value === null
  if (value === null || value === '' || value === 0 || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  const isEntries =
    schema['properties'] === undefined && schema['additionalProperties'] !== undefined
  return isMap(value) && isEntries && Object.keys(value).length === 0
}

function isInteger(value: unknown, format: unknown): boolean {
  if (typeof value !== 'number' || !Number.isInteger(value)) return false
  return format !== 'int32' || (value >= -2_147_483_648 && value <= 2_147_483_647)
}

function intOrString(schema: Schema, value: unknown, place: Place): unknown {
  if (typeof value === 'string' || isInteger(value, 'int32')) return value
  throw mismatch({ ...schema, title: 'int32' }, value, place)
}

function quantity(value: unknown): unknown {
  if (typeof value !== 'string' && typeof value !== 'number') throw new DecodeError(noQuantity)
  const canonical = canonicalQuantity(value)
  if ('error' in canonical) throw new DecodeError(canonical.error)
  return canonical.text
}

function checkTime(text: string): void {
  const problem = timeProblem(text)
  if (problem !== undefined) throw new DecodeError(problem)
}

function checkBase64(text: string): void {
  const clean = text.replaceAll(/[\r\n]/g, '')
  const bad = /[^A-Za-z0-9+/=]/.exec(clean)?.index
  if (bad === undefined && clean.length % 4 === 0) return
  const at = bad ?? clean.length - (clean.length % 4)
  throw new DecodeError(`illegal base64 data at input byte ${at}`)
}

function mismatch(schema: Schema, value: unknown, { struct, path }: Place): DecodeError {
  const found = jsonType(value)
  const number = typeof value === 'number' && schema['type'] === 'integer' ? ` ${value}` : ''
  const where = `Go struct field ${struct}.${path} of type ${goType(schema)}`
  return new DecodeError(`json: cannot unmarshal ${found}${number} into ${where}`)
}

function jsonType(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
}

function goType(schema: Schema): string {
  const title = schema['title']
  if (schema['format'] === 'date-time') return 'string'
  if (typeof title === 'string') return title.split('.').slice(-2).join('.')
  switch (schema['type']) {
    case 'boolean':
      return 'bool'
    case 'integer':
      return String(schema['format'])
    case 'array':
      return `[]${goType(itemSchema(schema) ?? {})}`
    case 'object':
      return `map[string]${goType((schema['additionalProperties'] ?? {}) as Schema)}`
    default:
      return 'string'
  }
}
