// What a workload takes as its own although it did not make it: what its selector selects and nobody controls.
import type { Obj } from '../types.ts'
import { selects } from './labels.ts'
import type { LabelSelector } from './shapes.ts'
import { ownerReference, unlessGone, type World } from './world.ts'

/** Puts the owner's reference on what was orphaned, as after deleting a workload with --cascade=orphan and making it anew. */
export function adoptOrphans(
  world: World,
  resource: string,
  owner: Obj & { spec: { selector?: LabelSelector } },
): void {
  for (const one of world.relations.orphans(resource, owner.metadata.namespace)) {
    const { labels, deletionTimestamp, ownerReferences = [] } = one.metadata
    if (deletionTimestamp !== undefined) continue
    if (!selects(owner.spec.selector, labels)) continue
    const metadata = {
      ...one.metadata,
      ownerReferences: [...ownerReferences, ownerReference(owner)],
    }
    unlessGone(() => world.api.update(resource, { ...one, metadata }))
  }
}
