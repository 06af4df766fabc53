// What becomes of fields that a kind does not know: an error, a warning, or nothing, as the client asked.
import { fieldValidationOf, type Ask } from './ask.ts'
import { unknownFieldsOf } from './semantics.ts'
import { badRequest } from './status.ts'
import type { Obj } from './types.ts'

/** Throws StatusError 400 for unknown fields under Strict, and adds warnings under Warn. */
export function checkFields(ask: Ask, sent: Obj): void {
  const { definition } = ask
  const mode = fieldValidationOf(ask)
  if (mode === 'Ignore') return
  const problems = unknownFieldsOf(definition, sent).map((field) => `unknown field "${field}"`)
  if (problems.length === 0) return
  if (mode === 'Warn') ask.warnings.push(...problems)
  else
    throw badRequest(
      `${definition.kind} in version "${definition.version}" cannot be handled as a ${definition.kind}: ` +
        `strict decoding error: ${problems.join(', ')}`,
    )
}
