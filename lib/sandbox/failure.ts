// What becomes of an error that nobody expected in a controller: it is reported, and everybody else goes on.
import process from 'node:process'

export type ReportError = (error: unknown) => void

/** Where nobody else is told: a warning of the process, with its stack. */
export const warnOfError: ReportError = (error) => {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)))
}
