// What would an upgrade change? Lines for people: values and chart of a stored revision against what is wanted.
import type { Json, JsonObject } from '../model/json.ts'
import type { Release } from '../model/release.ts'
import type { StoredChart } from '../model/source.ts'
import { isSameJson } from '../util/equal.ts'
import { isMap } from '../util/merge.ts'
import { unreachable } from '../util/unreachable.ts'

type Wanted = { values: JsonObject; chart: StoredChart }
// Is this text, or a part of it, nobody's business?
type IsSecret = (text: string) => boolean

// A line of log is for reading.
const mostLines = 100
const longestValue = 200
const longestPath = 1_000
const mask = '***'
// Names of values that are secret wherever they come from.
const secretName =
  /(?:password|passwd|passphrase|token|secret|credentials?|api[-_]?key|access[-_]?key|private[-_]?key)$/i

/**
 * "+ name: new", "- name" or "~ name: old -> new" for each difference. What is secret on one side is shown on neither, and
 * what is gone is not shown at all: nobody knows any more whether it was secret. Of templates only the names are told.
 */
export function diffRelease(
  { config, chart }: Pick<Release, 'config' | 'chart'>,
  wanted: Wanted,
  isSecret: IsSecret,
): string[] {
  const facts = ({ name, version, appVersion }: StoredChart): JsonObject => ({
    ...{ name, version, appVersion },
  })
  const differences = [
    ...diffValues('values', config, wanted.values),
    ...diffValues('chart', facts(chart), facts(wanted.chart)),
    // Helm stores the defaults of subcharts among those of the chart: what is missing from the chart's own file says nothing.
    ...diffValues('chart.values', chart.values, wanted.chart.values).filter(
      ({ kind }) => kind !== 'gone',
    ),
    ...diffTemplates(chart.templates, wanted.chart.templates),
  ]
  // Whether a text is secret is not asked of more than is shown: it takes its time.
  const lines = differences.slice(0, mostLines).map((one) => describe(one, isSecret))
  const rest = differences.length - mostLines
  return rest > 0 ? [...lines, `… and ${rest} more`] : lines
}

type Difference =
  | { kind: 'gone' | 'line'; path: string }
  | { kind: 'new'; path: string; now: Json }
  | { kind: 'changed'; path: string; old: Json; now: Json }

function describe(difference: Difference, isSecret: IsSecret): string {
  const { kind } = difference
  const path = difference.path.slice(0, longestPath)
  switch (kind) {
    case 'line':
      return path
    case 'gone':
      return `- ${path}`
    case 'new':
      return `+ ${path}: ${render(difference.path, difference.now, isSecret)}`
    case 'changed': {
      const was = render(difference.path, difference.old, isSecret)
      const is = render(difference.path, difference.now, isSecret)
      const isHidden = was.includes(mask) || is.includes(mask)
      return `~ ${path}: ${isHidden ? `${mask} -> ${mask}` : `${was} -> ${is}`}`
    }
    default:
      return unreachable(kind)
  }
}

function diffValues(path: string, old: Json, now: Json): Difference[] {
  const members = membersOf(old)
  const after = membersOf(now)
  if (members !== undefined && after !== undefined && Array.isArray(old) === Array.isArray(now))
    return [...new Set([...members.keys(), ...after.keys()])].flatMap((name): Difference[] => {
      const below = `${path}.${name}`
      if (!after.has(name)) return [{ kind: 'gone', path: below }]
      if (!members.has(name)) return [{ kind: 'new', path: below, now: after.get(name) ?? null }]
      return diffValues(below, members.get(name) ?? null, after.get(name) ?? null)
    })
  return isSameJson(old, now) ? [] : [{ kind: 'changed', path, old, now }]
}

function diffTemplates(old: StoredChart['templates'], now: StoredChart['templates']): Difference[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort().flatMap((name) => {
    if (old[name] === now[name]) return []
    const sign = now[name] === undefined ? '-' : old[name] === undefined ? '+' : '~'
    return [{ kind: 'line', path: `${sign} ${name}` }]
  })
}

function membersOf(value: Json): Map<string, Json> | undefined {
  if (Array.isArray(value)) return new Map(value.map((item, index) => [String(index), item]))
  return isMap(value) ? new Map(Object.entries(value as JsonObject)) : undefined
}

function render(path: string, value: Json, isSecret: IsSecret): string {
  const text = JSON.stringify(hide(path, value, { isSecret, left: longestValue }))
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}

// Of more values than characters that are shown, the rest is left out.
type Hiding = { isSecret: IsSecret; left: number }

function hide(path: string, value: Json, hiding: Hiding): Json {
  if (hiding.left-- <= 0) return null
  if (Array.isArray(value))
    return value.slice(0, longestValue).map((item) => hide(path, item, hiding))
  if (isMap(value))
    return Object.fromEntries(
      Object.entries(value as JsonObject)
        .slice(0, longestValue)
        .map(([name, member]) => [name, hide(`${path}.${name}`, member, hiding)]),
    )
  if (value === null || typeof value === 'boolean') return value
  const name = path.split('.').findLast((part) => !/^\d+$/.test(part)) ?? ''
  return secretName.test(name) || hiding.isSecret(String(value)) ? mask : value
}
