// Waiting until the objects of a release are ready: who does it, when it is over, and what is said meanwhile.
import type { Action } from '../model/action.ts'
import type { Wait } from '../model/errors.ts'
import type { Observed, ReleaseState } from '../model/observed.ts'
import type { HelmRelease, History, Revision } from '../model/release.ts'
import type { Rollout } from '../model/rollout.ts'
import { progressingReason, type Status } from '../model/status.ts'
import { formatDuration } from '../util/duration.ts'
import { unreachable } from '../util/unreachable.ts'
import { snapshotOf } from './compare.ts'
import { setCondition } from './phase.ts'

type Change = 'install' | 'upgrade' | 'rollback'

/**
 * Helm must wait itself where a hook runs after the objects are ready; everywhere else we do, and helm need not run as long.
 * Hook events are those of the chart that is applied.
 */
export function whoWaits(
  desired: HelmRelease,
  change: Change,
  hookEvents: readonly string[],
): 'nobody' | 'helm' | 'operator' {
  const isAsked = change === 'rollback' ? desired.rollback.wait : desired.wait
  if (!isAsked) return 'nobody'
  const hooksRun = change !== 'rollback' || !desired.rollback.disableHooks
  return hooksRun && hookEvents.includes(`post-${change}`) ? 'helm' : 'operator'
}

/** How long the objects may take to become ready. */
export function waitTimeoutMs(desired: HelmRelease, change: Change): number {
  return change === 'rollback' ? desired.rollback.timeoutMs : desired.timeoutMs
}

/** Is it still open whether the objects of this revision become ready? */
export function isAwaited(desired: HelmRelease, revision: Revision): boolean {
  return snapshotOf(desired, revision)?.waitUntil !== undefined
}

/** The good revision that a change of this history replaces; one that never became ready is none, but it replaced one. */
export function replacedBy(desired: HelmRelease, history: History): number | undefined {
  const revisions: readonly Revision[] = history
  const deployed = revisions.find(({ status }) => status === 'deployed')
  if (deployed === undefined || !isAwaited(desired, deployed)) return deployed?.revision
  return snapshotOf(desired, deployed)?.replaced
}

/** What to do about a revision that rolls out: nothing yet, or end the wait one way or the other. */
export function settleOrWait(
  desired: HelmRelease,
  { now }: Observed,
  { release, until, progress }: ReleaseState & { kind: 'rollingOut' },
): Action {
  if (progress.verdict === 'ready') return { kind: 'settle', ready: true, why: progress.why }
  const isOver = now >= until
  if (progress.verdict === 'progressing' && !isOver) return { kind: 'none' }
  const change = snapshotOf(desired, release)?.action ?? 'upgrade'
  const patience = formatDuration(waitTimeoutMs(desired, change))
  const late = progress.verdict === 'progressing' ? ` after ${patience}` : ''
  return { kind: 'settle', ready: false, why: sentenceOf(progress, late) }
}

/** What is said while the objects of a release are waited for. */
export function progressMessage(
  { releaseName, targetNamespace }: HelmRelease,
  progress: Rollout,
): string {
  const { ready, total, verdict } = progress
  const counted = `Waiting for release "${releaseName}" in namespace "${targetNamespace}": ${ready} of ${total} objects are ready`
  return verdict === 'ready' ? counted : `${counted}; ${sentenceOf(progress)}`
}

// Often enough for people, seldom enough for the API server of a hundred releases that roll out together.
export const reportIntervalMs = 5_000

/** The status with the progress said, unless something was said just before. */
export function reportProgress(
  desired: HelmRelease,
  status: Status,
  { now, progress }: { now: number; progress: Rollout },
): Status {
  const message = progressMessage(desired, progress)
  const said = status.conditions.find(({ type }) => type === 'Ready')
  if (said?.status === 'Unknown' && said.reason === progressingReason)
    if (said.message === message || now - Date.parse(said.lastUpdateTime) < reportIntervalMs)
      return status
  const ready = { type: 'Ready', status: 'Unknown', reason: progressingReason, message } as const
  return setCondition(status, ready, now)
}

function sentenceOf({ why, diagnosis }: Rollout, late = ''): string {
  return diagnosis === undefined ? `${why}${late}` : `${why}${late}: ${diagnosis}`
}

// Between the failure of the last try and what the next one waits for.
const nextTry = '. The next try waits for '

/**
 * The status with what the release waits for before helm can be run for it. The same object where nobody waits for that: a release
 * that is as it was asked to be, and whose chart is only looked at anew.
 */
export function tellWait(desired: HelmRelease, wait: Wait, now: number): Status {
  const { status, generation } = desired
  const ready = status.conditions.find(({ type }) => type === 'Ready')
  const isRoutine = ready?.status === 'True' && status.observedGeneration >= generation
  if (isRoutine && wait.for !== 'helm') return status
  const what = describeWait(desired, wait)
  if (ready?.status !== 'False') {
    const message = `Waiting for ${what}`
    return setCondition(
      status,
      { type: 'Ready', status: 'Unknown', reason: 'Waiting', message },
      now,
    )
  }
  const { type, reason } = ready
  const message = `${failureOf(ready.message)}${nextTry}${what}`
  return setCondition(status, { type, status: 'False', reason, message }, now)
}

/** The failure that a message tells of, without what the next try waits for. */
export function failureOf(message: string): string {
  return message.split(nextTry)[0] ?? message
}

function describeWait({ releaseName, targetNamespace }: HelmRelease, wait: Wait): string {
  const { places, before } = wait
  const others = before === 0 ? 'it is next' : `${before} ${before === 1 ? 'goes' : 'go'} before it`
  switch (wait.for) {
    case 'helm':
      return `one of the places for helm, of which there are ${places} (--workers): ${others}`
    case 'fetch':
      return `one of the ${places} places for helms that fetch charts: ${others}`
    case 'release':
      return `another HelmRelease's work on release "${releaseName}" in namespace "${targetNamespace}" to end`
    default:
      return unreachable(wait.for)
  }
}
