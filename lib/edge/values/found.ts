// What looking for a document of values came to, before anybody knows what is in it.
import { ReconcileError } from '../../model/errors.ts'

export type Found = {
  // Another one for another content; empty for what does not exist.
  version: string
} & ({ bytes: Uint8Array } | { failure: ReconcileError })

// Parsing that much holds everybody up for a second or two; ConfigMaps and Secrets hold a quarter of it.
export const maxDocumentBytes = 4 * 1024 * 1024

/** Nothing, and why. */
export function missing(why: string, options: { version?: string; cause?: unknown } = {}): Found {
  const { version = '', cause } = options
  const failure = new ReconcileError('ValuesSourceNotFound', `Cannot read values: ${why}`, {
    cause,
  })
  return { version, failure }
}
