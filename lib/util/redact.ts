// Keeps secrets out of what people and logs get to see: those we know of, and what looks like one.
import { Buffer } from 'node:buffer'

export type Redact = (text: string) => string

export const mask = '***'
// Shorter values ("true", "80") are words of every other sentence.
export const shortest = 4

/** A function that replaces these values, however they are usually written, and anything that looks like a credential. */
export function createRedactor(secrets: readonly string[] = []): Redact {
  const forms = formsOf(secrets)
  const known = forms.length > 0 ? new RegExp(forms.map(escape).join('|'), 'g') : undefined
  return (text) => redactPatterns(known ? text.replace(known, mask) : text)
}

/** Every way in which one of these secrets may be written, the longest first: one secret may contain another. */
export function formsOf(secrets: readonly string[]): string[] {
  return [...new Set(secrets.flatMap(writtenForms))]
    .filter((form) => form.length >= shortest)
    .sort((a, b) => b.length - a.length)
}

// A value as such, in a Secret's data, in JSON or Go's %q, in a URL, and line by line, as parsers quote it.
function writtenForms(secret: string): string[] {
  const trimmed = secret.trim()
  if (trimmed.length < shortest) return []
  const lines = trimmed.split('\n').map((line) => line.trim())
  return [
    secret,
    trimmed,
    ...[secret, trimmed].map((text) => Buffer.from(text).toString('base64').replace(/=+$/, '')),
    ...insideBase64(trimmed),
    JSON.stringify(trimmed).slice(1, -1),
    encodeURIComponent(Buffer.from(trimmed).toString()),
    ...(lines.length > 1 ? lines.filter((line) => line.length >= 8) : []),
  ]
}

// Amid other bytes, as in base64 of "user:password", three texts may stand for it, depending on where it begins.
function insideBase64(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const forms = [0, 1, 2].map((offset) => {
    const packed = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    return packed.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + bytes.length) * 4) / 3))
  })
  // Shorter ones are in many a word.
  return forms.filter((form) => form.length >= 8)
}

const words = 'password|passwd|passphrase|token|secret|api[-_]?key|access[-_]?key|private[-_]?key'
const value = `("[^"\\n]*"|'[^'\\n]*'|[^\\s,;&"']+)`
const patterns: readonly [RegExp, string][] = [
  [/(authorization["']?\s*[:=]\s*["']?(?:(?:basic|bearer|token)\s+)?)[^\s"',]+/gi, `$1${mask}`],
  [/\b(bearer\s+)[\w.~+/=-]{16,}/gi, `$1${mask}`],
  [new RegExp(`((?:${words})["']?\\s*=\\s*)${value}`, 'gi'), `$1${mask}`],
  // A colon follows a token in many a sentence; a value follows the colon in JSON, or after "password".
  [new RegExp(`((?:${words})"\\s*:\\s*)"[^"\\n]*"`, 'gi'), `$1${mask}`],
  [new RegExp(`((?:password|passphrase):\\s+)${value}`, 'gi'), `$1${mask}`],
  [new RegExp(`(--(?:${words})\\s+)${value}`, 'gi'), `$1${mask}`],
  [/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g, mask],
]

/** The text without what looks like a credential. */
export function redactPatterns(text: string): string {
  const withoutUsers = text.replace(/:\/\/([^\s/?#]+)@/g, (whole, user: string) =>
    user === 'git' ? whole : `://${mask}@`,
  )
  return patterns.reduce((rest, [pattern, to]) => rest.replace(pattern, to), withoutUsers)
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
