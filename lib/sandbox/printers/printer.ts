// What a table of a kind is made of: columns in shorthand, and for each a way to read its cell from an object.
import { at, mapsAt, numberAt, textAt, textsAt } from '../reading.ts'
import { isMap } from '../schema.ts'
import type { Column, Json, Obj } from '../types.ts'

export type Cell = (object: Obj, now: number) => Json
/** Columns are separated by bars; "*" is shown with -o wide only, "#" is an integer, "?" a boolean, "@" a date. */
export type Printer = { columns: string; cells: readonly Cell[] }

export function printer(columns: string, ...cells: readonly Cell[]): Printer {
  return { columns, cells }
}

const types: Record<string, string> = { '#': 'integer', '?': 'boolean', '@': 'date' }

/** The columns a printer's shorthand stands for. */
export function parseColumns(columns: string): Column[] {
  return columns.split('|').map((text) => {
    const name = text.replace(/[*#?@]+$/, '')
    const type = types[/[#?@]/.exec(text)?.[0] ?? ''] ?? 'string'
    return { name, type, ...(text.endsWith('*') && { priority: 1 }) }
  })
}

/** A cell that shows the text at the path, or what stands for nothing. */
export function text(path: string, absent = ''): Cell {
  return (object) => textAt(object, path) || absent
}

export function number(path: string): Cell {
  return (object) => numberAt(object, path)
}

export function flag(path: string): Cell {
  return (object) => at(object, path) === true
}

/** A cell that counts the members of the lists and maps at these paths. */
export function count(...paths: readonly string[]): Cell {
  return (object) =>
    paths.map((path) => Object.keys(at(object, path) ?? {}).length).reduce((a, b) => a + b, 0)
}

export const name: Cell = ({ metadata }) => metadata.name

export const age: Cell = ({ metadata }, now) => sinceText(metadata.creationTimestamp, now)

/** How long ago that was: "5m12s", or "<unknown>". */
export function sinceText(timestamp: unknown, now: number): string {
  const then = typeof timestamp === 'string' ? Date.parse(timestamp) : NaN
  return Number.isNaN(then) ? '<unknown>' : humanDuration(now - then)
}

const minute = 60
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day

/** A duration in the two units that matter most, as kubectl shows ages. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds <= 0) return '0s'
  if (seconds < 2 * minute) return `${seconds}s`
  if (seconds < 10 * minute) return pair(seconds, [minute, 'm'], [1, 's'])
  if (seconds < 3 * hour) return pair(seconds, [minute, 'm'])
  if (seconds < 8 * hour) return pair(seconds, [hour, 'h'], [minute, 'm'])
  if (seconds < 2 * day) return pair(seconds, [hour, 'h'])
  if (seconds < 8 * day) return pair(seconds, [day, 'd'], [hour, 'h'])
  if (seconds < 2 * year) return pair(seconds, [day, 'd'])
  if (seconds < 8 * year) return pair(seconds, [year, 'y'], [day, 'd'])
  return pair(seconds, [year, 'y'])
}

function pair(seconds: number, big: [number, string], small?: [number, string]): string {
  const whole = `${Math.floor(seconds / big[0])}${big[1]}`
  const rest = small ? Math.floor((seconds % big[0]) / small[0]) : 0
  return rest === 0 ? whole : `${whole}${rest}${small![1]}`
}

/** "a=b,c=d", or "<none>". */
export function labelsText(labels: unknown): string {
  if (!isMap(labels) || Object.keys(labels).length === 0) return '<none>'
  return Object.keys(labels)
    .sort()
    .map((key) => `${key}=${String(labels[key])}`)
    .join(',')
}

/** A label selector as kubectl shows it: "app=web,tier in (a,b),!legacy". */
export function selectorText(selector: unknown): string {
  if (!isMap(selector)) return '<none>'
  const equal = Object.entries(isMap(selector['matchLabels']) ? selector['matchLabels'] : {})
  const parts = equal.map(([key, value]): [string, string] => [key, `${key}=${String(value)}`])
  for (const one of mapsAt(selector, 'matchExpressions')) {
    const key = textAt(one, 'key')
    const values = textsAt(one, 'values').sort().join(',')
    const shown: Record<string, string> = {
      In: `${key} in (${values})`,
      NotIn: `${key} notin (${values})`,
      Exists: key,
      DoesNotExist: `!${key}`,
    }
    parts.push([key, shown[textAt(one, 'operator')] ?? key])
  }
  const sorted = parts.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted.length === 0 ? '<none>' : sorted.map(([, shown]) => shown).join(',')
}

/** The names, or the images, of the containers at the path. */
export function containers(path: string, field: 'name' | 'image'): Cell {
  return (object) =>
    mapsAt(object, `${path}.containers`)
      .map((container) => textAt(container, field))
      .join(',')
}

/** At most so many, then how many more there are. */
export function firstOf(list: readonly string[], most: number, separator = ','): string {
  if (list.length === 0) return '<none>'
  const shown = list.slice(0, most).join(separator)
  return list.length > most ? `${shown} + ${list.length - most} more...` : shown
}
