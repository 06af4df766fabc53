// What was said of a failure that a test waits for.
import type { ReconcileError } from '../../lib/model/errors.ts'

export type Failure = { code: string; message: string }

/** Code and message of the error that a promise ends with; fails when it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise
  } catch (error) {
    const { code, message } = error as ReconcileError
    return { code, message }
  }
  throw new Error('nothing was thrown')
}

/** The same with HOST for every server of this machine, whose ports differ each time. */
export async function failureAtHost(promise: Promise<unknown>): Promise<Failure> {
  const { code, message } = await failureOf(promise)
  return { code, message: message.replace(/(?:127\.0\.0\.1|0\.0\.0\.0|localhost):\d+/g, 'HOST') }
}
