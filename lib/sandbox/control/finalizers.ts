// How a controller that an object has waited for lets it go.
import type { Obj } from '../types.ts'
import { withMeta, type Target, type World } from '../world.ts'
import { updateObject } from '../write.ts'

const manager = 'kube-controller-manager'

export function dropFinalizer(world: World, target: Target, finalizer: string): void {
  const drop = (before: Obj): Obj => {
    const finalizers = (before.metadata.finalizers ?? []).filter((one) => one !== finalizer)
    return withMeta(before, { finalizers: finalizers.length === 0 ? undefined : finalizers })
  }
  updateObject(world, target, drop, { manager })
}
