// What we remember of the revisions that we put into Helm's storage: status.history, newest first.
import type { Action, Outcome } from '../model/action.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmRelease, Release } from '../model/release.ts'
import type { Snapshot } from '../model/memory.ts'
import { snapshotOf } from './compare.ts'
import { hasPredecessor, isWritten } from './ownership.ts'

// Enough to find the revision before a rollback, little enough to cost nothing in the object.
const keptSnapshots = 5

/** The history after an action. */
export function recordOutcome(
  desired: HelmRelease,
  observed: Observed,
  outcome: Outcome,
): readonly Snapshot[] {
  const { history } = desired.memory
  const { release, action } = outcome
  // Forgotten by us, not lost by others: see mayInstall() in next.ts.
  if (action === 'uninstall') return []
  if (release === undefined) return history
  const isIt = ({ revision, uid }: Snapshot) =>
    revision === release.revision && uid === release.secret.uid
  if (action === 'test') {
    const tested = outcome.ok ? ('passed' as const) : ('failed' as const)
    return history.map((one) => (isIt(one) ? { ...one, tested } : one))
  }
  if (outcome.settled)
    return history.map((one) => (isIt(one) ? settleSnapshot(one, outcome.ok) : one))
  if (!outcome.storageChanged || !isChange(action)) return history
  const made = action === 'rollback' ? copiedFrom(desired, release) : madeOf(desired, observed)
  const { waitUntil, replaced } = outcome
  // Told to install, helm upgrades what has come to be there meanwhile: nobody is to purge that.
  const isFirst = action === 'install' && isFirstRevision(desired, observed, release)
  const snapshot: Snapshot = {
    ...identify(release),
    action: action === 'install' && !isFirst ? 'upgrade' : action,
    ...made,
    deployedAt: new Date(observed.now).toISOString(),
    ...(isFirst || isOurs(desired, observed, outcome) ? {} : { adopted: true }),
    ...(waitUntil === undefined ? {} : { waitUntil }),
    ...(waitUntil === undefined || replaced === undefined ? {} : { replaced }),
  }
  return keep(snapshot, history)
}

// Nothing was there when the attempt was noted, and nothing came before helm did its work.
function isFirstRevision(desired: HelmRelease, { history }: Observed, release: Release): boolean {
  const expected = desired.memory.lastAttempt?.revision ?? release.revision
  return release.revision === expected && !hasPredecessor(history, release)
}

// A release that was there before is ours as soon as an upgrade of it has succeeded.
function isOurs(
  { memory }: HelmRelease,
  { history }: Observed,
  { action, ok, waitUntil }: Outcome,
): boolean {
  const hasSucceeded = ok && waitUntil === undefined && action !== 'rollback'
  return hasSucceeded || isWritten(memory.history, history)
}

/**
 * The history with a revision that somebody else wrote and that is just what is wanted, so that it is known from now on. Its
 * tests are the affair of whoever wrote it.
 */
export function adoptRevision(
  desired: HelmRelease,
  observed: Observed,
  release: Release,
): readonly Snapshot[] {
  if (snapshotOf(desired, release) !== undefined) return desired.memory.history
  const snapshot: Snapshot = {
    ...identify(release),
    action: 'upgrade',
    generation: desired.generation,
    chartDigest: observed.artifact.digest,
    valuesDigest: observed.values.digest,
    deployedAt: release.deployedAt ?? new Date(observed.now).toISOString(),
    ...(desired.test.enable ? { tested: 'passed' as const } : {}),
    ...(isWritten(desired.memory.history, observed.history) || wasReleasedBefore(desired)
      ? {}
      : { adopted: true }),
  }
  return keep(snapshot, desired.memory.history)
}

// fluxcd/helm-operator said on this very object what it had released, and kept no record of revisions.
function wasReleasedBefore({ memory: { revision, lastAttempt, history } }: HelmRelease): boolean {
  return revision !== undefined && lastAttempt === undefined && history.length === 0
}

function keep(snapshot: Snapshot, history: readonly Snapshot[]): readonly Snapshot[] {
  const others = history.filter(
    ({ revision, uid }) => revision !== snapshot.revision || uid !== snapshot.uid,
  )
  return [snapshot, ...others].slice(0, keptSnapshots)
}

function isChange(action: Action['kind']): action is Snapshot['action'] {
  return action === 'install' || action === 'upgrade' || action === 'rollback'
}

function identify(release: Release): Pick<Snapshot, 'revision' | 'uid' | 'chartVersion'> {
  const { revision, secret, chart } = release
  return { revision, uid: secret.uid, chartVersion: chart.version }
}

type Made = Pick<Snapshot, 'generation' | 'chartDigest' | 'valuesDigest'>

// What was noted before it began is what helm was given, whatever is wanted by now.
function madeOf(desired: HelmRelease, { artifact, values }: Observed): Made {
  const { lastAttempt } = desired.memory
  if (lastAttempt === undefined)
    return {
      generation: desired.generation,
      chartDigest: artifact.digest,
      valuesDigest: values.digest,
    }
  const { generation, chartDigest, valuesDigest } = lastAttempt
  return { generation, chartDigest, valuesDigest }
}

// A rollback makes the new revision out of an old one, and says of which.
function copiedFrom(desired: HelmRelease, release: Release): Made {
  const [, number] = /^Rollback to (\d+)$/.exec(release.description) ?? []
  const source = desired.memory.history.find(({ revision }) => String(revision) === number)
  const { chartDigest = '', valuesDigest = '' } = source ?? {}
  return { generation: desired.generation, chartDigest, valuesDigest }
}

function settleSnapshot(snapshot: Snapshot, ok: boolean): Snapshot {
  const { waitUntil: _, replaced: __, adopted, ...settled } = snapshot
  const isStillAdopted = adopted === true && (!ok || snapshot.action === 'rollback')
  return isStillAdopted ? { ...settled, adopted } : settled
}
