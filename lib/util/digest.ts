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

// A list or map that is being written, with the keys of a map in their order.
type Open =
  | { members: readonly unknown[]; at: number }
  | {
      members: Readonly<Record<string, unknown>>
      keys: readonly string[]
      at: number
      size: number
    }

/**
 * JSON with sorted keys and no spaces: one text for each meaning. It keeps a stack of its own, because objects come from the
 * API server as they are: 24 KB can nest 4,000 levels deep, more than the call stack holds. The operator's thread writes
 * documents of 50,000 values with it, which is why it builds nothing but the text.
 */
export function canonicalJson(value: unknown): string {
  const open: Open[] = []
  let text = writeLeaf(value, open)
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    if (!('keys' in top)) {
      if (top.at === top.members.length) text += close(open, ']')
      else text += (top.at === 0 ? '' : ',') + writeLeaf(top.members[top.at++], open)
      continue
    }
    const key = top.keys[top.at++]
    if (key === undefined) text += close(open, '}')
    else if (top.members[key] !== undefined)
      text += `${top.size++ === 0 ? '' : ','}${JSON.stringify(key)}:${writeLeaf(top.members[key], open)}`
  }
  return text
}

// Of a list or map only how it begins: it is opened, and its members come next.
function writeLeaf(value: unknown, open: Open[]): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) {
    open.push({ members: value, at: 0 })
    return '['
  }
  open.push({
    members: value as Record<string, unknown>,
    keys: sortedKeys(value),
    at: 0,
    size: 0,
  })
  return '{'
}

function close(open: Open[], mark: string): string {
  open.pop()
  return mark
}

function sortedKeys(map: object): string[] {
  const keys = Object.keys(map)
  // Most have been sorted by who wrote them.
  const isSorted = keys.every((key, index) => index === 0 || keys[index - 1]! < key)
  return isSorted ? keys : keys.sort()
}
