// The wire format of protobuf: a message as its field numbers and values.
import { Buffer } from 'node:buffer'
import { StatusError } from '../types.ts'

// A number for varints; bytes for everything else.
export type WireValue = bigint | Buffer

export function malformed(): StatusError {
  return new StatusError(400, 'BadRequest', 'the body is not a Kubernetes protobuf message')
}

/** The fields of a message as they come; throws StatusError 400 when the bytes are none. */
export function* readFields(buffer: Buffer): Generator<[number: number, value: WireValue]> {
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
    const number = Math.floor(tag / 8)
    const type = tag % 8
    if (type === 0) yield [number, varint()]
    else if (type === 1) yield [number, take(8)]
    else if (type === 2) yield [number, take(Number(varint()))]
    else if (type === 5) yield [number, take(4)]
    else throw malformed()
  }
}

export function bytesOf(value: WireValue | undefined): Buffer {
  if (typeof value === 'bigint') throw malformed()
  return value ?? Buffer.alloc(0)
}

export function textOf(value: WireValue | undefined): string {
  return bytesOf(value).toString('utf8')
}

export function numberOf(value: WireValue | undefined): number {
  if (value === undefined) return 0
  // Only floating-point numbers are not varints.
  return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : value.readDoubleLE()
}

/** The last value of each field: enough for messages without lists. */
export function lastFields(buffer: Buffer): Map<number, WireValue> {
  return new Map(readFields(buffer))
}
