// Is a stored revision what is wanted? Digests of our own work first, contents where somebody else wrote.
import type { Cause } from '../model/action.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmRelease, Release, Revision } from '../model/release.ts'
import type { Snapshot } from '../model/memory.ts'
import { digestJson } from '../util/digest.ts'
import { isMap } from '../util/merge.ts'
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
  const isForeign = desired.memory.history.length > 0
  if (!hasChart(desired, observed, stored)) return isForeign ? 'storage' : 'chart'
  if (hasValues(desired, observed, stored)) return undefined
  return isForeign ? 'storage' : 'values'
}

// Where values are reused, Helm stores those of the revision before as the chart's own.
function hasChart({ resetValues }: HelmRelease, { artifact }: Observed, stored: Release): boolean {
  const { chart } = artifact
  return isSameChart(stored.chart, resetValues ? chart : { ...chart, values: {} })
}

// Where values are reused, those of the revision before are stored with the ones that were given.
function hasValues({ resetValues }: HelmRelease, { values }: Observed, stored: Release): boolean {
  if (digestJson(stored.config) === values.digest) return true
  return (
    !resetValues && values.content !== undefined && changesNothing(stored.config, values.content)
  )
}

// Laid over the stored values, do these leave them as they are? What is null, Helm keeps at times, and drops at others.
function changesNothing(stored: Json | undefined, given: Json): boolean {
  if (given === null) return stored === undefined || stored === null
  if (!isMap(given)) return stored !== undefined && digestJson(stored) === digestJson(given)
  const isNone = stored === undefined || stored === null
  if (!isNone && !isMap(stored)) return false
  const members = new Map(isNone ? [] : Object.entries(stored))
  return Object.entries(given as JsonObject).every(([name, member]) =>
    changesNothing(members.get(name), member),
  )
}

/** Our own record of a stored revision, if we wrote it. */
export function snapshotOf(desired: HelmRelease, stored: Revision): Snapshot | undefined {
  return desired.memory.history.find(
    ({ revision, uid }) => revision === stored.revision && uid === stored.secret.uid,
  )
}
