// One pass over one HelmRelease: observe, decide, act, report; again until there is nothing left to do.
import { type ErrorCode, ReconcileError } from '../model/errors.ts'
import type { KubeObject } from '../model/json.ts'
import { formatKey, parseKey } from '../model/key.ts'
import type { Outcome } from '../model/action.ts'
import type { Observed, ReleaseState } from '../model/observed.ts'
import type { HelmRelease } from '../model/release.ts'
import { nextAction } from '../plan/next.ts'
import { determineState } from '../plan/state.ts'
import { beginAction, concludePass, endAction, reportFailure } from '../plan/summarize.ts'
import { beginAccount, endAccount, releaseLog, timeSync } from './account.ts'
import { act } from './act.ts'
import { annotateOwner } from './annotate.ts'
import type { Deps, LoopDeps } from './deps.ts'
import { addFinalizer, finalize, uninstallOwned } from './finalize.ts'
import { awaitRollout, recallHistory, requeueFor } from './await.ts'
import { observe, observeAgain } from './observe.ts'
import { observeProgress } from './progress.ts'
import { writeStatus } from './status.ts'

export type Result = {
  // Milliseconds until the next look, if nothing happens before; absent when there is nothing to wait for.
  requeueAfterMs?: number
}
// ok: is the release as it should be, or on its way there?
type Verdict = Result & { ok: boolean }

// Helm refuses longer names, and says so only after it has asked the cluster for half a dozen things.
const longestReleaseName = 53

/** Brings one HelmRelease closer to its spec. Throws ReconcileError or ApiError when the pass cannot go on. */
export async function reconcile(deps: LoopDeps, key: string, signal: AbortSignal): Promise<Result> {
  const object = deps.cache.get(key)
  const desired = object && recallHistory(deps, key, decode(deps, key, object))
  if (desired === undefined || desired.deletionRequestedAt !== undefined) deps.rollouts.forget(key)
  if (object === undefined) return await bury(deps, key, signal)
  if (desired === undefined) return {}
  return await deps.withRelease(`${desired.targetNamespace}/${desired.releaseName}`, async () => {
    if (desired.deletionRequestedAt !== undefined) {
      await finalize(deps, desired, signal)
      return {}
    }
    const wanted = await addFinalizer(deps, desired)
    return await timeSync(deps, wanted, signal, () => bringInSync(deps, wanted, signal))
  })
}

/** What a pass that threw means for the object: written to its status, and said in an event once. */
export async function reportError(
  deps: Deps,
  key: string,
  failure: { code: ErrorCode; message: string },
): Promise<void> {
  const object = deps.cache.get(key)
  const desired = object && decode(deps, key, object)
  if (desired === undefined) return
  const status = reportFailure(desired, { ...failure, now: deps.clock.now() })
  const isNews = readyMessage(desired) !== failure.message
  await writeStatus(deps, desired, status)
  if (isNews) await recordFailure(deps, desired, failure.message)
}

function decode(deps: Deps, key: string, object: KubeObject): HelmRelease | undefined {
  return deps.codecs.get(parseKey(key).group)?.decode(object)
}

// The object went without a finalizer: what is left to do is to uninstall its release.
async function bury(deps: Deps, key: string, signal: AbortSignal): Promise<Result> {
  const last = deps.graves.get(key)
  const desired = last && decode(deps, key, last)
  if (desired === undefined) return {}
  const { targetNamespace, releaseName } = desired
  await deps.withRelease(`${targetNamespace}/${releaseName}`, () =>
    uninstallOwned(deps, desired, signal),
  )
  deps.graves.delete(key)
  deps.secrets.forget(key)
  return {}
}

async function bringInSync(
  deps: LoopDeps,
  wanted: HelmRelease,
  signal: AbortSignal,
): Promise<Verdict> {
  const { releaseName } = wanted
  if (releaseName.length > longestReleaseName)
    throw new ReconcileError(
      'InvalidReleaseName',
      `Cannot use release name "${releaseName}": it has ${releaseName.length} characters and Helm allows ${longestReleaseName}; set spec.releaseName to a shorter one`,
    )
  const successor = deps.claims.successorOf(formatKey(wanted.key))
  if (successor !== undefined) throw ownedByAnother(wanted, successor)
  const helm = deps.helmFor(wanted)
  const log = releaseLog(deps, wanted, helm)
  let desired = wanted
  let observed = await observe(deps, desired, { helm, signal })
  const outcomes: Outcome[] = []
  for (;;) {
    const state = determineState(desired, observed)
    if (state.kind === 'unmanaged') throw ownedByAnother(desired, state.ownerId)
    const action = nextAction(desired, observed, state, outcomes)
    if (action.kind === 'none')
      return await conclude(deps, { wanted, desired, observed, state, outcomes })
    beginAccount(deps, log, action)
    desired = await writeStatus(deps, desired, beginAction(desired, observed, action))
    const outcome = await act(deps, { desired, observed, helm, signal }, action)
    endAccount(deps, log, desired, outcome)
    observed = await observeAgain(deps, desired, observed)
    desired = { ...desired, status: endAction(desired, observed, outcome) }
    observed = await observeProgress(deps, desired, observed)
    outcomes.push(outcome)
  }
}

type Pass = {
  // As it was when the pass began, and as it is now.
  wanted: HelmRelease
  desired: HelmRelease
  observed: Observed
  state: ReleaseState
  outcomes: readonly Outcome[]
}

async function conclude(deps: LoopDeps, pass: Pass): Promise<Verdict> {
  const { desired, observed, state, outcomes } = pass
  const [newest] = observed.history
  const deployed = outcomes.some(
    ({ action, ok, settled }) =>
      ok && !settled && ['install', 'upgrade', 'rollback'].includes(action),
  )
  if (deployed && newest !== undefined) await annotateOwner(deps, desired, newest)
  const said = concludePass(desired, observed, state, outcomes)
  const { status } = await writeStatus(deps, desired, said)
  await recordOutcomes(deps, pass)
  const ok = state.kind !== 'failed' && outcomes.every((outcome) => outcome.ok)
  if (state.kind === 'rollingOut') {
    await awaitRollout(deps, { desired: { ...desired, status }, observed, state })
    return { ok, requeueAfterMs: requeueFor(deps, desired, state) }
  }
  deps.rollouts.forget(formatKey(desired.key))
  if (state.kind === 'locked')
    return { ok, requeueAfterMs: Math.max(1_000, state.until - deps.clock.now()) }
  return { ok, requeueAfterMs: deps.syncIntervalMs }
}

async function recordOutcomes(deps: Deps, pass: Pass): Promise<void> {
  const { wanted, desired } = pass
  // What is only applied is no news yet: how it ends will be.
  const outcomes = pass.outcomes.filter(({ waitUntil }) => waitUntil === undefined)
  const failed = outcomes.find(({ ok }) => !ok)
  if (failed !== undefined) {
    if (readyMessage(wanted) !== failed.message) await recordFailure(deps, desired, failed.message)
  } else if (outcomes.length > 0) {
    const message = outcomes.map((outcome) => outcome.message).join('; ')
    await deps.events.record(desired, { type: 'Normal', reason: 'ReleaseSynced', message })
  }
}

async function recordFailure(deps: Deps, desired: HelmRelease, why: string): Promise<void> {
  await deps.events.record(desired, {
    type: 'Warning',
    reason: 'FailedReleaseSync',
    message: `Cannot synchronise release "${desired.releaseName}" in namespace "${desired.targetNamespace}": ${why}`,
  })
}

function readyMessage({ status }: HelmRelease): string | undefined {
  return status.conditions.find(({ type }) => type === 'Ready')?.message
}

function ownedByAnother(desired: HelmRelease, ownerId: string): ReconcileError {
  return new ReconcileError(
    'ReleaseOwnedByAnother',
    `Cannot manage release "${desired.releaseName}" in namespace "${desired.targetNamespace}": it belongs to "${ownerId}"; ` +
      'delete one of the two HelmReleases or give this one another spec.releaseName',
  )
}
