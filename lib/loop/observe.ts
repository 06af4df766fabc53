// Gathers everything a decision needs: the chart, the values, Helm's storage, and whose the live objects are.
import { formatKey } from '../model/key.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmRelease, History } from '../model/release.ts'
import type { Artifact } from '../model/source.ts'
import { snapshotOf } from '../plan/compare.ts'
import { recoverOutcome } from '../plan/recover.ts'
import { attemptedBefore, determineState, isRolledBack } from '../plan/state.ts'
import type { Deps, LoopDeps } from './deps.ts'
import { readForeignOwner } from './owners.ts'
import { observeProgress } from './progress.ts'
import { observeValues, readValues } from './values.ts'

/** All facts of a pass. Throws ReconcileError when the values cannot be had, or Helm's storage cannot be read. */
export async function observe(
  deps: LoopDeps,
  desired: HelmRelease,
  { artifact, isAsked, signal }: { artifact: Artifact; isAsked: boolean; signal: AbortSignal },
): Promise<Observed> {
  const stored = await deps.storage.history(desired.targetNamespace, desired.releaseName)
  const from = { artifact, signal }
  const facts: Observed = {
    artifact,
    values: await observeValues(deps, desired, from),
    history: await openAttempted(deps, desired, stored),
    ...(await readForeignOwner(deps, desired, stored)),
    now: deps.clock.now(),
    isAsked,
  }
  const isIdle =
    recoverOutcome(desired, facts) === undefined && determineState(desired, facts).kind === 'inSync'
  if (facts.values.content === undefined && !isIdle)
    facts.values = await readValues(deps, desired, from)
  const history = withoutSecrets(deps, desired, facts.history)
  return await observeProgress(deps, desired, { ...facts, history })
}

/** The same facts after something was done to the release. */
export async function observeAgain(
  deps: Deps,
  desired: HelmRelease,
  observed: Observed,
): Promise<Observed> {
  const { targetNamespace, releaseName } = desired
  const history = await deps.storage.history(targetNamespace, releaseName, { fresh: true })
  return await observeProgress(deps, desired, {
    ...observed,
    history: withoutSecrets(deps, desired, history),
    now: deps.clock.now(),
  })
}

// After a rollback it is the failed revision that the spec is compared with, so it must be open unless we know it.
async function openAttempted(deps: Deps, desired: HelmRelease, history: History): Promise<History> {
  const [newest, ...others] = history
  if (newest === undefined || !isRolledBack(desired, newest)) return history
  const attempted = attemptedBefore(history, newest)
  if (attempted === undefined || snapshotOf(desired, attempted) !== undefined) return history
  const opened = await deps.storage.open(attempted)
  return [newest, ...others.map((one) => (one === attempted && opened ? opened : one))]
}

// Helm notes of a failure what it printed, and that may be a value.
function withoutSecrets(deps: Deps, { key }: HelmRelease, history: History): History {
  const [newest, ...others] = history
  if (newest?.status !== 'failed') return history
  const redact = deps.secrets.redactFor(formatKey(key))
  return [{ ...newest, description: redact(newest.description) }, ...others]
}
