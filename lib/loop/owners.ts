// Whose is a release? Its live objects say so, and before them, whoever remembers to have written its newest revision.
import pLimit from 'p-limit'
import { ApiError, ReconcileError } from '../model/errors.ts'
import { formatKey, type ObjectRef, parseKey } from '../model/key.ts'
import type { HelmRelease, History, Release } from '../model/release.ts'
import { snapshotOf } from '../plan/compare.ts'
import { foreignOwner, isAttempted, isWritten, proofOfOwnership } from '../plan/ownership.ts'
import type { Deps } from './deps.ts'
import { readDesired } from './desired.ts'

// Reads of live objects at once; they share one connection pool with everything else.
const parallelReads = 8

/** The HelmRelease that a release belongs to if that is not this one. What we wrote ourselves is ours. */
export async function readForeignOwner(
  deps: Deps,
  desired: HelmRelease,
  history: History,
): Promise<{ foreignOwnerId?: string }> {
  const [newest] = history
  if (newest === undefined || snapshotOf(desired, newest) !== undefined) return {}
  const { annotation, id } = desired.owner
  const marks = await readOwners(deps, annotation, newest)
  // What bears no mark may be noted in the status of a HelmRelease that is yet to be heard of.
  if (proofOfOwnership(desired, history, marks) === undefined) checkIsKnown(deps, desired)
  const foreignOwnerId = findWriter(deps, desired, history) ?? foreignOwner(id, marks)
  return foreignOwnerId === undefined ? {} : { foreignOwnerId }
}

/** Throws ReconcileError Interrupted while nobody can tell who else wants the release. */
export function checkIsKnown({ knowsAll }: Deps, desired: HelmRelease): void {
  if (knowsAll()) return
  const { releaseName, targetNamespace } = desired
  throw new ReconcileError(
    'Interrupted',
    `Cannot tell yet whose release "${releaseName}" in namespace "${targetNamespace}" is: not all HelmReleases are known`,
  )
}

/** The ids that live objects of a release name as their owner, in manifest order; undefined for those without. */
export async function readOwners(
  deps: Deps,
  annotation: string,
  release: Release,
): Promise<(string | undefined)[]> {
  const limit = pLimit(parallelReads)
  const read = async (ref: ObjectRef): Promise<string | undefined> => {
    const type = await deps.cluster.resourceFor(ref.apiVersion, ref.kind)
    if (type === undefined) return undefined
    const namespace = type.namespaced ? (ref.namespace ?? release.namespace) : undefined
    const live = await deps.cluster.get(type, ref.name, namespace).catch(neutral)
    return live?.metadata.annotations?.[annotation]
  }
  return await Promise.all(release.objects.map((ref) => limit(() => read(ref))))
}

// What we may not read says nothing. A server that does not answer must not be taken for nobody's mark.
function neutral(error: unknown): undefined {
  if (!(error instanceof ApiError) || (error.status !== 403 && error.status !== 405)) throw error
}

// Objects are marked after helm has made them, and a chart may make none: our records know it first. The same object in another
// generation's group is no stranger.
function findWriter(deps: Deps, desired: HelmRelease, history: History): string | undefined {
  const [newest] = history
  const own = formatKey(desired.key)
  const { namespace, name } = desired.key
  for (const key of deps.claims.keysOf(`${desired.targetNamespace}/${desired.releaseName}`)) {
    const it = parseKey(key)
    if (key === own || (it.namespace === namespace && it.name === name)) continue
    const other = readDesired(deps, key)
    if (other === undefined || newest === undefined) continue
    const isLast = snapshotOf(other, newest) !== undefined || isAttempted(other, newest)
    if (isLast || isWritten(other.memory.history, history)) return other.owner.id
  }
  return undefined
}
