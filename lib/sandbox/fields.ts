// What becomes of fields that a kind does not know, and of values it cannot read, before anything else looks at them.
import { fieldValidationOf, type Ask } from './ask.ts'
import { decodeBuiltin, decodeMetadata, unreadable } from './decode.ts'
import { prune, unknownFields } from './fill.ts'
import { typeProblems } from './typed-check.ts'
import { StatusError, type Obj, type ResourceDefinition } from './types.ts'

/** The object without what its kind does not know; as the client asked, that is an error, a warning, or nothing. */
export function acceptFields(ask: Ask, sent: Obj): Obj {
  const { definition, duplicates, warnings } = ask
  const mode = fieldValidationOf(ask)
  const unknown = unknownFields(definition.schema, sent)
  const problems = [...unknown.map((field) => `unknown field "${field}"`), ...duplicates]
  if (problems.length > 0 && mode === 'Strict')
    throw unreadable(definition, `strict decoding error: ${problems.join(', ')}`)
  if (mode === 'Warn') warnings.push(...problems)
  if (!definition.custom) return decodeBuiltin(definition, sent)
  const read = decodeMetadata(definition, sent)
  return unknown.length > 0 ? prune(definition.schema, read) : read
}

/** Server-side apply knows no unknown fields at all: there is nobody who could own them. */
export function checkTyped(definition: ResourceDefinition, applied: Obj): void {
  const problems = [
    ...unknownFields(definition.schema, applied).map((f) => `.${f}: field not declared in schema`),
    ...typeProblems(definition.schema, applied),
  ]
  if (problems.length === 0) return
  const { namespace = '', name } = applied.metadata
  const what = `${namespace}/${name}; ${definition.group}/${definition.version}, Kind=${definition.kind}`
  const list = problems.length === 1 ? problems[0] : `errors:\n  ${problems.join('\n  ')}`
  throw new StatusError(500, '', `failed to create typed patch object (${what}): ${list}`)
}
