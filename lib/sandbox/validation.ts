// What would a real API server refuse about a built-in object? The essentials, in its words; metadata is checked elsewhere.
import type { Cause } from './status.ts'
import type { Obj, ResourceDefinition } from './types.ts'
import { accessValidators } from './validation/access.ts'
import { coreValidators } from './validation/core.ts'
import { schemaCauses } from './validation/generic.ts'
import { otherValidators } from './validation/others.ts'
import { workloadValidators } from './validation/workloads.ts'

type Validator = (object: Obj, before: Obj | undefined) => Cause[]

/**
 * Everything that is wrong with a built-in object that has been decoded and defaulted; empty when it may be stored.
 * `before` is the object that it replaces: what holds for new objects only is not asked of old ones.
 */
export function validateBuiltin(write: {
  definition: ResourceDefinition
  before: Obj | undefined
  after: Obj
}): Cause[] {
  const { definition, before, after } = write
  const { group, kind, schema } = definition
  // Its schemas have their own checks, see crds.ts; reviews are answered, whatever they say.
  if (kind === 'CustomResourceDefinition' || kind.endsWith('Review')) return []
  const key = group === '' ? kind : `${kind}.${group}`
  const validators: Validator[] = [
    workloadValidators,
    coreValidators,
    accessValidators,
    otherValidators,
  ].flatMap((all: Record<string, Validator>) => all[key] ?? [])
  return [
    ...schemaCauses(schema, after),
    ...validators.flatMap((validator) => validator(after, before)),
  ]
}
