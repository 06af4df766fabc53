// Waiting until the objects of a release are ready: who does it, when it is over, and what is said meanwhile.
import type { Action } from '../model/action.ts'
import type { Wait } from '../model/errors.ts'
import type { Observed, ReleaseState } from '../model/observed.ts'
import type { HelmRelease, History, Revision } from '../model/release.ts'
import type { Report } from '../model/report.ts'
import type { Rollout } from '../model/rollout.ts'
import { formatDuration } from '../util/duration.ts'
import { unreachable } from '../util/unreachable.ts'
import { snapshotOf } from './compare.ts'

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

function sentenceOf({ why, diagnosis }: Rollout, late = ''): string {
  return diagnosis === undefined ? `${why}${late}` : `${why}${late}: ${diagnosis}`
}

/**
 * What is said of a HelmRelease that has to wait before helm can be run for it; nothing where people do not wait for that: the
 * release is as it was asked to be, and its chart is only looked at anew.
 */
export function tellWait(desired: HelmRelease, wait: Wait, now: number): Report | undefined {
  const { memory, generation } = desired
  const isRoutine = memory.told?.verdict === 'well' && memory.observedGeneration >= generation
  if (isRoutine && wait.for !== 'helm') return undefined
  return { what: 'queued', waitsFor: describeWait(desired, wait), now }
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
