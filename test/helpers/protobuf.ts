// Writes protobuf, field by field, as helm and client-go send it.
import { Buffer } from 'node:buffer'

export type Part = string | Buffer | number

// One field: a number as a varint, anything else with its length before it.
function field(number: number, value: Part): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
  const bytes = Buffer.from(value as string)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

export function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 0x7f; value = Math.floor(value / 128)) bytes.push((value % 128) | 0x80)
  return Buffer.from([...bytes, value])
}

export function message(...fields: [number, Part][]): Buffer {
  return Buffer.concat(fields.map(([number, value]) => field(number, value)))
}

export function entry(key: string, value: Part): Buffer {
  return message([1, key], [2, value])
}

/** The envelope of Kubernetes around a message of a core kind. */
export function envelope(kind: string, raw: Buffer): Buffer {
  const unknown = message([1, message([1, 'v1'], [2, kind])], [2, raw], [3, ''], [4, ''])
  return Buffer.concat([Buffer.from('k8s\0'), unknown])
}
