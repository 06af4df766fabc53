// Which object is in a protobuf body? The envelope is "k8s", a zero byte and runtime.Unknown; inside are messages, of which
// those are known here that helm and kubectl send. Read by the published .proto files of Kubernetes.
import { Buffer } from 'node:buffer'
import { StatusError } from './types.ts'

type Reader = (value: bigint | Buffer) => unknown
type Field = {
  name: string
  read: Reader
  shape: 'one' | 'list' | 'map'
}
type Message = Record<number, Field>

const text: Reader = (value) => bytes(value).toString('utf8')
const base64: Reader = (value) => bytes(value).toString('base64')
const integer: Reader = (value) => Number(BigInt.asIntN(64, value as bigint))
const flag: Reader = (value) => value !== 0n
const time: Reader = (value) => {
  const { seconds = 0, nanos = 0 } = decode(bytes(value), {
    1: one('seconds', integer),
    2: one('nanos', integer),
  }) as { seconds?: number; nanos?: number }
  return new Date(seconds * 1000 + nanos / 1e6).toISOString().replace('.000Z', 'Z')
}

function bytes(value: bigint | Buffer): Buffer {
  if (typeof value === 'bigint') throw malformed()
  return value
}

function one(name: string, read: Reader): Field {
  return { name, read, shape: 'one' }
}
function list(name: string, read: Reader): Field {
  return { name, read, shape: 'list' }
}
function map(name: string, read: Reader): Field {
  return { name, read, shape: 'map' }
}
function message(fields: Message): Reader {
  return (value) => decode(bytes(value), fields)
}

// Go writes empty strings and zeros where JSON has nothing.
function sparse(fields: Message): Reader {
  return (value) => {
    const read = Object.entries(decode(bytes(value), fields))
    return Object.fromEntries(read.filter(([, field]) => field !== '' && field !== 0))
  }
}

const ownerReference: Message = {
  1: one('kind', text),
  3: one('name', text),
  4: one('uid', text),
  5: one('apiVersion', text),
  6: one('controller', flag),
  7: one('blockOwnerDeletion', flag),
}
const managedFields: Message = {
  1: one('manager', text),
  2: one('operation', text),
  3: one('apiVersion', text),
  4: one('time', time),
  6: one('fieldsType', text),
  7: one('fieldsV1', (value) => {
    const { raw = '{}' } = decode(bytes(value), { 1: one('raw', text) }) as { raw?: string }
    return JSON.parse(raw)
  }),
  8: one('subresource', text),
}
const objectMeta: Message = {
  1: one('name', text),
  2: one('generateName', text),
  3: one('namespace', text),
  4: one('selfLink', text),
  5: one('uid', text),
  6: one('resourceVersion', text),
  7: one('generation', integer),
  8: one('creationTimestamp', time),
  9: one('deletionTimestamp', time),
  10: one('deletionGracePeriodSeconds', integer),
  11: map('labels', text),
  12: map('annotations', text),
  13: list('ownerReferences', message(ownerReference)),
  14: list('finalizers', text),
  17: list('managedFields', sparse(managedFields)),
}
const metadata = one('metadata', sparse(objectMeta))
const deleteOptions: Message = {
  1: one('gracePeriodSeconds', integer),
  2: one('preconditions', message({ 1: one('uid', text), 2: one('resourceVersion', text) })),
  3: one('orphanDependents', flag),
  4: one('propagationPolicy', text),
  5: list('dryRun', text),
}
const reference: Message = { 1: one('name', text) }
const objectReference: Message = {
  1: one('kind', text),
  2: one('namespace', text),
  3: one('name', text),
  4: one('uid', text),
  5: one('apiVersion', text),
  6: one('resourceVersion', text),
  7: one('fieldPath', text),
}

// By kind; the same in every version that sends them.
const messages: Record<string, Message> = {
  DeleteOptions: deleteOptions,
  Secret: {
    1: metadata,
    2: map('data', base64),
    3: one('type', text),
    4: map('stringData', text),
    5: one('immutable', flag),
  },
  ConfigMap: {
    1: metadata,
    2: map('data', text),
    3: map('binaryData', base64),
    4: one('immutable', flag),
  },
  Namespace: {
    1: metadata,
    2: one('spec', message({ 1: list('finalizers', text) })),
    3: one('status', message({ 1: one('phase', text) })),
  },
  ServiceAccount: {
    1: metadata,
    2: list('secrets', message(objectReference)),
    3: list('imagePullSecrets', message(reference)),
    4: one('automountServiceAccountToken', flag),
  },
  Eviction: { 1: metadata, 2: one('deleteOptions', message(deleteOptions)) },
}

const magic = Buffer.from('k8s\0')

/** The object inside a protobuf body; throws StatusError 400 for what is none, 415 for a kind that must come as JSON. */
export function decodeProtobuf(body: Buffer): { [field: string]: unknown } {
  if (!body.subarray(0, magic.length).equals(magic)) throw malformed()
  const unknown = decode(body.subarray(magic.length), {
    1: one('type', message({ 1: one('apiVersion', text), 2: one('kind', text) })),
    2: one('raw', bytes),
  }) as { type?: { apiVersion?: string; kind?: string }; raw?: Buffer }
  const { apiVersion = '', kind = '' } = unknown.type ?? {}
  const fields = messages[kind]
  if (fields === undefined) {
    const why = `${apiVersion}, Kind=${kind} is not accepted as protobuf: send it as application/json`
    throw new StatusError(415, 'UnsupportedMediaType', why)
  }
  return { kind, apiVersion, ...decode(unknown.raw ?? Buffer.alloc(0), fields) }
}

function decode(buffer: Buffer, fields: Message): { [field: string]: unknown } {
  const result: { [field: string]: unknown } = {}
  for (const [number, value] of entries(buffer)) {
    const field = fields[number]
    if (field === undefined) continue
    if (field.shape === 'one') result[field.name] = field.read(value)
    else if (field.shape === 'list')
      result[field.name] = [...((result[field.name] as unknown[]) ?? []), field.read(value)]
    else result[field.name] = withEntry(result[field.name], bytes(value), field.read)
  }
  return result
}

function withEntry(before: unknown, entry: Buffer, read: Reader): unknown {
  const { key = '', value } = decode(entry, { 1: one('key', text), 2: one('value', read) }) as {
    key?: string
    value?: unknown
  }
  return { ...(before as object), [key]: value ?? read(Buffer.alloc(0)) }
}

// Field numbers and values as they come: a number for varints and fixed ones, bytes for everything else.
function* entries(buffer: Buffer): Generator<[number, bigint | Buffer]> {
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = buffer[at++]
      if (byte === undefined) throw malformed()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw malformed()
  }
  const take = (length: number): Buffer => {
    if (at + length > buffer.length) throw malformed()
    at += length
    return buffer.subarray(at - length, at)
  }
  while (at < buffer.length) {
    const tag = Number(varint())
    const wire = tag & 7
    if (wire === 0) yield [tag >> 3, varint()]
    else if (wire === 1) yield [tag >> 3, take(8)]
    else if (wire === 2) yield [tag >> 3, take(Number(varint()))]
    else if (wire === 5) yield [tag >> 3, take(4)]
    else throw malformed()
  }
}

function malformed(): StatusError {
  return new StatusError(400, 'BadRequest', 'the body is not a Kubernetes protobuf message')
}
