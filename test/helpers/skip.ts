// The one reason for which a test may be left out: the machine has no SSH client, which git needs to speak SSH. The runner
// prints the title of each such test and counts it as skipped; any other skipped test is a failure.
import process from 'node:process'
import { findOnPath } from '../../lib/edge/lookup.ts'

type Register = (title: string, body: () => void | Promise<void>) => void

// Of the file that runs; a worker runs one at a time.
const skipped: string[] = []

export function hasSshClient(): boolean {
  return findOnPath('ssh', process.env.PATH) !== undefined
}

/** Registers a test that needs an SSH client, or has the runner say that it was skipped. */
export function testWithSsh(test: Register, title: string, body: () => void | Promise<void>): void {
  if (hasSshClient()) test(title, body)
  else skipForSsh(title)
}

/** Has the runner say that a case was skipped because there is no SSH client. */
export function skipForSsh(title: string): void {
  skipped.push(`${title}: no ssh client on PATH`)
}

/** What was skipped since the last call. */
export function takeSkipped(): string[] {
  return skipped.splice(0)
}
