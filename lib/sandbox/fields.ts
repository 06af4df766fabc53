// What becomes of fields that a kind does not know, and of values it cannot read, before anything else looks at them.
import { fieldValidationOf, type Ask } from './ask.ts'
import { decodeBuiltin } from './decode.ts'
import { badRequest } from './status.ts'
import { prune, unknownFields } from './fill.ts'
import { validate } from './structural.ts'
import { StatusError, type Obj, type ResourceDefinition } from './types.ts'

/** The object without what its kind does not know; as the client asked, that is an error, a warning, or nothing. */
export function acceptFields(ask: Ask, sent: Obj): Obj {
  const { definition, warnings } = ask
  const mode = fieldValidationOf(ask)
  const unknown = unknownFields(definition.schema, sent)
  const problems = unknown.map((field) => `unknown field "${field}"`)
  if (problems.length > 0 && mode === 'Strict')
    throw unreadable(definition, `strict decoding error: ${problems.join(', ')}`)
  if (mode === 'Warn') warnings.push(...problems)
  if (!definition.custom) return decodeBuiltin(definition, sent)
  return problems.length > 0 ? prune(definition.schema, sent) : sent
}

function unreadable({ kind, version }: ResourceDefinition, why: string): StatusError {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`)
}

/** Server-side apply knows no unknown fields at all: there is nobody who could own them. */
export function checkTyped(definition: ResourceDefinition, applied: Obj): void {
  const problems = [
    ...unknownFields(definition.schema, applied).map((f) => `.${f}: field not declared in schema`),
    ...validate(definition.schema, applied).flatMap(({ field, reason, message }) => {
      const match = /must be of type (\S+): "(\w+)"$/.exec(message)
      if (reason !== 'FieldValueTypeInvalid' || match === null || match[2] === 'null') return []
      return [`.${field}: expected ${typedNames[match[1]!] ?? match[1]}, got ${match[2]}`]
    }),
  ]
  if (problems.length === 0) return
  const { namespace = '', name } = applied.metadata
  const what = `${namespace}/${name}; ${definition.group}/${definition.version}, Kind=${definition.kind}`
  const list = problems.length === 1 ? problems[0] : `errors:\n  ${problems.join('\n  ')}`
  throw new StatusError(500, '', `failed to create typed patch object (${what}): ${list}`)
}

const typedNames: Record<string, string> = {
  integer: 'numeric (int or float)',
  number: 'numeric (int or float)',
  array: 'list',
  object: 'map',
}
