// Ends the wait for a revision's objects, and leaves Helm's storage as a helm that waits would have left it.
import type { Action, Outcome } from '../model/action.ts'
import { type ErrorCode, ReconcileError } from '../model/errors.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmRelease, History, Release, Revision } from '../model/release.ts'
import type { Snapshot } from '../model/memory.ts'
import { snapshotOf } from '../plan/compare.ts'
import { isAwaited } from '../plan/waiting.ts'
import type { Deps } from './deps.ts'

const codes: Record<Snapshot['action'], ErrorCode> = {
  install: 'InstallFailed',
  upgrade: 'UpgradeFailed',
  rollback: 'RollbackFailed',
}
const words: Record<Snapshot['action'], { verb: string; done: string }> = {
  install: { verb: 'install', done: 'Installed' },
  upgrade: { verb: 'upgrade', done: 'Upgraded' },
  rollback: { verb: 'roll back', done: 'Rolled back' },
}

/** The outcome of the change that was waited for. */
export async function settle(
  deps: Deps,
  { desired, observed }: { desired: HelmRelease; observed: Observed },
  { ready, why }: Action & { kind: 'settle' },
): Promise<Outcome> {
  const [newest] = observed.history
  const snapshot = newest && snapshotOf(desired, newest)
  if (newest === undefined || snapshot === undefined)
    throw new ReconcileError('Interrupted', 'Cannot end a wait: the release has changed meanwhile')
  const what = `release "${desired.releaseName}" in namespace "${desired.targetNamespace}"`
  const { verb, done } = words[snapshot.action]
  const tookMs = deps.clock.now() - begunAt(desired, newest, snapshot)
  const base = { action: snapshot.action, settled: true, tookMs } as const
  if (ready) {
    const message = `${done} ${what} (chart ${newest.chart.name} ${newest.chart.version}): ${why}`
    return { ...base, ok: true, storageChanged: false, release: newest, message }
  }
  const message = newest.status === 'failed' ? newest.description : `Cannot ${verb} ${what}: ${why}`
  await restore(deps, observed.history, snapshot.replaced)
  // Last, so that a pass that is cut short before it is done again.
  const release = await markFailed(deps, newest, message)
  return {
    ...base,
    ok: false,
    storageChanged: true,
    release,
    message,
    code: codes[snapshot.action],
  }
}

// In milliseconds since the epoch. Helm notes a time only after it has rendered the chart: an attempt of ours began before.
function begunAt(
  { memory: { lastAttempt } }: HelmRelease,
  newest: Release,
  snapshot: Snapshot,
): number {
  const isAttempt = lastAttempt?.revision === newest.revision
  const ours = isAttempt ? Date.parse(lastAttempt.begunAt ?? '') : NaN
  return Number.isNaN(ours) ? Date.parse(newest.deployedAt ?? snapshot.deployedAt) : ours
}

/**
 * Helm takes a revision for good as soon as it is applied. One that was replaced before it was ready is marked failed, so that
 * nobody rolls back to it.
 */
export async function abandonWait(
  deps: Deps,
  { desired, observed }: { desired: HelmRelease; observed: Observed },
  after: History,
): Promise<void> {
  const [before] = observed.history
  const [newest] = after
  if (before === undefined || newest === undefined || !isAwaited(desired, before)) return
  const replaced = revisionOf(after, before.revision)
  if (newest.revision === before.revision || replaced?.secret.uid !== before.secret.uid) return
  // Helm left it deployed where its successor failed.
  if (replaced.status === 'deployed')
    await restore(deps, after, snapshotOf(desired, before)?.replaced)
  const why = 'Replaced by a newer revision before its objects were ready'
  await deps.storage.mark(replaced, 'failed', why)
}

/** Helm calls a failed revision superseded when its successor does well. Nobody is to take it for good, or roll back to it. */
export async function keepFailed(
  deps: Deps,
  before: Release | undefined,
  after: History,
): Promise<void> {
  if (before?.status !== 'failed') return
  const now = revisionOf(after, before.revision)
  if (now?.status === 'superseded' && now.secret.uid === before.secret.uid)
    await deps.storage.mark(now, 'failed', before.description)
}

async function markFailed(deps: Deps, newest: Release, why: string): Promise<Release> {
  return newest.status === 'failed' ? newest : await deps.storage.mark(newest, 'failed', why)
}

async function restore(deps: Deps, history: History, revision: number | undefined): Promise<void> {
  const good = revision === undefined ? undefined : revisionOf(history, revision)
  if (good?.status !== 'superseded') return
  const opened = await deps.storage.open(good)
  await deps.storage.mark(good, 'deployed', opened?.description ?? 'Upgrade complete')
}

function revisionOf(history: History, revision: number): Revision | undefined {
  const revisions: readonly Revision[] = history
  return revisions.find((one) => one.revision === revision)
}
