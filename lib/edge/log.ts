// One line a record, on stderr: logfmt or JSON, the message under the name of its level, secrets taken out of the facts.
import type { Log, LogFields } from '../model/ports.ts'
import { ApiError, CommandError, ReconcileError } from '../model/errors.ts'
import type { Redact } from '../util/redact.ts'

export type LogFormat = 'fmt' | 'json'
export type LogOptions = {
  format: LogFormat
  write: (line: string) => void
  now: () => number
  redact: Redact
  fields?: LogFields
}
type Level = 'info' | 'warning' | 'error'
type Value = string | number | boolean | null

// What JSON leaves as it is and some terminals and collectors take for the end of a line.
const otherLineBreaks = /[\u007f-\u009f\u2028\u2029]/g
// A field is for a fact, not for a document.
const longestField = 16_384
// Looking for secrets takes its time.
const longestRedacted = 4 * longestField
// Names and our own words: no secret, though a secret may happen to be the same word, and what people search logs by.
const names: ReadonlySet<string> = new Set([
  ...['component', 'release', 'targetNamespace', 'resource', 'helmVersion'],
  ...['action', 'because', 'code', 'flag', 'program'],
])

/** A log that writes each record as one line, ended by a line feed. */
export function createLog(options: LogOptions): Log {
  const { format, write, now, redact, fields = {} } = options
  const record = (level: Level, message: string, more: LogFields = {}): void => {
    const line: Record<string, Value> = { ts: new Date(now()).toISOString() }
    // The message has this name; why it came to that gets another.
    const { [level]: err, ...facts } = more
    for (const [name, value] of Object.entries({ ...fields, [level]: '', err, ...facts }))
      if (value !== undefined) line[name] = plain(value, names.has(name) ? (text) => text : redact)
    line[level] = message
    const text = format === 'json' ? JSON.stringify(line) : logfmt(line)
    write(`${text.replace(otherLineBreaks, unicode)}\n`)
  }
  return {
    info: (message, more) => record('info', message, more),
    warn: (message, more) => record('warning', message, more),
    error: (message, more) => record('error', message, more),
    with: (more, own = redact) =>
      createLog({ ...options, fields: { ...fields, ...more }, redact: own }),
  }
}

function plain(value: unknown, redact: Redact): Value {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value
  // Redacted before it is cut to length or quoted: neither may hide a secret from redact().
  const text = redact(cutBetweenWords(typeof value === 'string' ? value : describe(value)))
  return text.length > longestField ? `${text.slice(0, longestField)}…` : text
}

// A secret may be cut in two where there is no space for long: then nothing of the text is shown.
function cutBetweenWords(text: string): string {
  if (text.length <= longestRedacted) return text
  const end = text.slice(0, longestRedacted).search(/\s\S*$/)
  return end < 0 ? '…' : `${text.slice(0, end)}…`
}

function describe(value: unknown): string {
  if (value instanceof Error) return describeError(value)
  if (typeof value !== 'object') return String(value)
  try {
    return JSON.stringify(value)
  } catch {
    return String(value)
  }
}

// What an error adds to its message, and what caused it. Never the output of a command.
function describeError(error: Error, depth = 0): string {
  const code =
    error instanceof ReconcileError ? error.code : error instanceof ApiError ? error.reason : ''
  const exit = error instanceof CommandError && error.exitCode !== null ? ` ${error.exitCode}` : ''
  const own = `${code === '' ? '' : `${code}: `}${error.message}${exit}`
  const { cause } = error
  return cause instanceof Error && depth < 5 ? `${own}: ${describeError(cause, depth + 1)}` : own
}

function logfmt(line: Record<string, Value>): string {
  return Object.entries(line)
    .map(([name, value]) => `${name.replace(/[\s="]/g, '_')}=${quoted(value)}`)
    .join(' ')
}

function quoted(value: Value): string {
  const text = String(value)
  return text === '' || /[\s"=\\\u0000-\u001f]/.test(text) ? JSON.stringify(text) : text
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
