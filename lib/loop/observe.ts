// Gathers everything a decision needs: the chart, the values, Helm's storage, and whose the live objects are.
import pLimit from 'p-limit'
import { manifestRefs } from '../helm/manifest.ts'
import { ReconcileError } from '../model/errors.ts'
import { formatKey } from '../model/key.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmDriver } from '../model/ports.ts'
import type { HelmRelease, History, Release } from '../model/release.ts'
import type { Artifact } from '../model/source.ts'
import { snapshotOf } from '../plan/compare.ts'
import { foreignOwner } from '../plan/ownership.ts'
import { recoverOutcome } from '../plan/recover.ts'
import { chartFilesOf } from '../plan/references.ts'
import { attemptedBefore, determineState, isRolledBack } from '../plan/state.ts'
import type { Deps, LoopDeps } from './deps.ts'
import { observeProgress } from './progress.ts'
import { observeValues, readValues } from './values.ts'

// Reads of live objects at once; they share one connection pool with everything else.
const parallelReads = 8

/** The chart that the spec names. Throws ReconcileError when it cannot be had. */
export async function fetchChart(
  deps: Deps,
  desired: HelmRelease,
  options: { helm: HelmDriver; signal: AbortSignal },
): Promise<Artifact> {
  const { source } = desired
  if (source.kind === 'invalid') throw new ReconcileError('ChartSourceInvalid', source.why)
  return await deps.fetcher.fetch(source, { ...options, files: chartFilesOf(desired) })
}

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
    ...(isAsked ? {} : retryTime(deps, desired)),
  }
  const isIdle =
    recoverOutcome(desired, facts) === undefined && determineState(desired, facts).kind === 'inSync'
  if (facts.values.content === undefined && !isIdle)
    facts.values = await readValues(deps, desired, from)
  const history = withoutSecrets(deps, desired, facts.history)
  return await observeProgress(deps, desired, { ...facts, history })
}

// Whoever asks for it need not wait for the next sync.
function retryTime({ syncIntervalMs }: Deps, { status }: HelmRelease): { retryAt?: number } {
  const failedAt = Date.parse(status.lastAttempt?.failedAt ?? '')
  return Number.isNaN(failedAt) ? {} : { retryAt: failedAt + syncIntervalMs }
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

/** The ids that live objects of a release name as their owner, in manifest order; undefined for those without. */
export async function readOwners(
  deps: Deps,
  annotation: string,
  release: Release,
): Promise<(string | undefined)[]> {
  const limit = pLimit(parallelReads)
  return await Promise.all(
    manifestRefs(release).map((ref) =>
      limit(async () => {
        const type = await deps.cluster.resourceFor(ref.apiVersion, ref.kind)
        if (type === undefined) return undefined
        const namespace = type.namespaced ? (ref.namespace ?? release.namespace) : undefined
        const live = await deps.cluster.get(type, ref.name, namespace)
        return live?.metadata.annotations?.[annotation]
      }),
    ),
  )
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

// A revision that we wrote ourselves is ours: only others' are worth looking at the live objects.
async function readForeignOwner(
  deps: Deps,
  desired: HelmRelease,
  [newest]: History,
): Promise<{ foreignOwnerId?: string }> {
  if (newest === undefined || snapshotOf(desired, newest) !== undefined) return {}
  const owners = await readOwners(deps, desired.owner.annotation, newest)
  const foreignOwnerId = foreignOwner(desired.owner.id, owners)
  return foreignOwnerId === undefined ? {} : { foreignOwnerId }
}
