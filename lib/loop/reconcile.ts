// One pass over one HelmRelease: observe, decide, act, report; again until there is nothing left to do.
import { isReleaseName, longestReleaseName } from '../helm/name.ts'
import type { Outcome } from '../model/action.ts'
import { ApiError, type ErrorCode, Parked, ReconcileError } from '../model/errors.ts'
import { formatKey } from '../model/key.ts'
import type { Observed, ReleaseState } from '../model/observed.ts'
import type { Lease, Log } from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import { mustPause, prerequisitesOf, retryTime, urgencyOf } from '../plan/budget.ts'
import { isUnfinished, isUnmarked } from '../plan/journal.ts'
import { isFollowedUp, needsHelm, nextAction } from '../plan/next.ts'
import { isWritten } from '../plan/ownership.ts'
import { recoverOutcome } from '../plan/recover.ts'
import { determineState } from '../plan/state.ts'
import { beginAction, concludePass, endAction, noteFetched } from '../plan/summarize.ts'
import type { Urgency } from '../util/fair-queue.ts'
import { accountInSync, beginAccount, endAccount, releaseLog, timeSync } from './account.ts'
import { act } from './act.ts'
import { annotateOwner } from './annotate.ts'
import { awaitRollout, isTooSoon, requeueFor } from './await.ts'
import { depsAs, type LoopDeps, type SharedDeps, type SharedLoopDeps } from './deps.ts'
import { readDesired } from './desired.ts'
import { fetchChart } from './fetch.ts'
import { addFinalizer, finalize, uninstallOwned } from './finalize.ts'
import { withLease } from './lease.ts'
import { observe, observeAgain } from './observe.ts'
import { leaveFormer, recordOutcomes, recordProblems } from './report.ts'
import { checkAccess } from './service-account.ts'
import { writeStatus } from './status.ts'

export type Result = {
  // Milliseconds until the next look, if nothing happens before; absent when there is nothing to wait for.
  requeueAfterMs?: number
  // Is that look more than a routine? A deadline is.
  urgency?: Urgency
}
// ok: is the release as it should be, or on its way there?
type Verdict = Result & { ok: boolean }

const cutShort: readonly ErrorCode[] = ['ClusterUnreachable', 'Interrupted']

/** Brings one HelmRelease closer to its spec. Throws ReconcileError or ApiError when the pass cannot go on. */
export async function reconcile(
  shared: SharedLoopDeps,
  key: string,
  signal: AbortSignal,
): Promise<Result> {
  const isAsked = shared.cache.asked.delete(key)
  if (isAsked) shared.reservations.setFailing(key, false)
  try {
    return await runPass(shared, key, { isAsked, signal })
  } catch (error) {
    // The next pass takes up where this one has to wait, or was cut short.
    const isThere = shared.cache.get(key) !== undefined
    if (isAsked && isThere && isNoAnswer(error)) shared.cache.asked.add(key)
    throw error
  }
}

// Has the pass come to nothing that answers whoever has asked for it?
function isNoAnswer(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 0 || error.status >= 500
  const isCut = error instanceof ReconcileError && cutShort.includes(error.code)
  return isCut || error instanceof Parked
}

async function runPass(
  shared: SharedLoopDeps,
  key: string,
  { isAsked, signal }: { isAsked: boolean; signal: AbortSignal },
): Promise<Result> {
  const desired = readDesired(shared, key)
  if (desired === undefined || desired.deletionRequestedAt !== undefined)
    shared.rollouts.forget(key)
  // Its name may be used anew already.
  await bury(shared, key, signal, desired)
  if (desired === undefined) return {}
  const deps = depsAs(shared, desired.identity)
  deps.reservations.claimRelease(key, placeOf(desired))
  if (desired.deletionRequestedAt !== undefined) {
    await finalize(deps, desired, signal)
    return {}
  }
  const wanted = await addFinalizer(deps, desired)
  let isParked = false
  const bring = () => withLease((lease) => bringInSync(deps, wanted, { isAsked, signal, lease }))
  try {
    return await timeSync(deps, wanted, signal, bring)
  } catch (error) {
    isParked = error instanceof Parked
    throw error
  } finally {
    // Once, however often it has to wait.
    if (!isParked) await recordProblems(deps, wanted, releaseLog(deps, wanted))
  }
}

// The object went without a finalizer: what is left to do is to uninstall its release, unless its successor wants the same.
async function bury(
  deps: SharedDeps,
  key: string,
  signal: AbortSignal,
  successor: HelmRelease | undefined,
): Promise<void> {
  const last = deps.graves.get(key)
  const gone = last && readDesired(deps, key, last)
  if (gone === undefined) return
  const place = placeOf(gone)
  if (successor === undefined || placeOf(successor) !== place) {
    deps.reservations.claimRelease(key, place)
    await uninstallOwned(depsAs(deps, gone.identity), gone, signal)
  }
  if (deps.graves.get(key) === last) deps.graves.delete(key)
  if (successor === undefined) deps.secrets.forget(key)
}

function placeOf({ targetNamespace, releaseName }: HelmRelease): string {
  return `${targetNamespace}/${releaseName}`
}

async function bringInSync(
  deps: LoopDeps,
  wanted: HelmRelease,
  { isAsked, signal, lease }: { isAsked: boolean; signal: AbortSignal; lease: Lease },
): Promise<Verdict> {
  checkName(wanted)
  await checkAccess(deps, wanted)
  const successor = deps.claims.successorOf(formatKey(wanted.key))
  if (successor !== undefined) throw ownedByAnother(wanted, successor)
  const helm = deps.helmFor(wanted)
  const log = releaseLog(deps, wanted, helm)
  const begun = await leaveFormer(deps, wanted, log)
  let desired = begun
  const artifact = await fetchChart(deps, desired, { helm, isAsked, signal, lease })
  // What a killed pass was about is still to be told, and is looked at first.
  if (!isUnfinished(desired))
    desired = await writeStatus(deps, desired, noteFetched(desired, artifact, deps.clock.now()))
  let observed = await observe(deps, desired, { artifact, isAsked, signal })
  const outcomes: Outcome[] = []
  const recovered = recoverOutcome(desired, observed)
  const finish = async (outcome: Outcome): Promise<void> => {
    endAccount(deps, log, desired, outcome)
    const now = { ...observed, now: deps.clock.now() }
    desired = await writeStatus(deps, desired, endAction(desired, now, outcome))
    observed = await observeAgain(deps, desired, observed)
    outcomes.push(outcome)
  }
  if (recovered !== undefined) {
    // What it asks for follows in this pass, and must not have to wait for its turn once the outcome is noted.
    deps.reservations.claimHelm(formatKey(desired.key), urgencyOf(desired, observed))
    await finish(recovered)
  }
  for (;;) {
    const state = determineState(desired, observed)
    if (state.kind === 'unmanaged') throw ownedByAnother(desired, state.ownerId)
    const action = nextAction(desired, observed, state, outcomes)
    if (action.kind === 'none')
      return await conclude(deps, {
        isAsked,
        log,
        wanted,
        begun,
        desired,
        observed,
        state,
        outcomes,
      })
    if (needsHelm(action))
      deps.reservations.claimHelm(formatKey(desired.key), urgencyOf(desired, observed))
    beginAccount(deps, log, action, { desired, observed })
    desired = await writeStatus(deps, desired, beginAction(desired, observed, action))
    await finish(await act(deps, { desired, observed, helm, signal }, action))
  }
}

type Pass = {
  isAsked: boolean
  log: Log
  // As it was when the pass began, the same with a status that tells of no other release, and as it is now.
  wanted: HelmRelease
  begun: HelmRelease
  desired: HelmRelease
  observed: Observed
  state: ReleaseState
  outcomes: readonly Outcome[]
}

async function conclude(deps: LoopDeps, pass: Pass): Promise<Verdict> {
  const { desired, observed, state, outcomes } = pass
  const [newest] = observed.history
  if (newest !== undefined && wantsMark(pass)) await annotateOwner(deps, desired, newest)
  const isQuiet = state.kind === 'rollingOut' && outcomes.length === 0 && isTooSoon(deps, desired)
  const said = concludePass(desired, observed, state, outcomes)
  const concluded = isQuiet ? desired : await writeStatus(deps, desired, said)
  await recordOutcomes(deps, pass.wanted, outcomes)
  if (pass.isAsked && state.kind === 'inSync' && outcomes.length === 0) accountInSync(pass.log)
  const ok = isWell(pass)
  if (state.kind === 'rollingOut') {
    await awaitRollout(deps, { desired: concluded, state })
    return { ok, requeueAfterMs: requeueFor(deps, desired, state), urgency: 'first' }
  }
  deps.rollouts.forget(formatKey(desired.key))
  deps.prerequisites.follow(formatKey(desired.key), prerequisitesOf(desired, observed))
  const leftMs = isFollowedUp(desired, observed, state, outcomes)
    ? 0
    : nextLookMs(pass, deps.clock.now())
  return { ok, requeueAfterMs: Math.min(leftMs, deps.syncIntervalMs) }
}

// Has helm written objects that do not bear their owner's mark yet?
function wantsMark({ begun, desired, observed: { history }, outcomes }: Pass): boolean {
  // What was there before is not marked as ours while no upgrade of it has succeeded.
  if (!isWritten(desired.memory.history, history)) return false
  const wasOurs = isWritten(begun.memory.history, history)
  const deployed = outcomes.some(
    ({ action, ok, settled }) =>
      ok && !(settled && wasOurs) && ['install', 'upgrade', 'rollback'].includes(action),
  )
  // An operator before this one may have been killed before it came to this.
  return deployed || isUnmarked(begun)
}

function isWell({ state, outcomes }: Pass): boolean {
  const isStuck = ['failed', 'absent', 'outOfSync'].includes(state.kind)
  return !isStuck && outcomes.every((outcome) => outcome.ok)
}

// Milliseconds until there is something to do that nobody tells of; Infinity if there is not.
function nextLookMs({ desired, observed, state }: Pass, now: number): number {
  if (state.kind === 'locked') return Math.max(1_000, state.until - now)
  const isPaused = mustPause(desired, { ...observed, isAsked: false })
  return isPaused ? Math.max(0, retryTime(desired) - now) : Infinity
}

// Helm refuses other names too, but only after it has asked the cluster for half a dozen things.
function checkName({ releaseName }: HelmRelease): void {
  if (isReleaseName(releaseName)) return
  const why =
    releaseName.length > longestReleaseName
      ? `it has ${releaseName.length} characters and Helm allows ${longestReleaseName}; set spec.releaseName to a shorter one`
      : 'Helm allows lower-case letters, digits, "-" and "." only, with a letter or digit at both ends of each part; set spec.releaseName to another one'
  throw new ReconcileError('InvalidReleaseName', `Cannot use release name "${releaseName}": ${why}`)
}

function ownedByAnother(desired: HelmRelease, ownerId: string): ReconcileError {
  return new ReconcileError(
    'ReleaseOwnedByAnother',
    `Cannot manage release "${desired.releaseName}" in namespace "${desired.targetNamespace}": it belongs to "${ownerId}"; ` +
      'delete one of the two HelmReleases or give this one another spec.releaseName',
  )
}
