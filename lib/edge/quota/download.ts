// The content of an answer, as far as there is room for it on the disk: what the server says of its length is reserved at once, and
// what it does not say as it comes.
import type { Buffer } from 'node:buffer'
import type { HttpResponse } from '../http.ts'
import type { Reservation } from './quota.ts'

// Eviction is not asked about every few bytes.
const stepBytes = 1024 * 1024

/** The same content. Throws ReconcileError QuotaExceeded before what there is no room for. */
export async function* withinRoom(
  room: Reservation,
  { headers, body }: Pick<HttpResponse, 'headers' | 'body'>,
): AsyncGenerator<Buffer> {
  const said = Number(headers['content-length'] ?? 0)
  let reserved = Number.isSafeInteger(said) && said > 0 ? said : 0
  if (reserved > 0) await room.grow(reserved)
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    while (bytes > reserved) {
      await room.grow(stepBytes)
      reserved += stepBytes
    }
    yield chunk
  }
}
