// The schema in a CustomResourceDefinition as protobuf writes it: apiextensions.k8s.io/v1 JSONSchemaProps, whose numbers are
// from the published .proto file. What Go writes although it is empty is left out.
import type { Buffer } from 'node:buffer'
import type { Json } from '../types.ts'
import {
  bytesOf,
  lastFields,
  malformed,
  numberOf,
  readFields,
  textOf,
  type WireValue,
} from './wire.ts'

type Map = { [key: string]: Json }
type Read = (value: WireValue, before: Json | undefined) => Json | undefined

// Deeper ones are refused: each level is a call.
const deepest = 100

/** A schema; throws StatusError 400 for what is none. */
export function decodeJsonSchema(buffer: Buffer, depth = 0): Map {
  if (depth > deepest) throw malformed()
  return decodeFields(buffer, schemaFields(depth))
}

type Fields = Readonly<Record<number, readonly [name: string, read: Read]>>

function decodeFields(buffer: Buffer, fields: Fields): Map {
  const result: Map = {}
  for (const [number, value] of readFields(buffer)) {
    const [name, read] = fields[number] ?? []
    if (name === undefined || read === undefined) continue
    const found = read(value, result[name])
    if (found !== undefined)
      Object.defineProperty(result, name, {
        value: found,
        enumerable: true,
        writable: true,
        configurable: true,
      })
  }
  return result
}

const text: Read = (value) => textOf(value) || undefined
const flag: Read = (value) => numberOf(value) !== 0 || undefined
const number: Read = (value) => numberOf(value)
const json: Read = (value) => rawJson(bytesOf(value))
const texts: Read = (value, before) => [...((before ?? []) as Json[]), textOf(value)]
const jsons: Read = (value, before) => [...((before ?? []) as Json[]), rawJson(bytesOf(value))]

function rawJson(buffer: Buffer): Json {
  try {
    return JSON.parse(textOf(lastFields(buffer).get(1)) || 'null') as Json
  } catch {
    throw malformed()
  }
}

const ruleFields: Fields = {
  1: ['rule', text],
  2: ['message', text],
  3: ['messageExpression', text],
  4: ['reason', text],
  5: ['fieldPath', text],
  6: ['optionalOldSelf', flag],
}
const rules: Read = (value, before) => [
  ...((before ?? []) as Json[]),
  decodeFields(bytesOf(value), ruleFields),
]
const docs: Read = (value) =>
  decodeFields(bytesOf(value), { 1: ['description', text], 2: ['url', text] })

const words: readonly (readonly [number, string, Read])[] = [
  [1, 'id', text],
  [2, '$schema', text],
  [3, '$ref', text],
  [4, 'description', text],
  [5, 'type', text],
  [6, 'format', text],
  [7, 'title', text],
  [8, 'default', json],
  [9, 'maximum', number],
  [10, 'exclusiveMaximum', flag],
  [11, 'minimum', number],
  [12, 'exclusiveMinimum', flag],
  [13, 'maxLength', number],
  [14, 'minLength', number],
  [15, 'pattern', text],
  [16, 'maxItems', number],
  [17, 'minItems', number],
  [18, 'uniqueItems', flag],
  [19, 'multipleOf', number],
  [20, 'enum', jsons],
  [21, 'maxProperties', number],
  [22, 'minProperties', number],
  [23, 'required', texts],
  [35, 'externalDocs', docs],
  [36, 'example', json],
  [37, 'nullable', flag],
  [38, 'x-kubernetes-preserve-unknown-fields', flag],
  [39, 'x-kubernetes-embedded-resource', flag],
  [40, 'x-kubernetes-int-or-string', flag],
  [41, 'x-kubernetes-list-map-keys', texts],
  [42, 'x-kubernetes-list-type', text],
  [43, 'x-kubernetes-map-type', text],
  [44, 'x-kubernetes-validations', rules],
]
const plain: Fields = Object.fromEntries(
  words.map(([at, name, read]) => [at, [name, read] as const]),
)

function schemaFields(depth: number): Fields {
  const schema: Read = (value) => decodeJsonSchema(bytesOf(value), depth + 1)
  const schemas: Read = (value, before) => [
    ...((before ?? []) as Json[]),
    schema(value, undefined)!,
  ]
  const byName: Read = (value, before) => {
    const entry = lastFields(bytesOf(value))
    const members = { ...(before as Map | undefined) }
    const member = decodeJsonSchema(bytesOf(entry.get(2)), depth + 1)
    Object.defineProperty(members, textOf(entry.get(1)), {
      value: member,
      enumerable: true,
      writable: true,
      configurable: true,
    })
    return members
  }
  // One schema, or a list of them; one schema, or whether anything goes.
  const orList: Read = (value) => {
    const found = decodeFields(bytesOf(value), { 1: ['one', schema], 2: ['all', schemas] })
    return found['one'] ?? found['all']
  }
  const orFlag: Read = (value) => {
    const found = decodeFields(bytesOf(value), { 1: ['allows', flag], 2: ['one', schema] })
    return found['one'] ?? found['allows'] ?? false
  }
  return {
    ...plain,
    24: ['items', orList],
    25: ['allOf', schemas],
    26: ['oneOf', schemas],
    27: ['anyOf', schemas],
    28: ['not', schema],
    29: ['properties', byName],
    30: ['additionalProperties', orFlag],
    31: ['patternProperties', byName],
    33: ['additionalItems', orFlag],
    34: ['definitions', byName],
  }
}
