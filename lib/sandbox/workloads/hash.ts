// Which pods belong to which template: a short hash in the alphabet Kubernetes uses for names.
import { createHash } from 'node:crypto'

// No vowels and nothing that looks like another character, as Kubernetes generates names.
const alphabet = 'bcdfghjklmnpqrstvwxz2456789'

/** Ten characters that stand for the template; equal for equal templates, whatever the order of their keys. */
export function hashTemplate(template: unknown): string {
  const digest = createHash('sha256').update(canonical(template)).digest()
  return [...digest.subarray(0, 10)].map((byte) => alphabet[byte % alphabet.length]).join('')
}

/** The same text for the same data, whatever the order of keys; absent and undefined are the same. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}
