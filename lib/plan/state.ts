// What state is a release in? The decision table of fluxcd/helm-operator, with its dead ends opened.
import type { Observed, ReleaseState } from '../model/observed.ts'
import type { HelmRelease, History, Release, Revision } from '../model/release.ts'
import { changedSinceAttempt, isNewGeneration, isRefused } from './attempt.ts'
import { findDifference, snapshotOf } from './compare.ts'
import { isAtWork, isCutRollback, isUnbegun } from './journal.ts'
import { hasRetriesLeft, isRetriedInPlace } from './remediation.ts'
import { isInterrupted } from './unlock.ts'

/** The one state that desired and observed add up to; the first rule that fits wins. */
export function determineState(desired: HelmRelease, observed: Observed): ReleaseState {
  const [newest] = observed.history
  if (newest === undefined || newest.status === 'uninstalled') return { kind: 'absent' }
  if (observed.foreignOwnerId !== undefined)
    return { kind: 'unmanaged', ownerId: observed.foreignOwnerId }
  switch (newest.status) {
    case 'pending-install':
    case 'pending-upgrade':
    case 'pending-rollback':
    case 'uninstalling':
      return { kind: 'locked', release: newest, until: lockedUntil(desired, newest) }
    case 'failed':
    case 'deployed':
      if (isNewGeneration(desired))
        return { kind: 'outOfSync', because: causeOfFirst(desired), release: newest }
      if (isUnbegun(desired, newest))
        return { kind: 'outOfSync', because: 'interrupted', release: newest }
      if (isRefused(desired, observed, newest))
        return { kind: 'outOfSync', because: 'retry', release: newest }
      return newest.status === 'failed'
        ? stateOfFailed(desired, observed, newest)
        : stateOfDeployed(desired, observed, newest)
    case 'superseded':
    case 'unknown':
      return { kind: 'outOfSync', because: 'storage', release: newest }
  }
}

// What our own helm left is free at once, for one operator works on a HelmRelease at a time. Any other helm has our timeout.
function lockedUntil(desired: HelmRelease, release: Release): number {
  if (isAtWork(desired)) return 0
  return Date.parse(release.deployedAt ?? '') + desired.timeoutMs || 0
}

function stateOfFailed(desired: HelmRelease, observed: Observed, release: Release): ReleaseState {
  const isRollback =
    isCutRollback(desired, release) || snapshotOf(desired, release)?.action === 'rollback'
  if (isInterrupted(release.description) && !isRollback && !isJudged(desired, release))
    return { kind: 'outOfSync', because: 'interrupted', release }
  const because = isRollback
    ? changedSinceAttempt(desired, observed)
    : findDifference(desired, observed, release)
  if (because !== undefined) return { kind: 'outOfSync', because, release }
  // Marked by us, but cut short before anything was done about it.
  const awaited = rollingOut(desired, observed, release)
  if (awaited !== undefined) return awaited
  return isRetriedInPlace(desired, release)
    ? { kind: 'outOfSync', because: 'retry', release }
    : { kind: 'failed', release }
}

// Failed as an attempt of ours, whatever has happened to it since: an uninstall of it that was cut short, for example.
function isJudged({ memory: { lastAttempt } }: HelmRelease, { revision }: Release): boolean {
  return lastAttempt?.revision === revision && lastAttempt.failedAt !== undefined
}

// Does the revision still have time to become what it is asked to be? One that is marked failed has not.
function rollingOut(
  desired: HelmRelease,
  { rollout }: Observed,
  release: Release,
): ReleaseState | undefined {
  const until = snapshotOf(desired, release)?.waitUntil
  if (until === undefined) return undefined
  const verdict = release.status === 'failed' ? 'failed' : 'progressing'
  const unknown = { ready: 0, total: 0, waitingFor: [], verdict, why: release.description } as const
  const progress = verdict === 'failed' ? unknown : (rollout ?? unknown)
  return { kind: 'rollingOut', release, until: Date.parse(until) || 0, progress }
}

function stateOfDeployed(desired: HelmRelease, observed: Observed, release: Release): ReleaseState {
  if (isRolledBack(desired, release)) return stateOfRolledBack(desired, observed, release)
  const because = findDifference(desired, observed, release)
  if (because !== undefined) return { kind: 'outOfSync', because, release }
  return rollingOut(desired, observed, release) ?? stateOfReady(desired, release)
}

function stateOfReady(desired: HelmRelease, release: Release): ReleaseState {
  const { enable, ignoreFailures } = desired.test
  const snapshot = snapshotOf(desired, release)
  if (!enable || snapshot === undefined || (snapshot.tested === 'failed' && ignoreFailures))
    return { kind: 'inSync', release }
  if (snapshot.tested === 'failed')
    return isRetriedInPlace(desired, release)
      ? { kind: 'outOfSync', because: 'retry', release }
      : { kind: 'failed', release }
  return { kind: snapshot.tested === 'passed' ? 'inSync' : 'untested', release }
}

// After a rollback the good revision differs from the spec on purpose: what counts is whether the failed one still would.
function stateOfRolledBack(
  desired: HelmRelease,
  observed: Observed,
  release: Release,
): ReleaseState {
  const awaited = rollingOut(desired, observed, release)
  const because = desired.memory.lastAttempt
    ? changedSinceAttempt(desired, observed)
    : findDifference(desired, observed, attemptedBefore(observed.history, release) ?? release)
  if (because !== undefined) return { kind: 'outOfSync', because, release }
  if (awaited !== undefined) return awaited
  return hasRetriesLeft(desired)
    ? { kind: 'outOfSync', because: 'retry', release }
    : { kind: 'rolledBack', release }
}

/** The revision that was rolled back: the newest before the good one that ended badly. */
export function attemptedBefore(history: History, good: Revision): Revision | undefined {
  const revisions: readonly Revision[] = history
  return revisions.find(
    ({ status, revision }) =>
      revision < good.revision && (status === 'failed' || status === 'superseded'),
  )
}

function causeOfFirst({ memory }: HelmRelease): 'generation' | 'adoption' {
  return memory.observedGeneration === 0 && memory.history.length === 0 ? 'adoption' : 'generation'
}

/** Is this revision the good one that the last upgrade fell back to? */
export function isRolledBack(desired: HelmRelease, release: Revision): boolean {
  const { history, wasRolledBack = false } = desired.memory
  return history.length > 0 ? snapshotOf(desired, release)?.action === 'rollback' : wasRolledBack
}
