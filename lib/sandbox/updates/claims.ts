// What an update may not change about a claim: all but its size once it is bound, and its volume and class while it has none.
import { compareQuantities } from '../../util/quantity.ts'
import { forbiddenValue } from '../causes.ts'
import { equalJson } from '../equal.ts'
import { at, textAt } from '../reading.ts'
import type { JsonMap } from '../schema.ts'
import type { Cause } from '../status.ts'
import type { Obj } from '../types.ts'

const size = 'spec.resources.requests.storage'

export function claimUpdateCauses(before: Obj, after: Obj): Cause[] {
  const isBound = textAt(after, 'status.phase') === 'Bound'
  const open = [
    ...(textAt(before, 'spec.volumeName') === '' ? ['volumeName'] : []),
    ...(at(before, 'spec.storageClassName') === undefined ? ['storageClassName'] : []),
    ...(isBound ? ['resources', 'volumeAttributesClassName'] : []),
  ]
  const fixed = (claim: Obj): JsonMap => {
    const spec = { ...(claim['spec'] as JsonMap) }
    for (const field of open) delete spec[field]
    return spec
  }
  if (!equalJson(fixed(before), fixed(after))) {
    const detail =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    return [forbiddenValue('spec', detail)]
  }
  const [old, now] = [textAt(before, size), textAt(after, size)]
  const has = textAt(before, 'status.capacity.storage')
  if (compareQuantities(now, old) >= 0 || compareQuantities(now, has) > 0) return []
  return [
    forbiddenValue('spec.resources.requests.storage', 'field can not be less than status.capacity'),
  ]
}
