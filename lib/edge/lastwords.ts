// What a program said before it ended, short enough for a log line.
import type { CommandError } from '../model/errors.ts'
import { createRedactor } from '../util/redact.ts'

/** The last line that a program wrote to stderr, without anything that looks like a credential; else how it ended. */
export function lastWords(error: CommandError): string {
  const line = error.stderr.trim().split('\n').at(-1)?.slice(0, 300)
  return line ? createRedactor()(line) : `${error.reason} ${error.exitCode ?? ''}`.trim()
}
