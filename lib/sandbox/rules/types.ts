// What the schema of a custom kind means to the rules written in it: the types of values, and the values as CEL has them.
import { celDuration, type CelDeclarations } from '../../util/cel/environment.ts'
import { isMap, itemSchema, memberSchema, setMember, type JsonMap, type Schema } from '../schema.ts'

const reservedWords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/** The name of a field in an expression; undefined for one that no expression can name. */
export function fieldName(name: string): string | undefined {
  if (reservedWords.has(name)) return `__${name}__`
  const escaped = name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__')
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(escaped) ? escaped : undefined
}

/** The types of `self` and `oldSelf` at a node of the schema. */
export function declarationsOf(
  schema: Schema,
  isRoot: boolean,
  isOptional: boolean,
): CelDeclarations {
  const structs: [string, Record<string, string>][] = []
  const self = celType(isRoot ? withObjectFields(schema) : schema, structs)
  const oldSelf = isOptional ? `optional<${self}>` : self
  return { variables: { self, oldSelf }, structs }
}

const objectFields = { apiVersion: { type: 'string' }, kind: { type: 'string' } }
const namesOnly = { name: { type: 'string' }, generateName: { type: 'string' } }

// Of metadata, rules see the names alone.
function withObjectFields(schema: Schema): Schema {
  const own = isMap(schema['properties']) ? (schema['properties'] as Schema) : {}
  const metadata = { type: 'object', properties: namesOnly }
  return { ...schema, type: 'object', properties: { ...own, ...objectFields, metadata } }
}

// Of objects that keep what no schema describes, rules see what it does describe.
function isFree(schema: Schema): boolean {
  if (schema['x-kubernetes-int-or-string'] === true || schema['nullable'] === true) return true
  return schema['type'] === undefined
}

function celType(schema: Schema, structs: [string, Record<string, string>][]): string {
  if (isFree(schema)) return 'dyn'
  switch (schema['type']) {
    case 'string':
      return textType(schema['format'])
    case 'integer':
      return 'int'
    case 'number':
      return 'double'
    case 'boolean':
      return 'bool'
    case 'array':
      return `list<${celType(itemSchema(schema) ?? {}, structs)}>`
    default:
      return objectType(schema, structs)
  }
}

function textType(format: unknown): string {
  if (format === 'date-time' || format === 'date') return 'google.protobuf.Timestamp'
  if (format === 'duration') return 'google.protobuf.Duration'
  return format === 'byte' ? 'bytes' : 'string'
}

function objectType(schema: Schema, structs: [string, Record<string, string>][]): string {
  const { additionalProperties } = schema
  if (isMap(additionalProperties))
    return `map<string, ${celType(additionalProperties as Schema, structs)}>`
  const complete =
    schema['x-kubernetes-embedded-resource'] === true ? withObjectFields(schema) : schema
  const fields: Record<string, string> = {}
  for (const [name, one] of Object.entries((complete['properties'] ?? {}) as Schema)) {
    const escaped = fieldName(name)
    if (escaped !== undefined) fields[escaped] = celType(one as Schema, structs)
  }
  // No schema has so many objects that a number would not tell them apart.
  const name = `Object${structs.length + 1}`
  structs.push([name, fields])
  return name
}

/** A JSON value as expressions have it. */
export function celValue(schema: Schema | undefined, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (typeof value === 'number')
    return Number.isInteger(value) && schema?.['type'] !== 'number' ? BigInt(value) : value
  if (typeof value === 'string') return celText(schema?.['format'], value)
  if (Array.isArray(value)) return value.map((item) => celValue(itemSchema(schema), item))
  return isMap(value) ? celMap(schema, value) : value
}

function celMap(schema: Schema | undefined, value: JsonMap): JsonMap {
  const isStruct = isMap(schema?.['properties'])
  const result: JsonMap = {}
  for (const [name, member] of Object.entries(value)) {
    const known = isStruct ? fieldName(name) : name
    if (known !== undefined) setMember(result, known, celValue(memberSchema(schema, name), member))
  }
  return result
}

function celText(format: unknown, text: string): unknown {
  switch (textType(format)) {
    case 'google.protobuf.Timestamp':
      return new Date(text)
    case 'google.protobuf.Duration':
      return celDuration(text)
    case 'bytes':
      return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
    default:
      return text
  }
}
