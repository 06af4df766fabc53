// How a failed attempt is made good again, and how often it may be tried.
import type { HelmRelease, History, Revision } from '../model/release.ts'

/** May a rolled back upgrade be tried again? maxRetries 0 is unlimited, negative is never; n allows n tries after the first. */
export function hasRetriesLeft({ rollback, status }: HelmRelease): boolean {
  if (!rollback.retry) return false
  return rollback.maxRetries === 0 || status.rollbackCount <= rollback.maxRetries
}

/** The newest revision before the failed one that was good; undefined when there never was one. */
export function rollbackTarget(history: History): Revision | undefined {
  const revisions: readonly Revision[] = history
  const [failed] = revisions
  return revisions.find(
    ({ revision, status }) =>
      failed !== undefined &&
      revision < failed.revision &&
      (status === 'deployed' || status === 'superseded'),
  )
}
