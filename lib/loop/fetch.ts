// Fetches the chart that a spec names. A helm that is needed for it has its own few places, beside those for releases: a pass
// that finds none free ends, as it does everywhere else.
import { ReconcileError } from '../model/errors.ts'
import { formatKey } from '../model/key.ts'
import type { HelmDriver, Lease } from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import type { Artifact } from '../model/source.ts'
import { chartFilesOf } from '../plan/references.ts'
import type { Urgency } from '../util/fair-queue.ts'
import type { Deps } from './deps.ts'

type FetchCall = { helm: HelmDriver; isAsked: boolean; signal: AbortSignal; lease?: Lease }

/** The chart that the spec names. Throws ReconcileError when it cannot be had, and Parked where a helm has to wait. */
export async function fetchChart(
  deps: Deps,
  desired: HelmRelease,
  call: FetchCall,
): Promise<Artifact> {
  const { source, key } = desired
  if (source.kind === 'invalid') throw new ReconcileError('ChartSourceInvalid', source.why)
  try {
    return await deps.fetcher.fetch(source, {
      ...call,
      helm: inPlace(deps, desired, call),
      namespace: key.namespace,
      cluster: deps.cluster,
      files: chartFilesOf(desired),
    })
  } finally {
    deps.reservations.endFetch(formatKey(key))
  }
}

// What is fetched for several passes goes on when the one that has begun it is over: then there is no place to be had for it.
function inPlace(deps: Deps, desired: HelmRelease, { helm, isAsked, signal }: FetchCall) {
  const claim = (): void => {
    if (!signal.aborted)
      deps.reservations.claimFetch(formatKey(desired.key), urgencyOf(desired, isAsked))
  }
  return {
    ...helm,
    pull: async (call) => {
      claim()
      await helm.pull(call)
    },
    updateDependencies: async (call) => {
      claim()
      await helm.updateDependencies(call)
    },
  } satisfies HelmDriver
}

function urgencyOf({ memory: { told } }: HelmRelease, isAsked: boolean): Urgency {
  if (isAsked) return 'asked'
  return told?.verdict === 'failed' ? 'later' : 'first'
}
