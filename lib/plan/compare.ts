// Is a stored revision what is wanted? Digests of our own work first, contents where somebody else wrote.
import type { Cause } from '../model/action.ts'
import type { Observed } from '../model/observed.ts'
import type { HelmRelease, Release, Revision } from '../model/release.ts'
import type { Snapshot } from '../model/status.ts'
import type { StoredChart } from '../model/source.ts'
import { digestJson } from '../util/digest.ts'

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
  if (!isSameChart(stored, observed)) return isForeign ? 'storage' : 'chart'
  if (digestJson(stored.config) === observed.values.digest) return undefined
  return isForeign ? 'storage' : 'values'
}

/** Our own record of a stored revision, if we wrote it. */
export function snapshotOf(desired: HelmRelease, stored: Revision): Snapshot | undefined {
  return desired.status.history.find(
    ({ revision, uid }) => revision === stored.revision && uid === stored.secret.uid,
  )
}

// Helm keeps of a chart its metadata, default values and own templates: subcharts and other files are not in the storage.
// Default values are stored after Helm has folded those of subcharts into them, so they are compared one way only:
// whatever the chart's own file says must be in the storage, too.
function isSameChart(stored: Release, { artifact }: Observed): boolean {
  const [was, is] = [stored.chart, artifact.chart]
  return (
    was.name === is.name &&
    was.version === is.version &&
    was.appVersion === is.appVersion &&
    haveSameTemplates(was, is) &&
    contains(was.values, is.values)
  )
}

function haveSameTemplates(was: StoredChart, is: StoredChart): boolean {
  const names = Object.keys(is.templates)
  return (
    names.length === Object.keys(was.templates).length &&
    names.every((name) => was.templates[name] === is.templates[name])
  )
}

function contains(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null || Array.isArray(part))
    return digestJson(whole ?? null) === digestJson(part ?? null)
  if (typeof whole !== 'object' || whole === null) return Object.keys(part).length === 0
  return Object.entries(part).every(([key, value]) =>
    contains((whole as typeof part)[key as never], value),
  )
}
