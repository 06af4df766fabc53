// How far are the objects of a release? Reads them from the cluster each time: what a watch knows may be from before.
import pLimit from 'p-limit'
import { formatKey } from '../model/key.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmRelease, Release } from '../model/release.ts'
import type { Rollout } from '../model/rollout.ts'
import { snapshotOf } from '../plan/compare.ts'
import { diagnose } from '../plan/diagnose.ts'
import { assessObject, assessRelease, isInstant, type LiveObject } from '../plan/readiness.ts'
import type { Deps } from './deps.ts'
import { readEvidence } from './evidence.ts'
import type { Target } from './rollout.ts'

// Reads of live objects at once; they share one connection pool with everything else.
const parallelReads = 8
// Images are pulled and programs start: what is not ready sooner is not in trouble yet.
const ordinaryStartMs = 8_000

/** The facts with the progress of the newest revision, if it is one that is waited for. */
export async function observeProgress(
  deps: Deps,
  desired: HelmRelease,
  observed: Observed,
): Promise<Observed> {
  const { rollout: _, ...rest } = observed
  const [newest] = observed.history
  const snapshot = newest && snapshotOf(desired, newest)
  if (newest?.status !== 'deployed' || snapshot?.waitUntil === undefined) return rest
  const objects = await readObjects(deps, desired, newest)
  const rollout = assessRelease(objects, { waitForJobs: desired.waitForJobs === true })
  const isDue = observed.now - Date.parse(snapshot.deployedAt) > ordinaryStartMs
  const isOver = observed.now >= Date.parse(snapshot.waitUntil)
  const isWorthALook =
    rollout.verdict === 'failed' || (rollout.verdict === 'progressing' && (isDue || isOver))
  const diagnosis = isWorthALook ? await diagnoseObjects(deps, objects) : undefined
  const redact = deps.secrets.redactFor(formatKey(desired.key))
  return {
    ...rest,
    rollout: {
      ...rollout,
      why: redact(rollout.why),
      ...(diagnosis === undefined ? {} : { diagnosis: redact(diagnosis) }),
    },
  }
}

/** The progress alone, without looking for what is in the way. */
export async function readProgress(
  deps: Deps,
  desired: HelmRelease,
  release: Release,
): Promise<Rollout> {
  const objects = await readObjects(deps, desired, release)
  return assessRelease(objects, { waitForJobs: desired.waitForJobs === true })
}

/** What is in the way of objects that nobody waits for any more; undefined if nothing can be said. */
export async function explainUnready(
  deps: Deps,
  desired: HelmRelease,
  release: Release,
): Promise<string | undefined> {
  return await diagnoseObjects(deps, await readObjects(deps, desired, release))
}

/** The objects of a release that are worth watching until they are ready. */
export async function findTargets(
  deps: Deps,
  desired: HelmRelease,
  release: Release,
): Promise<Target[]> {
  const found = await Promise.all(
    release.objects
      .filter((ref) => takesTime(desired, ref))
      .map(async ({ apiVersion, kind, namespace, name }): Promise<Target[]> => {
        const type = await deps.cluster.resourceFor(apiVersion, kind)
        if (type === undefined) return []
        return type.namespaced && namespace !== undefined
          ? [{ type, namespace, name }]
          : [{ type, name }]
      }),
  )
  return found.flat()
}

function takesTime(desired: HelmRelease, ref: { apiVersion: string; kind: string }): boolean {
  const isJob = ref.kind === 'Job' && ref.apiVersion === 'batch/v1'
  return !isInstant(ref) && (!isJob || desired.waitForJobs === true)
}

async function readObjects(
  deps: Deps,
  desired: HelmRelease,
  release: Release,
): Promise<LiveObject[]> {
  const limit = pLimit(parallelReads)
  return await Promise.all(
    release.objects.map((ref) =>
      limit(async (): Promise<LiveObject> => {
        if (!takesTime(desired, ref)) return { ref, live: undefined }
        const type = await deps.cluster.resourceFor(ref.apiVersion, ref.kind)
        if (type === undefined) return { ref, live: undefined }
        const { namespace, ...nameless } = ref
        if (!type.namespaced) return { ref: nameless, live: await deps.cluster.get(type, ref.name) }
        return { ref, live: await deps.cluster.get(type, ref.name, namespace) }
      }),
    ),
  )
}

async function diagnoseObjects(
  deps: Deps,
  objects: readonly LiveObject[],
): Promise<string | undefined> {
  const unready = objects.filter(
    ({ live }) => live !== undefined && assessObject(live).verdict !== 'ready',
  )
  return unready.length === 0 ? undefined : diagnose(unready, await readEvidence(deps, unready))
}
