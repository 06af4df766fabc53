// What people are told in Events: how a pass ended, once each time it ends differently, and what is odd about a spec.
import { ApiError, type ErrorCode, ReconcileError } from '../model/errors.ts'
import type { Outcome } from '../model/action.ts'
import type { Log } from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import { describeMove, formerRelease, isAnothersStatus, type Place } from '../plan/move.ts'
import { proofOfOwnership } from '../plan/ownership.ts'
import { leaveRelease, reportFailure } from '../plan/summarize.ts'
import { depsAs, type Deps, type SharedDeps } from './deps.ts'
import { readDesired } from './desired.ts'
import { readOwners } from './owners.ts'
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
  const status = await readReleaseStatus(depsAs(deps, desired.identity), desired)
  const isNews = desired.memory.told?.message !== failure.message
  try {
    await writeStatus(deps, desired, { ...said, memory: { ...said.memory, ...status } })
  } catch (error) {
    // There is no object left to say it on.
    if (error instanceof ReconcileError && error.code === 'Interrupted') return
    throw error
  }
  if (isNews) await recordFailure(deps, desired, failure.message)
}

// A pass that stops early has not looked at the release, which somebody may have touched meanwhile. Of releases that never
// were ours nothing is told.
async function readReleaseStatus(
  deps: Deps,
  { releaseName, targetNamespace, memory, refusal }: HelmRelease,
): Promise<{ releaseStatus?: string }> {
  const isOurs =
    refusal?.of !== 'release' &&
    memory.releaseName === releaseName &&
    (memory.releaseNamespace ?? targetNamespace) === targetNamespace
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
    if (wanted.memory.told?.message !== failed.message)
      await recordFailure(deps, wanted, failed.message)
  } else if (outcomes.length > 0) {
    const message = outcomes.map((outcome) => outcome.message).join('; ')
    await deps.events.record(wanted, { type: 'Normal', reason: 'ReleaseSynced', message })
  }
}

/** Says once for each generation what is odd in the spec, and what is done instead. */
export async function recordProblems(deps: Deps, desired: HelmRelease, log: Log): Promise<void> {
  const { problems, memory, generation } = desired
  const { observedGeneration, lastAttempt } = memory
  const seen = Math.max(observedGeneration, lastAttempt?.generation ?? 0)
  if (problems.length === 0 || seen >= generation) return
  const message = problems.join('; ')
  log.warn('odd spec', { problems: message })
  await deps.events.record(desired, { type: 'Warning', reason: 'OddSpec', message })
}

/**
 * Goes on with a status that tells of the release that the spec names, and of no other. Says once that the one before it is
 * left behind, if it was this HelmRelease's own.
 */
export async function leaveFormer(
  deps: Deps,
  desired: HelmRelease,
  log: Log,
): Promise<HelmRelease> {
  if (formerRelease(desired) === undefined && !isAnothersStatus(desired)) return desired
  const former = await findOwnFormer(deps, desired)
  // First, because the status forgets it: a pass that is cut short in between says it twice rather than never.
  if (former !== undefined) await recordLeftBehind(deps, desired, { former, log })
  return await writeStatus(deps, desired, leaveRelease(desired, deps.clock.now()))
}

/** The release of our own that the spec names no more; undefined when there is none. */
export async function findOwnFormer(deps: Deps, desired: HelmRelease): Promise<Place | undefined> {
  const former = formerRelease(desired)
  if (former === undefined) return undefined
  try {
    const history = await deps.storage.history(former.targetNamespace, former.releaseName)
    const [newest] = history
    if (newest === undefined) return undefined
    const marks = await readOwners(deps, desired.owner.annotation, newest)
    const proof = proofOfOwnership({ ...desired, ...former }, history, marks)
    return proof === undefined ? undefined : former
  } catch (error) {
    // The service account that the spec names now need not have rights where the former release is.
    if (error instanceof ApiError && error.status === 403) return undefined
    throw error
  }
}

/** Says that a release is left as it is, and how to remove it. */
export async function recordLeftBehind(
  deps: Deps,
  desired: HelmRelease,
  { former, log }: { former: Place; log: Log },
): Promise<void> {
  const { targetNamespace, releaseName } = former
  log.warn('release left behind', { former: `${targetNamespace}/${releaseName}` })
  const message = describeMove(desired, former)
  await deps.events.record(desired, { type: 'Warning', reason: 'ReleaseLeftBehind', message })
}

async function recordFailure(deps: SharedDeps, desired: HelmRelease, why: string): Promise<void> {
  await deps.events.record(desired, {
    type: 'Warning',
    reason: 'FailedReleaseSync',
    message: `Cannot synchronise release "${desired.releaseName}" in namespace "${desired.targetNamespace}": ${why}`,
  })
}
