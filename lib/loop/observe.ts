// Gathers everything a decision needs: the chart, the values, Helm's storage, and whose the live objects are.
import pLimit from 'p-limit'
import { manifestRefs } from '../helm/manifest.ts'
import type { Json, JsonObject } from '../model/json.ts'
import { ReconcileError } from '../model/errors.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmDriver } from '../model/ports.ts'
import type { HelmRelease, History, Release } from '../model/release.ts'
import type { Artifact } from '../model/source.ts'
import { snapshotOf } from '../plan/compare.ts'
import { foreignOwner } from '../plan/ownership.ts'
import { attemptedBefore, isRolledBack } from '../plan/state.ts'
import { composeValues } from '../plan/values.ts'
import { digestJson } from '../util/digest.ts'
import type { Deps } from './deps.ts'
import { observeProgress } from './progress.ts'

// Reads of live objects at once; they share one connection pool with everything else.
const parallelReads = 8

/** All facts of a pass. Throws ReconcileError when the chart or the values cannot be had. */
export async function observe(
  deps: Deps,
  desired: HelmRelease,
  { helm, signal }: { helm: HelmDriver; signal: AbortSignal },
): Promise<Observed> {
  if (desired.source.kind === 'invalid')
    throw new ReconcileError('ChartSourceInvalid', desired.source.why)
  const [artifact, stored] = await Promise.all([
    deps.fetcher.fetch(desired.source, { helm, signal }),
    deps.storage.history(desired.targetNamespace, desired.releaseName),
  ])
  return await observeProgress(deps, desired, {
    artifact,
    values: await readValues(deps, desired, { artifact, signal }),
    history: await openAttempted(deps, desired, stored),
    ...(await readForeignOwner(deps, desired, stored)),
    now: deps.clock.now(),
  })
}

/** The same facts after something was done to the release. */
export async function observeAgain(
  deps: Deps,
  desired: HelmRelease,
  observed: Observed,
): Promise<Observed> {
  const history = await deps.storage.history(desired.targetNamespace, desired.releaseName)
  return { ...observed, history, now: deps.clock.now() }
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
  if (newest === undefined || !isRolledBack(desired)) return history
  const attempted = attemptedBefore(history, newest)
  if (attempted === undefined || snapshotOf(desired, attempted) !== undefined) return history
  const opened = await deps.storage.open(attempted)
  return [newest, ...others.map((one) => (one === attempted && opened ? opened : one))]
}

async function readValues(
  deps: Deps,
  desired: HelmRelease,
  from: { artifact: Artifact; signal: AbortSignal },
): Promise<Observed['values']> {
  const documents: JsonObject[] = []
  const secrets: string[] = []
  for (const reference of desired.values.from) {
    const document = await deps.readValues(reference, from)
    if (document === undefined) continue
    documents.push(document)
    if (reference.kind === 'Secret') secrets.push(...textsOf(document))
  }
  const content = composeValues(documents, desired.values.inline)
  return { content, digest: digestJson(content), secrets }
}

function textsOf(value: Json): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
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
