// Digests of JSON values: equal for values that mean the same, whatever the order of keys or the spelling of numbers.
import { createHash } from 'node:crypto'

/** "sha256:…" over the canonical form of a JSON value; undefined members count as absent. */
export function digestJson(value: unknown): string {
  return digestText(canonicalJson(value))
}

/** "sha256:…" over text or bytes. */
export function digestText(text: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

// A list or map that is being written: what stands before each member, and the members.
type Open = { close: string; labels?: readonly string[]; members: readonly unknown[]; at: number }

/**
 * JSON with sorted keys and no spaces: one text for each meaning. It keeps a stack of its own, because objects come from the
 * API server as they are: 24 KB can nest 4,000 levels deep, more than the call stack holds.
 */
export function canonicalJson(value: unknown): string {
  const parts: string[] = []
  const open: Open[] = []
  const write = (member: unknown): void => {
    if (typeof member !== 'object' || member === null) parts.push(JSON.stringify(member) ?? 'null')
    else {
      parts.push(Array.isArray(member) ? '[' : '{')
      open.push(Array.isArray(member) ? { close: ']', members: member, at: 0 } : openMap(member))
    }
  }
  write(value)
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const { close, labels, members, at } = top
    if (at === members.length) {
      parts.push(close)
      open.pop()
      continue
    }
    top.at++
    parts.push(at === 0 ? '' : ',', labels?.[at] ?? '')
    write(members[at])
  }
  return parts.join('')
}

function openMap(map: object): Open {
  const entries = Object.entries(map)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const labels = entries.map(([key]) => `${JSON.stringify(key)}:`)
  return { close: '}', labels, members: entries.map(([, member]) => member), at: 0 }
}
