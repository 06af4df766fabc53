// Keeps secrets out of what people and logs get to see: those we know of, and what looks like one.
import { Needles } from './needles.ts'
import { fromBytes, toBytes, viewsOf } from './text-views.ts'

export type Redact = (text: string) => string

const mask = '***'
// Shorter values ("true", "80") are words of every other sentence.
const shortest = 4

// More than any values file of people holds; putting as many into needles takes tens of milliseconds.
export const mostSecrets = 5_000
/** Stands in place of a text in which too many secrets would have to be looked for. */
export const withheld =
  'a text is withheld, because the secret values of this release are too many to be looked for in it'

/**
 * A function that replaces these values, however they are usually written, and anything that looks like a credential. Of more
 * values than mostSecrets, it shows nothing.
 */
export function createRedactor(secrets: readonly string[] = []): Redact {
  if (secrets.length > mostSecrets) return () => withheld
  const needles = new Needles()
  for (const needle of needlesOf(secrets)) needles.add(needle)
  return (text) => redactPatterns(redactNeedles(text, needles))
}

/** What is to be looked for, if these are secrets: each as a whole, and line by line as parsers quote it. */
export function needlesOf(secrets: readonly string[]): string[] {
  const needles = new Set<string>()
  for (const secret of secrets) {
    const text = secret.trim()
    if (text.length >= shortest) needles.add(toBytes(text))
    if (!text.includes('\n')) continue
    for (const line of text.split('\n').map((one) => one.trim()))
      if (line.length >= 8) needles.add(toBytes(line))
  }
  return [...needles]
}

/** The text without these needles, or those that are wanted of them, in whatever view of it one of them shows. */
export function redactNeedles(
  text: string,
  needles: Needles,
  isWanted?: (piece: string) => boolean,
): string {
  if (needles.isEmpty) return text
  const bytes = toBytes(text)
  const found: [number, number][] = []
  for (const view of viewsOf(bytes)) {
    const haystack = view.bytes.toLowerCase()
    const onFound = (from: number, to: number): void => {
      if (!isPartOfWord(haystack, from, to)) found.push(view.place(from, to))
    }
    needles.find(haystack, onFound, isWanted)
  }
  return found.length === 0 ? text : fromBytes(maskAll(bytes, found))
}

// "flux" may be a password, and is no part of "fluxcd.io". What is no word is hidden wherever it is.
function isPartOfWord(haystack: string, from: number, to: number): boolean {
  const isGlued = isWordy(haystack.charCodeAt(from - 1)) || isWordy(haystack.charCodeAt(to))
  return isGlued && /^(?:[a-z]+(?:[-._ ][a-z]+)*|\d+)$/.test(haystack.slice(from, to))
}

function isWordy(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39)
}

function maskAll(bytes: string, found: [number, number][]): string {
  found.sort((a, b) => a[0] - b[0])
  let shown = ''
  let at = 0
  for (const [from, to] of found) {
    // What overlaps is one secret, or two of which nothing must be left in between.
    if (from >= at) shown += bytes.slice(at, from) + mask
    at = Math.max(at, to)
  }
  return shown + bytes.slice(at)
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
]

/** The text without what looks like a credential. */
export function redactPatterns(text: string): string {
  const withoutUsers = text.replace(/:\/\/([^\s/?#]+)@/g, (whole, user: string) =>
    user === 'git' ? whole : `://${mask}@`,
  )
  const withoutKeys = maskKeys(withoutUsers)
  return patterns.reduce((rest, [pattern, to]) => rest.replace(pattern, to), withoutKeys)
}

// Of a key that was cut off, nothing is shown either. One expression would look for the end from each beginning anew.
function maskKeys(text: string): string {
  let shown = ''
  let at = 0
  for (const { 0: begin, 1: kind, index } of text.matchAll(
    /-----BEGIN ([A-Z ]{0,30}PRIVATE KEY)-----/g,
  )) {
    if (index < at) continue
    const end = `-----END ${kind}-----`
    const found = text.indexOf(end, index + begin.length)
    shown += text.slice(at, index) + mask
    at = found < 0 ? text.length : found + end.length
    if (found < 0) break
  }
  return shown + text.slice(at)
}
