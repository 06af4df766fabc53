// What people are told in Events: how a pass ended, once each time it ends differently, and what is odd about a spec.
import type { ErrorCode } from '../model/errors.ts'
import type { Outcome } from '../model/action.ts'
import type { Log } from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import { describeMove, formerRelease, startAfresh } from '../plan/move.ts'
import { reportFailure } from '../plan/summarize.ts'
import { depsAs, type Deps, type SharedDeps } from './deps.ts'
import { readDesired } from './desired.ts'
import { writeStatus } from './status.ts'

/** What a pass that threw means for the object: written to its status, and said in an event once. */
export async function reportError(
  deps: SharedDeps,
  key: string,
  failure: { code: ErrorCode; message: string },
): Promise<void> {
  const desired = readDesired(deps, key)
  if (desired === undefined) return
  const said = reportFailure(desired, { ...failure, now: deps.clock.now() })
  const status = { ...said, ...(await readReleaseStatus(depsAs(deps, desired.identity), desired)) }
  const isNews = readyMessage(desired) !== failure.message
  await writeStatus(deps, desired, status)
  if (isNews) await recordFailure(deps, desired, failure.message)
}

// A pass that stops early has not looked at the release, which somebody may have touched meanwhile. Of releases that never
// were ours nothing is told.
async function readReleaseStatus(
  deps: Deps,
  { releaseName, targetNamespace, status, refusal }: HelmRelease,
): Promise<{ releaseStatus?: string }> {
  const isOurs =
    refusal?.of !== 'release' &&
    status.releaseName === releaseName &&
    (status.releaseNamespace ?? targetNamespace) === targetNamespace
  if (!isOurs) return {}
  try {
    const [newest] = await deps.storage.history(targetNamespace, releaseName)
    return newest === undefined ? {} : { releaseStatus: newest.status }
  } catch {
    // Helm's storage may be the very thing that could not be read, and then the failure says so.
    return {}
  }
}

/** What was done in a pass over the HelmRelease as it was when the pass began. */
export async function recordOutcomes(
  deps: Deps,
  wanted: HelmRelease,
  all: readonly Outcome[],
): Promise<void> {
  // What is only applied is no news yet: how it ends will be.
  const outcomes = all.filter(({ waitUntil }) => waitUntil === undefined)
  const failed = outcomes.find(({ ok }) => !ok)
  if (failed !== undefined) {
    if (readyMessage(wanted) !== failed.message) await recordFailure(deps, wanted, failed.message)
  } else if (outcomes.length > 0) {
    const message = outcomes.map((outcome) => outcome.message).join('; ')
    await deps.events.record(wanted, { type: 'Normal', reason: 'ReleaseSynced', message })
  }
}

/** Says once for each generation what is odd in the spec, and what is done instead. */
export async function recordProblems(deps: Deps, desired: HelmRelease, log: Log): Promise<void> {
  const { problems, status, generation } = desired
  const { observedGeneration, lastAttempt } = status
  const seen = Math.max(observedGeneration, lastAttempt?.generation ?? 0)
  if (problems.length === 0 || seen >= generation) return
  const message = problems.join('; ')
  log.warn('odd spec', { problems: message })
  await deps.events.record(desired, { type: 'Warning', reason: 'OddSpec', message })
}

/** Says once that the spec names another release now, if it does, and goes on with a status that knows nothing of the old one. */
export async function leaveFormer(
  deps: Deps,
  desired: HelmRelease,
  log: Log,
): Promise<HelmRelease> {
  const former = formerRelease(desired)
  if (former === undefined) return desired
  const history = await deps.storage.history(former.targetNamespace, former.releaseName)
  const afresh = await writeStatus(deps, desired, startAfresh(desired))
  if (history.length === 0) return afresh
  const message = describeMove(desired, former)
  log.warn('release left behind', { former: `${former.targetNamespace}/${former.releaseName}` })
  await deps.events.record(desired, { type: 'Warning', reason: 'ReleaseLeftBehind', message })
  return afresh
}

async function recordFailure(deps: SharedDeps, desired: HelmRelease, why: string): Promise<void> {
  await deps.events.record(desired, {
    type: 'Warning',
    reason: 'FailedReleaseSync',
    message: `Cannot synchronise release "${desired.releaseName}" in namespace "${desired.targetNamespace}": ${why}`,
  })
}

function readyMessage({ status }: HelmRelease): string | undefined {
  return status.conditions.find(({ type }) => type === 'Ready')?.message
}
