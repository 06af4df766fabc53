// What becomes of fields that a kind does not know, and of values it cannot read, before anything else looks at them.
import { fieldValidationOf, type Ask } from './ask.ts'
import { decodeBuiltin, decodeMetadata, unreadable } from './decode.ts'
import { prune, unknownFields } from './fill.ts'
import { readJsonSchema, SchemaTypeError } from './json-schema.ts'
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
  if (!definition.custom) return readBuiltin(definition, sent)
  const read = decodeMetadata(definition, sent)
  return unknown.length > 0 ? prune(definition.schema, read) : read
}

/** A built-in object as Go's types read it. Throws StatusError 400 for a value of the wrong type. */
export function readBuiltin(definition: ResourceDefinition, object: Obj): Obj {
  return withSchemas(definition, decodeBuiltin(definition, object))
}

// Of built-in kinds, one has a part that its types leave open.
function withSchemas(definition: ResourceDefinition, object: Obj): Obj {
  if (definition.plural !== 'customresourcedefinitions') return object
  const spec = object['spec'] as { versions?: Version[] }
  try {
    const versions = (spec.versions ?? []).map((version) => {
      const schema = version.schema?.openAPIV3Schema
      if (schema === undefined) return version
      return { ...version, schema: { openAPIV3Schema: readJsonSchema(schema) } }
    })
    return { ...object, spec: { ...spec, ...(spec.versions === undefined ? {} : { versions }) } }
  } catch (error) {
    throw error instanceof SchemaTypeError ? unreadable(definition, error.message) : error
  }
}

type Version = { schema?: { openAPIV3Schema?: unknown } }

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
