// What we remember of the revisions that we put into Helm's storage: status.history, newest first.
import type { Action, Outcome } from '../model/action.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmRelease, Release } from '../model/release.ts'
import type { Snapshot } from '../model/status.ts'
import { snapshotOf } from './compare.ts'

// Enough to find the revision before a rollback, little enough to cost nothing in the object.
const keptSnapshots = 5

/** The history after an action. */
export function recordOutcome(
  desired: HelmRelease,
  observed: Observed,
  outcome: Outcome,
): readonly Snapshot[] {
  const { history } = desired.status
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
  if (outcome.settled) return history.map((one) => (isIt(one) ? withoutWait(one) : one))
  if (!outcome.storageChanged || !isChange(action)) return history
  const made = action === 'rollback' ? copiedFrom(desired, release) : madeOf(desired, observed)
  const { waitUntil, replaced } = outcome
  const snapshot: Snapshot = {
    ...identify(release),
    action,
    ...made,
    deployedAt: new Date(observed.now).toISOString(),
    ...(waitUntil === undefined ? {} : { waitUntil }),
    ...(waitUntil === undefined || replaced === undefined ? {} : { replaced }),
  }
  return keep(snapshot, history)
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
  if (snapshotOf(desired, release) !== undefined) return desired.status.history
  const snapshot: Snapshot = {
    ...identify(release),
    action: 'upgrade',
    generation: desired.generation,
    chartDigest: observed.artifact.digest,
    valuesDigest: observed.values.digest,
    deployedAt: release.deployedAt ?? new Date(observed.now).toISOString(),
    ...(desired.test.enable ? { tested: 'passed' as const } : {}),
  }
  return keep(snapshot, desired.status.history)
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
  const { lastAttempt } = desired.status
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
  const source = desired.status.history.find(({ revision }) => String(revision) === number)
  const { chartDigest = '', valuesDigest = '' } = source ?? {}
  return { generation: desired.generation, chartDigest, valuesDigest }
}

function withoutWait({ waitUntil: _, replaced: __, ...settled }: Snapshot): Snapshot {
  return settled
}
