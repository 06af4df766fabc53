// How a failed attempt is made good again, and how often it may be tried.
import type { HelmRelease, History, Revision } from '../model/release.ts'
import { isAwaited } from './waiting.ts'

/** May a rolled back upgrade be tried again? maxRetries 0 is unlimited, negative is never; n allows n tries after the first. */
export function hasRetriesLeft({ rollback, status }: HelmRelease): boolean {
  if (!rollback.retry) return false
  return rollback.maxRetries === 0 || status.rollbackCount <= rollback.maxRetries
}

/** The newest revision before the failed one that was good; undefined when there never was one. */
export function rollbackTarget(desired: HelmRelease, history: History): Revision | undefined {
  const revisions: readonly Revision[] = history
  const [failed] = revisions
  return revisions.find(
    (one) =>
      failed !== undefined &&
      one.revision < failed.revision &&
      (one.status === 'deployed' || one.status === 'superseded') &&
      // Replaced before anybody knew whether it was good.
      !isAwaited(desired, one),
  )
}
