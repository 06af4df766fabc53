// Is the chart that Helm has stored the one that was fetched?
import type { Json } from '../model/json.ts'
import type { StoredChart } from '../model/source.ts'
import { isMap } from '../util/merge.ts'

/**
 * Is the stored chart the fetched one? Compares what Helm stores of it: name, version, appVersion, templates and default
 * values. Helm adds the defaults of subcharts to the stored values, so the fetched ones must be among them, no more.
 */
export function isSameChart(stored: StoredChart, fetched: StoredChart): boolean {
  const names = Object.keys(fetched.templates)
  return (
    stored.name === fetched.name &&
    stored.version === fetched.version &&
    sameVersion(stored.appVersion, fetched.appVersion) &&
    names.length === Object.keys(stored.templates).length &&
    names.every((name) => stored.templates[name] === fetched.templates[name]) &&
    includes(stored.values, fetched.values)
  )
}

function sameVersion(a: string, b: string): boolean {
  return a === b || (a !== '' && b !== '' && Number(a) === Number(b))
}

// Maps may have gained members, and null is as good as absent: Helm drops one or the other when it merges subcharts.
function includes(stored: Json | undefined, fetched: Json | undefined): boolean {
  if (fetched === null || fetched === undefined) return true
  if (Array.isArray(fetched)) return Array.isArray(stored) && sameList(stored, fetched)
  if (!isMap(fetched)) return stored === fetched
  const members = isMap(stored) ? stored : stored === null || stored === undefined ? {} : undefined
  if (!members) return false
  return Object.entries(fetched).every(([key, value]) =>
    includes(Object.hasOwn(members, key) ? (members[key] as Json) : undefined, value as Json),
  )
}

// Helm never reaches into lists: theirs must be equal, both ways.
function sameList(stored: readonly Json[], fetched: readonly Json[]): boolean {
  return (
    stored.length === fetched.length &&
    fetched.every((item, index) => includes(stored[index], item) && includes(item, stored[index]))
  )
}
