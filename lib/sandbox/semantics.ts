// What a kind means beyond its place in the store: its defaults, what is wrong with an object of it, who owns its fields.
import { validateCrd } from './crds.ts'
import { checkImmutable } from './immutable.ts'
import { applyBuiltinDefaults } from './defaults.ts'
import { recordUpdate } from './managed.ts'
import { applyDefaults } from './fill.ts'
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
): Cause[] {
  const causes = definition.custom
    ? validate(definition.schema, object)
    : validateBuiltin({ definition, before, after: object })
  if (causes.length > 0) return causes
  if (definition.plural === 'customresourcedefinitions' && !definition.custom)
    causes.push(...validateCrd(object))
  return before === undefined ? causes : [...causes, ...checkImmutable(definition, before, object)]
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
