// What state is a release in? The decision table of fluxcd/helm-operator, with its dead ends opened.
import type { Observed, ReleaseState } from '../model/observed.ts'
import type { HelmRelease, History, Release, Revision } from '../model/release.ts'
import { findDifference, snapshotOf } from './compare.ts'
import { hasRetriesLeft } from './remediation.ts'
import { progressingReason } from './waiting.ts'
import { unlockedMark } from './unlock.ts'

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
      return stateOfFailed(desired, observed, newest)
    case 'deployed':
      return stateOfDeployed(desired, observed, newest)
    case 'superseded':
    case 'unknown':
      return { kind: 'outOfSync', because: 'storage', release: newest }
  }
}

/** Was this attempt at a revision begun by us, and never finished? The phase is written before helm starts. */
function isOurUnfinishedWork({ status: { phase, conditions } }: HelmRelease): boolean {
  if (phase !== 'Installing' && phase !== 'Upgrading' && phase !== 'RollingBack') return false
  // In the same phase, but after helm: whoever is at work on the release now, it is not us.
  return !conditions.some(({ type, reason }) => type === 'Ready' && reason === progressingReason)
}

// What we began and did not finish is free at once: nobody else writes our phase. Anybody else has our timeout to finish.
function lockedUntil(desired: HelmRelease, release: Release): number {
  if (isOurUnfinishedWork(desired)) return 0
  return Date.parse(release.deployedAt ?? '') + desired.timeoutMs || 0
}

function stateOfFailed(desired: HelmRelease, observed: Observed, release: Release): ReleaseState {
  if (release.description.startsWith(unlockedMark))
    return { kind: 'outOfSync', because: 'interrupted', release }
  const because = isNewGeneration(desired, release)
    ? 'generation'
    : findDifference(desired, observed, release)
  if (because !== undefined) return { kind: 'outOfSync', because, release }
  // Marked by us, but cut short before anything was done about it.
  return rollingOut(desired, observed, release) ?? { kind: 'failed', release }
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
  const difference = findDifference(desired, observed, release)
  if (isNewGeneration(desired, release)) {
    const done = isOurUnfinishedWork(desired) && difference === undefined
    if (!done) return { kind: 'outOfSync', because: causeOfFirst(desired), release }
  } else if (isRolledBack(desired)) return stateOfRolledBack(desired, observed, release)
  if (difference !== undefined) return { kind: 'outOfSync', because: difference, release }
  const awaited = rollingOut(desired, observed, release)
  if (awaited !== undefined) return awaited
  const snapshot = snapshotOf(desired, release)
  if (desired.test.enable && snapshot && snapshot.action !== 'rollback' && !snapshot.tested)
    return { kind: 'untested', release }
  return { kind: 'inSync', release }
}

// After a rollback the good revision differs from the spec on purpose: what counts is whether the failed one still would.
function stateOfRolledBack(
  desired: HelmRelease,
  observed: Observed,
  release: Release,
): ReleaseState {
  if (hasRetriesLeft(desired)) return { kind: 'outOfSync', because: 'retry', release }
  const attempted = attemptedBefore(observed.history, release)
  const because = findDifference(desired, observed, attempted ?? release)
  return because === undefined
    ? { kind: 'rolledBack', release }
    : { kind: 'outOfSync', because, release }
}

/** The revision that was rolled back: the newest before the good one that ended badly. */
export function attemptedBefore(history: History, good: Revision): Revision | undefined {
  const revisions: readonly Revision[] = history
  return revisions.find(
    ({ status, revision }) =>
      revision < good.revision && (status === 'failed' || status === 'superseded'),
  )
}

function isNewGeneration(desired: HelmRelease, release: Release): boolean {
  return (
    desired.status.observedGeneration < desired.generation &&
    snapshotOf(desired, release)?.generation !== desired.generation
  )
}

function causeOfFirst({ status }: HelmRelease): 'generation' | 'adoption' {
  return status.observedGeneration === 0 && status.history.length === 0 ? 'adoption' : 'generation'
}

/** Did the last upgrade end in a rollback, and nothing came after it? */
export function isRolledBack({ status: { conditions, history } }: HelmRelease): boolean {
  const isLast = (history[0]?.action ?? 'rollback') === 'rollback'
  return isLast && conditions.some(({ type, status }) => type === 'RolledBack' && status === 'True')
}
