// What would an upgrade change? Lines for people: values and chart of a stored revision against what is wanted.
import type { Json, JsonObject } from '../model/json.ts'
import type { Release } from '../model/release.ts'
import type { StoredChart } from '../model/source.ts'
import { isMap } from '../util/merge.ts'

type Wanted = { values: JsonObject; chart: StoredChart }
// Is this text, or a part of it, nobody's business?
type IsSecret = (text: string) => boolean

// A line of log is for reading.
const mostLines = 100
const longestValue = 200
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
  const lines = [
    ...diffValues('values', config, wanted.values, isSecret),
    ...diffValues('chart', facts(chart), facts(wanted.chart), isSecret),
    // Helm stores the defaults of subcharts among those of the chart: what is missing from the chart's own file says nothing.
    ...diffValues('chart.values', chart.values, wanted.chart.values, isSecret).filter(
      (line) => !line.startsWith('-'),
    ),
    ...diffTemplates(chart.templates, wanted.chart.templates),
  ]
  const rest = lines.length - mostLines
  return rest > 0 ? [...lines.slice(0, mostLines), `… and ${rest} more`] : lines
}

function diffValues(path: string, old: Json, now: Json, isSecret: IsSecret): string[] {
  const members = membersOf(old)
  const after = membersOf(now)
  if (members !== undefined && after !== undefined && Array.isArray(old) === Array.isArray(now))
    return [...new Set([...members.keys(), ...after.keys()])].flatMap((name) => {
      const below = `${path}.${name}`
      if (!after.has(name)) return [`- ${below}`]
      if (!members.has(name))
        return [`+ ${below}: ${render(below, after.get(name) ?? null, isSecret)}`]
      return diffValues(below, members.get(name) ?? null, after.get(name) ?? null, isSecret)
    })
  if (JSON.stringify(old) === JSON.stringify(now)) return []
  const [was, is] = [render(path, old, isSecret), render(path, now, isSecret)]
  const isHidden = was.includes(mask) || is.includes(mask)
  return [`~ ${path}: ${isHidden ? `${mask} -> ${mask}` : `${was} -> ${is}`}`]
}

function diffTemplates(old: StoredChart['templates'], now: StoredChart['templates']): string[] {
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort().flatMap((name) => {
    if (old[name] === now[name]) return []
    if (now[name] === undefined) return [`- ${name}`]
    return [`${old[name] === undefined ? '+' : '~'} ${name}`]
  })
}

function membersOf(value: Json): Map<string, Json> | undefined {
  if (Array.isArray(value)) return new Map(value.map((item, index) => [String(index), item]))
  return isMap(value) ? new Map(Object.entries(value as JsonObject)) : undefined
}

function render(path: string, value: Json, isSecret: IsSecret): string {
  const text = JSON.stringify(hide(path, value, isSecret))
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}

function hide(path: string, value: Json, isSecret: IsSecret): Json {
  if (Array.isArray(value)) return value.map((item) => hide(path, item, isSecret))
  if (isMap(value))
    return Object.fromEntries(
      Object.entries(value as JsonObject).map(([name, member]) => [
        name,
        hide(`${path}.${name}`, member, isSecret),
      ]),
    )
  if (value === null || typeof value === 'boolean') return value
  const name = path.split('.').findLast((part) => !/^\d+$/.test(part)) ?? ''
  return secretName.test(name) || isSecret(String(value)) ? mask : value
}
