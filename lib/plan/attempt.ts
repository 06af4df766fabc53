// What was tried last? Is it what is wanted now, and did it fail?
import type { Cause } from '../model/action.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmRelease, Release } from '../model/release.ts'
import type { Attempt } from '../model/memory.ts'
import { attemptHere } from './ownership.ts'

/** The note of an install or upgrade that is about to begin. */
export function noteAttempt(
  desired: HelmRelease,
  observed: Observed,
  action: Attempt['action'],
): Attempt {
  const revision = (observed.history[0]?.revision ?? 0) + 1
  const before = attemptHere(desired)
  // A helm that outlived its operator may be at work on this revision since then.
  const isGoingOn = before?.revision === revision && before.endedAt === undefined
  return {
    action,
    releaseName: desired.releaseName,
    releaseNamespace: desired.targetNamespace,
    uid: desired.uid,
    begunAt: isGoingOn ? before.begunAt : new Date(observed.now).toISOString(),
    revision,
    generation: desired.generation,
    chartDigest: observed.artifact.digest,
    valuesDigest: observed.values.digest,
    ...(isTriedAlready(desired, observed) ? failuresOf(desired) : {}),
  }
}

function failuresOf({ memory: { lastAttempt } }: HelmRelease): Pick<Attempt, 'failures'> {
  return lastAttempt?.failures === undefined ? {} : { failures: lastAttempt.failures }
}

/** Was the newest spec ever acted on? Until we have noted an attempt, what the operator before us noted is all there is. */
export function isNewGeneration({ generation, memory }: HelmRelease): boolean {
  return (memory.lastAttempt?.generation ?? memory.observedGeneration) < generation
}

/** What has changed since the last attempt; undefined when nothing has, or nothing was attempted. */
export function changedSinceAttempt(
  { memory: { lastAttempt } }: HelmRelease,
  { artifact, values }: Observed,
): Cause | undefined {
  if (lastAttempt === undefined) return undefined
  if (lastAttempt.chartDigest !== artifact.digest) return 'chart'
  return lastAttempt.valuesDigest === values.digest ? undefined : 'values'
}

/** Is what is wanted now exactly what was tried last? */
export function isTriedAlready(desired: HelmRelease, observed: Observed): boolean {
  const { lastAttempt } = desired.memory
  return (
    lastAttempt?.generation === desired.generation &&
    changedSinceAttempt(desired, observed) === undefined
  )
}

/** Did helm refuse just this, before it had made a revision of it? */
export function isRefused(desired: HelmRelease, observed: Observed, newest: Release): boolean {
  const { lastAttempt } = desired.memory
  return (
    lastAttempt?.failedAt !== undefined &&
    newest.revision < lastAttempt.revision &&
    isTriedAlready(desired, observed)
  )
}
