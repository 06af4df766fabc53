// How a failed attempt is made good again, and how often it may be tried.
import type { Action } from '../model/action.ts'
import type { HelmRelease, History, Revision } from '../model/release.ts'
import { snapshotOf } from './compare.ts'
import { isAwaited } from './waiting.ts'

/** May a rolled back upgrade be tried again? maxRetries 0 is unlimited, negative is never; n allows n tries after the first. */
export function hasRetriesLeft({ rollback, memory }: HelmRelease): boolean {
  if (!rollback.retry) return false
  return rollback.maxRetries === 0 || memory.rollbackCount <= rollback.maxRetries
}

/** May a failed first install be tried again? Counted in the same way. */
export function hasInstallRetriesLeft({ maxInstallRetries, memory }: HelmRelease): boolean {
  return maxInstallRetries === 0 || (memory.installFailures ?? 0) <= maxInstallRetries
}

/** Is a release that never was any good to be tried again on top of what is left of it? A failed install is purged first. */
export function isRetriedInPlace(desired: HelmRelease, newest: Revision): boolean {
  const hasFailed = (desired.memory.installFailures ?? 0) > 0
  const isInstall = snapshotOf(desired, newest)?.action === 'install'
  const isPurged = isInstall && desired.onInstallFailure === 'purge'
  return hasFailed && !isPurged && hasInstallRetriesLeft(desired)
}

/** The newest revision before the failed one that was good; undefined when there never was one. */
export function rollbackTarget(desired: HelmRelease, history: History): Revision | undefined {
  const revisions: readonly Revision[] = history
  const [failed] = revisions
  return revisions.find(
    (one) => failed !== undefined && one.revision < failed.revision && isGood(desired, one),
  )
}

/** Is there a revision that anybody ever took for good? */
export function wasEverGood(desired: HelmRelease, history: readonly Revision[]): boolean {
  return history.some((one) => isGood(desired, one))
}

/** What makes the newest revision, which is a failure, good again: back to the one before, or away with a first one. */
export function remedyFor(desired: HelmRelease, history: History): Action {
  const [newest] = history
  if (newest === undefined) return { kind: 'none' }
  if (snapshotOf(desired, newest)?.action === 'install')
    return desired.onInstallFailure === 'purge' && isAllOurs(desired, history)
      ? { kind: 'uninstall' }
      : { kind: 'none' }
  const target = rollbackTarget(desired, history)
  return desired.rollback.enable && target !== undefined
    ? { kind: 'rollback', to: target.revision }
    : { kind: 'none' }
}

// An uninstall takes every revision with it.
function isAllOurs(desired: HelmRelease, history: readonly Revision[]): boolean {
  return history.every(
    (one) => one.status === 'uninstalled' || snapshotOf(desired, one) !== undefined,
  )
}

function isGood(desired: HelmRelease, revision: Revision): boolean {
  const { status } = revision
  if (status !== 'deployed' && status !== 'superseded') return false
  const { enable, ignoreFailures } = desired.test
  const isTested = enable && !ignoreFailures
  if (isTested && snapshotOf(desired, revision)?.tested === 'failed') return false
  // One that is waited for still, or was replaced meanwhile: nobody knows whether it is good.
  return !isAwaited(desired, revision)
}
