// Is a stored revision what is wanted? Digests of our own work first, contents where somebody else wrote.
import type { Cause } from '../model/action.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmRelease, Release, Revision } from '../model/release.ts'
import type { Snapshot } from '../model/status.ts'
import { digestJson } from '../util/digest.ts'
import { isSameChart } from './chart.ts'

/**
 * What differs between a stored revision and what is wanted; undefined when nothing does. A revision that is neither ours
 * nor open says nothing, so that nothing is done because of it.
 */
export function findDifference(
  desired: HelmRelease,
  observed: Observed,
  stored: Release | Revision,
): Cause | undefined {
  const snapshot = snapshotOf(desired, stored)
  if (snapshot !== undefined) {
    if (snapshot.chartDigest !== observed.artifact.digest) return 'chart'
    return snapshot.valuesDigest === observed.values.digest ? undefined : 'values'
  }
  if (!('config' in stored)) return undefined
  // We have written revisions before, but not this one.
  const isForeign = desired.status.history.length > 0
  if (!isSameChart(stored.chart, observed.artifact.chart)) return isForeign ? 'storage' : 'chart'
  if (digestJson(stored.config) === observed.values.digest) return undefined
  return isForeign ? 'storage' : 'values'
}

/** Our own record of a stored revision, if we wrote it. */
export function snapshotOf(desired: HelmRelease, stored: Revision): Snapshot | undefined {
  return desired.status.history.find(
    ({ revision, uid }) => revision === stored.revision && uid === stored.secret.uid,
  )
}
