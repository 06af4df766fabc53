// Bytes in, whole lines out: for streams that never end. A character cut in two by a chunk stays whole, and a line
// longer than anybody expects is dropped instead of filling the memory.
import { Buffer } from 'node:buffer'

export type LineSplitter = {
  push(chunk: Uint8Array): string[]
  // What stood after the last line feed.
  end(): string[]
}

const lineFeed = 10

/** Splits at line feeds, which are not part of the lines; onTooLong hears of every line that was dropped. */
export function createLineSplitter(maxLineBytes: number, onTooLong: () => void): LineSplitter {
  let parts: Uint8Array[] = []
  let bytes = 0
  const take = (piece: Uint8Array): void => {
    bytes += piece.length
    // Once too long, nothing is kept but the count.
    if (bytes > maxLineBytes) parts = []
    else if (piece.length > 0) parts.push(piece)
  }
  const finish = (): string[] => {
    const tooLong = bytes > maxLineBytes
    const line = Buffer.concat(parts).toString('utf8')
    parts = []
    bytes = 0
    if (tooLong) onTooLong()
    return tooLong ? [] : [line]
  }
  return {
    push(chunk) {
      const lines: string[] = []
      let from = 0
      for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, from)) {
        take(chunk.subarray(from, at))
        lines.push(...finish())
        from = at + 1
      }
      take(chunk.subarray(from))
      return lines
    },
    end: () => (bytes > 0 ? finish() : []),
  }
}
