// What happens when a HelmRelease is deleted: its release goes first, if it is really its own.
import { finalizer } from '../api/codec.ts'
import { ApiError, ReconcileError } from '../model/errors.ts'
import { formatKey, parseKey } from '../model/key.ts'
import type { HelmDriver, Log } from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import { formerRelease, isAnothersStatus, startAfresh } from '../plan/move.ts'
import { describeKept, foreignOwner, proofOfOwnership } from '../plan/ownership.ts'
import { releaseLog } from './account.ts'
import type { Deps } from './deps.ts'
import { readDesired } from './desired.ts'
import { checkIsKnown, readOwners } from './owners.ts'
import { findOwnFormer, recordLeftBehind } from './report.ts'
import { isOutOfReach } from './service-account.ts'
import { goneError } from './status.ts'

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
  // Others may have written their finalizers while helm was at work.
  const now = readDesired(deps, formatKey(desired.key))
  if (now?.uid !== desired.uid) return
  await patchFinalizers(
    deps,
    now,
    now.finalizers.filter((name) => name !== finalizer),
  )
}

/**
 * Uninstalls the release of a HelmRelease that is gone or going, if it is provably its own. Anything else stays, and it is
 * said why.
 */
export async function uninstallOwned(
  deps: Deps,
  desired: HelmRelease,
  signal: AbortSignal,
): Promise<void> {
  if (await isOutOfReach(deps, desired)) return
  const log = releaseLog(deps, desired)
  const former = await findOwnFormer(deps, desired)
  const isMoved = formerRelease(desired) !== undefined || isAnothersStatus(desired)
  const current = isMoved ? { ...desired, memory: startAfresh(desired) } : desired
  await uninstallCurrent(deps, current, { log, signal })
  // Last, so that a pass that has to wait for its turn says it once.
  if (former !== undefined) await recordLeftBehind(deps, desired, { former, log })
}

async function uninstallCurrent(
  deps: Deps,
  current: HelmRelease,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<void> {
  const { targetNamespace, releaseName } = current
  // A helm of ours may have ended a moment ago, before any watch could tell.
  const history = await deps.storage.history(targetNamespace, releaseName, { fresh: true })
  const [newest] = history
  if (newest === undefined) return
  checkIsKnown(deps, current)
  const heir = heirOf(deps, current)
  if (heir !== undefined) {
    log.info('keeping a release for another generation of the same object', { heir })
    return
  }
  const uninstaller = deps.uninstallerFor(current)
  if (uninstaller === undefined) return await keep(deps, current, log, 'helm2')
  const marks = await readOwners(deps, current.owner.annotation, newest)
  const proof = proofOfOwnership(current, history, marks)
  if (proof !== undefined) return await uninstall(deps, current, { uninstaller, log, signal })
  const owner = foreignOwner(current.owner.id, marks)
  await keep(deps, current, log, owner === undefined ? 'unproven' : { owner })
}

async function keep(
  deps: Deps,
  desired: HelmRelease,
  log: Log,
  why: Parameters<typeof describeKept>[1],
): Promise<void> {
  const message = describeKept(desired, why)
  log.warn('keeping a release that belongs to somebody else', { why: message })
  await deps.events.record(desired, { type: 'Warning', reason: 'ReleaseKept', message })
}

async function uninstall(
  deps: Deps,
  { key, identity, targetNamespace, releaseName, timeoutMs }: HelmRelease,
  { uninstaller, log, signal }: { uninstaller: HelmDriver; log: Log; signal: AbortSignal },
): Promise<void> {
  const target = { targetNamespace, releaseName }
  deps.reservations.claimHelm(formatKey(key), 'asked')
  log.info('running uninstall', { action: 'uninstall' })
  const call = { ...target, identity, timeoutMs, secrets: [], signal }
  const startedAt = deps.clock.now()
  const time = (ok: boolean): void =>
    deps.metrics.time('uninstall', target, { ok, tookMs: deps.clock.now() - startedAt })
  try {
    await uninstaller.uninstall(call)
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
    // Whatever is begun for an object that is gone has nobody to end it.
    if (error instanceof ApiError && error.status === 404) throw goneError(desired)
    if (error instanceof ApiError && error.status === 409)
      throw new ReconcileError(
        'Interrupted',
        'Cannot write finalizers: the object changed meanwhile',
        { cause: error },
      )
    throw error
  }
}
