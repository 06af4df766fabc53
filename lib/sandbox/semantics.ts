// What a kind means beyond its place in the store: its defaults, what is wrong with an object of it, who owns its fields.
import { invalidValue } from './causes.ts'
import { validateCrd } from './crds.ts'
import { checkImmutable } from './immutable.ts'
import { applyBuiltinDefaults } from './defaults.ts'
import { recordUpdate } from './managed.ts'
import { applyDefaults } from './fill.ts'
import { hasRules } from './rules/validate.ts'
import { validate } from './structural.ts'
import { validateBuiltin } from './validation.ts'
import type { Cause } from './status.ts'
import type { Obj, ResourceDefinition } from './types.ts'
import type { World, WriteOptions } from './world.ts'

export function applyDefaultsOf(definition: ResourceDefinition, object: Obj): Obj {
  return definition.custom ? applyDefaults(definition.schema, object) : applyBuiltinDefaults(object)
}

export function validateObject(
  definition: ResourceDefinition,
  object: Obj,
  before: Obj | undefined,
  subresource?: string,
): Cause[] {
  if (definition.custom) return validateCustom(definition, object, before)
  const causes = validateBuiltin({ definition, before, after: object })
  if (causes.length > 0) return causes
  if (definition.plural === 'customresourcedefinitions') causes.push(...validateCrd(object))
  return before === undefined
    ? causes
    : [...causes, ...checkImmutable(definition, before, object, subresource)]
}

// Rules are asked only of what has the types that they were checked for.
const blocking = new Set([
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])
const unchecked = invalidValue(
  '<nil>',
  undefined,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
)

function validateCustom(
  { schema, rules }: ResourceDefinition,
  object: Obj,
  before: Obj | undefined,
): Cause[] {
  const causes = validate(schema, object, before)
  if (rules === undefined || !hasRules(schema)) return causes
  return causes.some(({ reason }) => blocking.has(reason))
    ? [...causes, unchecked]
    : [...causes, ...rules(object, before)]
}

export function recordManager(
  world: World,
  definition: ResourceDefinition,
  before: Obj | undefined,
  after: Obj,
  { manager, subresource }: WriteOptions,
): Obj {
  return recordUpdate({ definition, before, after, manager, subresource, now: world.clock.now() })
}
