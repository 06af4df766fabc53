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

/** JSON with sorted keys and no spaces: one text for each meaning. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
