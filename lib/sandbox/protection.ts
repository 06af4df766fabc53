// Which objects are born with a finalizer, so that nobody pulls them from under those who use them?
import type { Obj, ResourceDefinition } from './types.ts'
import { withMeta } from './world.ts'

export const protection = 'kubernetes.io/pvc-protection'

/** A new claim with its finalizer; anything else as it is. */
export function protect({ group, plural }: ResourceDefinition, object: Obj): Obj {
  if (group !== '' || plural !== 'persistentvolumeclaims') return object
  const finalizers = object.metadata.finalizers ?? []
  if (finalizers.includes(protection)) return object
  return withMeta(object, { finalizers: [...finalizers, protection] })
}
