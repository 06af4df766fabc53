// Which object is in a protobuf body? The envelope is "k8s", a zero byte and runtime.Unknown; inside is a message whose
// fields have the types of the kind's OpenAPI schema and the numbers of proto/numbers.ts.
import { Buffer } from 'node:buffer'
import { metaTypes } from './kinds/meta.ts'
import { coreTypes } from './kinds/core.ts'
import { podTypes } from './kinds/pods.ts'
import { compileTypes } from './kinds/shorthand.ts'
import { volumeTypes } from './kinds/volumes.ts'
import { decodeJsonSchema } from './proto/json-schema.ts'
import { readNumbers, type FieldNumbers } from './proto/numbers.ts'
import {
  bytesOf,
  lastFields,
  malformed,
  numberOf,
  readFields,
  textOf,
  type WireValue,
} from './proto/wire.ts'
import { isMap, setMember, type JsonMap, type Schema } from './schema.ts'
import { StatusError } from './types.ts'

/** The schema of a kind, if it is known. */
export type SchemaFinder = (apiVersion: string, kind: string) => Schema | undefined
export type ProtobufDecoder = (body: Buffer, schemaOf: SchemaFinder) => JsonMap

const magic = Buffer.from('k8s\0')

// What is sent but never stored, and so is in no list of kinds.
const requestTypes = `
package io.k8s.apimachinery.pkg.apis.meta.v1
DeleteOptions = gracePeriodSeconds:int64 preconditions:Preconditions orphanDependents:bool
  propagationPolicy dryRun:[string]
Preconditions = uid resourceVersion
package io.k8s.api.policy.v1
Eviction = metadata:ObjectMeta deleteOptions:DeleteOptions
package io.k8s.api.authentication.v1
TokenRequest = metadata:ObjectMeta spec:TokenRequestSpec
TokenRequestSpec = audiences:[string] expirationSeconds:int64
package io.k8s.api.core.v1
Binding = metadata:ObjectMeta target:ObjectReference
package io.k8s.api.autoscaling.v1
Scale = metadata:ObjectMeta spec:ScaleSpec
ScaleSpec = replicas:int32
`
const requests: Record<string, string> = {
  DeleteOptions: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
  Eviction: 'io.k8s.api.policy.v1.Eviction',
  TokenRequest: 'io.k8s.api.authentication.v1.TokenRequest',
  Binding: 'io.k8s.api.core.v1.Binding',
  Scale: 'io.k8s.api.autoscaling.v1.Scale',
}

/**
 * A decoder of request bodies. It throws StatusError 400 for what is no such message and 415 for a kind that it has no
 * numbers for.
 */
export function createProtobufDecoder(): ProtobufDecoder {
  const numbers = readNumbers()
  const find = compileTypes([metaTypes, coreTypes, podTypes, volumeTypes, requestTypes].join('\n'))
  return (body, schemaOf) => {
    if (!body.subarray(0, magic.length).equals(magic)) throw malformed()
    const envelope = lastFields(body.subarray(magic.length))
    const type = lastFields(bytesOf(envelope.get(1)))
    const [apiVersion, kind] = [textOf(type.get(1)), textOf(type.get(2))]
    const request = requests[kind]
    const schema = request === undefined ? schemaOf(apiVersion, kind) : find(request)
    const name = schema?.['title']
    if (schema === undefined || typeof name !== 'string' || !numbers.has(name))
      throw new StatusError(
        415,
        'UnsupportedMediaType',
        `${apiVersion}, Kind=${kind} is not accepted as protobuf: send it as application/json`,
      )
    const object = decodeMessage({ numbers, name, schema }, bytesOf(envelope.get(2)))
    return { kind, apiVersion, ...object }
  }
}

type Place = { numbers: FieldNumbers; name: string; schema: Schema }

function decodeMessage({ numbers, name, schema }: Place, buffer: Buffer): JsonMap {
  const fields = numbers.get(name)
  const properties = (schema['properties'] ?? {}) as Schema
  const result: JsonMap = {}
  for (const [number, value] of readFields(buffer)) {
    const field = fields?.get(number)
    // A newer client may know more fields; a real server ignores them too.
    if (field === undefined) continue
    if (field.startsWith('+')) {
      const inner = `${name.slice(0, name.lastIndexOf('.'))}.${field.slice(1)}`
      Object.assign(result, decodeMessage({ numbers, name: inner, schema }, bytesOf(value)))
      continue
    }
    const property = properties[field] as Schema | undefined
    if (field === 'openAPIV3Schema') result[field] = decodeJsonSchema(bytesOf(value))
    else if (property !== undefined)
      setMember(result, field, decodeField(numbers, property, value, result[field]))
  }
  return result
}

// Lists and maps come one item at a time.
function decodeField(
  numbers: FieldNumbers,
  schema: Schema,
  value: WireValue,
  before: unknown,
): unknown {
  if (schema['type'] === 'array') {
    const item = decodeValue(numbers, schema['items'] as Schema, value)
    return [...((before as unknown[] | undefined) ?? []), item]
  }
  if (isMap(schema['additionalProperties'])) {
    const entry = lastFields(bytesOf(value))
    const map: JsonMap = { ...(before as JsonMap | undefined) }
    const below = schema['additionalProperties'] as Schema
    setMember(map, textOf(entry.get(1)), decodeEntry(numbers, below, entry.get(2)))
    return map
  }
  return decodeValue(numbers, schema, value)
}

// A list as the value of a map is a message with one repeated field.
function decodeEntry(numbers: FieldNumbers, schema: Schema, value: WireValue | undefined): unknown {
  if (schema['type'] !== 'array') return decodeValue(numbers, schema, value)
  const items = [...readFields(bytesOf(value))]
  return items.map(([, item]) => decodeValue(numbers, schema['items'] as Schema, item))
}

function decodeValue(numbers: FieldNumbers, schema: Schema, value: WireValue | undefined): unknown {
  const name = String(schema['title'] ?? '')
  if (/\.(Micro)?Time$/.test(name)) return decodeTime(bytesOf(value), name.endsWith('MicroTime'))
  if (name.endsWith('.Quantity')) return textOf(lastFields(bytesOf(value)).get(1))
  if (schema['x-kubernetes-int-or-string'] === true) return decodeIntOrString(bytesOf(value))
  switch (schema['type']) {
    case 'string':
      return schema['format'] === 'byte' ? bytesOf(value).toString('base64') : textOf(value)
    case 'boolean':
      return numberOf(value) !== 0
    case 'integer':
    case 'number':
      return numberOf(value)
    default:
      return isMap(schema['properties'])
        ? decodeMessage({ numbers, name, schema }, bytesOf(value))
        : decodeRaw(bytesOf(value))
  }
}

// Go's zero time is an empty message.
function decodeTime(buffer: Buffer, micro: boolean): string | null {
  const fields = lastFields(buffer)
  if (fields.size === 0) return null
  const [seconds, nanos] = [numberOf(fields.get(1)), numberOf(fields.get(2))]
  const text = new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, '')
  return micro ? `${text}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z` : `${text}Z`
}

function decodeIntOrString(buffer: Buffer): number | string {
  const fields = lastFields(buffer)
  return numberOf(fields.get(1)) === 0 ? numberOf(fields.get(2)) : textOf(fields.get(3))
}

// FieldsV1 and RawExtension carry JSON.
function decodeRaw(buffer: Buffer): unknown {
  const raw = bytesOf(lastFields(buffer).get(1))
  try {
    return raw.length === 0 ? {} : JSON.parse(raw.toString('utf8'))
  } catch {
    throw malformed()
  }
}
