// What happens when a HelmRelease is deleted: its release goes first, if it is really its own.
import { finalizer } from '../api/codec.ts'
import { ApiError, ReconcileError } from '../model/errors.ts'
import { formatKey, parseKey } from '../model/key.ts'
import type { HelmRelease, Release, Revision } from '../model/release.ts'
import { releaseLog } from './account.ts'
import type { Deps } from './deps.ts'
import { readOwners } from './owners.ts'
import { isOutOfReach } from './service-account.ts'

/** Keeps the object from going before its release is gone; unless switched off. */
export async function addFinalizer(deps: Deps, desired: HelmRelease): Promise<HelmRelease> {
  if (!deps.finalizers || desired.finalizers.includes(finalizer)) return desired
  const finalizers = [...desired.finalizers, finalizer]
  await patchFinalizers(deps, desired, finalizers)
  return { ...desired, finalizers }
}

/** Uninstalls what belongs to a HelmRelease that is being deleted, then lets the object go. */
export async function finalize(
  deps: Deps,
  desired: HelmRelease,
  signal: AbortSignal,
): Promise<void> {
  if (!desired.finalizers.includes(finalizer)) return
  await uninstallOwned(deps, desired, signal)
  await patchFinalizers(
    deps,
    desired,
    desired.finalizers.filter((name) => name !== finalizer),
  )
}

/** Uninstalls the release of a HelmRelease that is gone or going, unless it belongs to another. */
export async function uninstallOwned(
  deps: Deps,
  desired: HelmRelease,
  signal: AbortSignal,
): Promise<void> {
  const { identity, targetNamespace, releaseName, timeoutMs } = desired
  if (await isOutOfReach(deps, desired)) return
  const history = await deps.storage.history(targetNamespace, releaseName)
  const log = releaseLog(deps, desired)
  const [newest] = history
  if (newest === undefined) return
  const heir = heirOf(deps, desired)
  if (heir !== undefined) {
    log.info('keeping a release for another generation of the same object', { heir })
    return
  }
  if (!(await isOwn(deps, desired, newest, history))) {
    log.warn('keeping a release that belongs to somebody else')
    return
  }
  log.info('running uninstall', { action: 'uninstall' })
  const call = { identity, targetNamespace, releaseName, timeoutMs, secrets: [], signal }
  let startedAt = deps.clock.now()
  const time = (ok: boolean): void =>
    deps.metrics.time('uninstall', desired, { ok, tookMs: deps.clock.now() - startedAt })
  try {
    await deps.withSlot(() => {
      startedAt = deps.clock.now()
      return deps.uninstaller.uninstall(call)
    })
  } catch (error) {
    // Gone all the same: with its namespace, or by somebody else's hand.
    const left = await deps.storage.history(targetNamespace, releaseName, { fresh: true })
    const isGone = left.length === 0
    if (!isGone) time(false)
    if (!isGone) throw error
  }
  time(true)
  log.info('uninstall succeeded', { action: 'uninstall' })
}

// The same object in another generation's group, which stays: people migrate by deleting the old one of two.
function heirOf({ cache, claims }: Deps, { key, targetNamespace, releaseName }: HelmRelease) {
  return claims.keysOf(`${targetNamespace}/${releaseName}`).find((other) => {
    const { group, namespace, name } = parseKey(other)
    const isTwin = group !== key.group && namespace === key.namespace && name === key.name
    return isTwin && cache.get(other)?.metadata.deletionTimestamp === undefined
  })
}

// Ours is what we wrote, or what says so itself. A release that was merely there before is not.
async function isOwn(
  deps: Deps,
  desired: HelmRelease,
  newest: Release,
  history: readonly Revision[],
): Promise<boolean> {
  const { status, owner } = desired
  const wrote = status.history.some(({ uid }) => history.some(({ secret }) => secret.uid === uid))
  if (wrote) return true
  const owners = (await readOwners(deps, owner.annotation, newest)).filter((id) => id)
  if (owners.length > 0) return owners.every((id) => id === owner.id)
  // No live object says anything: a first install that died half-way, for example.
  return status.lastAttemptedRevision !== undefined
}

async function patchFinalizers(
  deps: Deps,
  desired: HelmRelease,
  finalizers: readonly string[],
): Promise<void> {
  const codec = deps.codecs.get(desired.key.group)
  if (codec === undefined) return
  const key = formatKey(desired.key)
  // The list is complete for this version only: of a newer one, it might take away what somebody else has added.
  const { resourceVersion } = desired
  const body = { metadata: { finalizers, resourceVersion } }
  try {
    deps.cache.update(key, await deps.own.patch(codec, desired.key, { type: 'merge', body }))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return
    if (error instanceof ApiError && error.status === 409)
      throw new ReconcileError(
        'Interrupted',
        'Cannot write finalizers: the object changed meanwhile',
        { cause: error },
      )
    throw error
  }
}
