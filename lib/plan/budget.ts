// When is a failure tried again? Soon once, then ever later, whatever the sync interval: an attempt costs a helm process or two,
// and what has failed five times will hardly do better in a minute. Nothing here limits how often: see remediation.ts for that.
import { Buffer } from 'node:buffer'
import { type ErrorCode, retryPolicy } from '../model/errors.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmRelease } from '../model/release.ts'
import type { StoredChart } from '../model/source.ts'
import type { Attempt, Prerequisite } from '../model/memory.ts'
import { digestText } from '../util/digest.ts'
import type { Urgency } from '../util/fair-queue.ts'
import { isTriedAlready } from './attempt.ts'

// What passes by itself passes within seconds: a webhook that restarts, two releases that come in the wrong order. What has not
// passed after twenty minutes is looked at twice an hour. docs/releases.md names these, and 45 minutes as the ceiling.
// Releases that failed together are not to be tried together. So each delay may be a part of it shorter or longer: a large part
// of the long ones, for they have to spread what came together.
const delays = [
  { ms: 15_000, jitter: 0.15 },
  { ms: 60_000, jitter: 0.15 },
  { ms: 240_000, jitter: 0.15 },
  { ms: 960_000, jitter: 0.5 },
  { ms: 1_800_000, jitter: 0.5 },
]
// Where only a change of the cluster can help, the short ones are left out.
const firstLate = 2

/** Milliseconds from failure number `failures` (from 1) to the next attempt. The id makes it another one for each release. */
export function retryDelayMs(
  failures: number,
  { id, isLate = false }: { id: string; isLate?: boolean },
): number {
  const step = Math.min(failures - 1 + (isLate ? firstLate : 0), delays.length - 1)
  const { ms, jitter } = delays[step]!
  return Math.round(ms * (1 + jitter * (2 * fractionOf(`${id}/${failures}`) - 1)))
}

export type Failure = {
  now: number
  code: ErrorCode | undefined
  // Does the spec allow another attempt by itself, and does it even ask for the first one at once?
  retry: 'never' | 'spaced' | 'atOnce'
  waitsFor?: readonly Prerequisite[]
}

/** The attempt with its failure noted, and the time of the next one if there is to be one by itself. */
export function chargeFailure(
  { uid, chart }: { uid: string; chart: StoredChart },
  attempt: Attempt,
  { now, code, retry, waitsFor = [] }: Failure,
): Attempt {
  const { retryAt: _, waitsFor: __, ...noted } = attempt
  const failures = (attempt.failures ?? 0) + 1
  const delayMs = delayOf(failures, { id: uid, retry, policy: policyOf(code, chart) })
  return {
    ...noted,
    failedAt: new Date(now).toISOString(),
    failures,
    ...(delayMs === undefined ? {} : { retryAt: new Date(now + delayMs).toISOString() }),
    ...(retry === 'never' || waitsFor.length === 0 ? {} : { waitsFor }),
  }
}

/** The attempt when it is not to be repeated by itself. */
export function withoutRetry({ retryAt: _, waitsFor: __, ...attempt }: Attempt): Attempt {
  return attempt
}

/** The attempt once the release is as it should be: the next failure is the first one again. */
export function withoutFailures({ failures: _, ...attempt }: Attempt): Attempt {
  return withoutRetry(attempt)
}

/** Has just this failed, so short a time ago that it is not tried again yet? Not where somebody asks for it. */
export function mustPause(desired: HelmRelease, observed: Observed): boolean {
  return hasFailed(desired, observed) && !observed.isAsked && observed.now < retryTime(desired)
}

/** When what has failed is tried again, in milliseconds since the epoch; Infinity when only a change brings that about. */
export function retryTime({ memory: { lastAttempt } }: HelmRelease): number {
  if (lastAttempt?.retryAt !== undefined) return Date.parse(lastAttempt.retryAt) || 0
  // Noted before failures were counted: nobody has said when.
  return lastAttempt?.failures === undefined ? 0 : Infinity
}

/** What must be there before it makes sense to try again; empty when nothing is known to be missing. */
export function prerequisitesOf(desired: HelmRelease, observed: Observed): readonly Prerequisite[] {
  return hasFailed(desired, observed) ? (desired.memory.lastAttempt?.waitsFor ?? []) : []
}

/** Does somebody ask for it, is it wanted for the first time, or has it failed before? In this order. */
export function urgencyOf(desired: HelmRelease, observed: Observed): Urgency {
  if (observed.isAsked) return 'asked'
  return hasFailed(desired, observed) ? 'later' : 'first'
}

function hasFailed(desired: HelmRelease, observed: Observed): boolean {
  return desired.memory.lastAttempt?.failedAt !== undefined && isTriedAlready(desired, observed)
}

type Policy = 'never' | 'late' | 'spaced'

function delayOf(
  failures: number,
  { id, retry, policy }: { id: string; retry: Failure['retry']; policy: Policy },
): number | undefined {
  if (retry === 'never' || policy === 'never') return undefined
  if (policy === 'late') return retryDelayMs(failures, { id, isLate: true })
  return retry === 'atOnce' && failures === 1 ? 0 : retryDelayMs(failures, { id })
}

function policyOf(code: ErrorCode | undefined, chart: StoredChart): Policy {
  const policy = code === undefined ? 'spaced' : retryPolicy(code)
  // Its answer may be another one as soon as something else has been deployed.
  if (code === 'RenderFailed' && asksCluster(chart)) return 'spaced'
  return policy === 'never' || policy === 'late' ? policy : 'spaced'
}

function asksCluster({ templates }: StoredChart): boolean {
  return Object.values(templates).some((content) =>
    /\blookup\b/.test(Buffer.from(content, 'base64').toString('utf8')),
  )
}

// From 0 to 1, the same for the same text.
function fractionOf(text: string): number {
  return Number.parseInt(digestText(text).slice(-8), 16) / 0xffff_ffff
}
