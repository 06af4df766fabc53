// Marks the live objects of a release with the HelmRelease they belong to, so that no other one takes them over.
import pLimit from 'p-limit'
import { formatRef, type ObjectRef } from '../model/key.ts'
import type { HelmRelease, Release } from '../model/release.ts'
import { releaseLog } from './account.ts'
import type { Deps } from './deps.ts'

// The proxy carries all of our traffic: a release of a hundred objects must not fill it.
const parallelPatches = 8

/** Writes the owner annotation onto every object of the manifest. What cannot be annotated is a warning, never a failure. */
export async function annotateOwner(
  deps: Deps,
  desired: HelmRelease,
  release: Release,
): Promise<void> {
  const startedAt = deps.clock.now()
  const limit = pLimit(parallelPatches)
  const annotations = { [desired.owner.annotation]: desired.owner.id }
  const body = { metadata: { annotations } }
  const annotate = async (ref: ObjectRef): Promise<void> => {
    const type = await deps.cluster.resourceFor(ref.apiVersion, ref.kind)
    if (type === undefined) return
    const namespace = type.namespaced ? (ref.namespace ?? release.namespace) : undefined
    const target = { name: ref.name, ...(namespace === undefined ? {} : { namespace }) }
    await deps.cluster.patch(type, target, { type: 'merge', body })
  }
  const refs = release.objects
  const results = await Promise.allSettled(refs.map((ref) => limit(() => annotate(ref))))
  const log = releaseLog(deps, desired)
  for (const [index, result] of results.entries())
    if (result.status === 'rejected')
      log.warn('cannot annotate object', {
        action: 'annotate',
        object: formatRef(refs[index]!),
        error: result.reason instanceof Error ? result.reason.message : String(result.reason),
      })
  const ok = results.every(({ status }) => status === 'fulfilled')
  deps.metrics.time('annotate', desired, { ok, tookMs: deps.clock.now() - startedAt })
}
