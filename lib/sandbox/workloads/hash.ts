// Which pods belong to which template: a short hash in the alphabet Kubernetes uses for names.
import { createHash } from 'node:crypto'

// No vowels and nothing that looks like another character, as Kubernetes generates names.
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Ten characters that stand for the template; equal for equal templates, whatever the order of their keys. */
export function hashTemplate(template: unknown): string {
  const digest = createHash('sha256').update(canonical(template)).digest()
  return [...digest.subarray(0, 10)].map((byte) => alphabet[byte % alphabet.length]).join('')
}

/** Is it the same data, whatever the order of keys? Absent and undefined are the same. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const [a, b] = [left, right] as Record<string, unknown>[]
  return [...new Set([...Object.keys(a!), ...Object.keys(b!)])].every((key) =>
    isSame(a![key], b![key]),
  )
}

// The same text for the same data.
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
