// Which versions of a chart does a repository's index.yaml offer, and where are their archives?
// Large indexes go through a scan that cuts out the charts asked for; small ones of unusual form are parsed whole.
import { parse } from 'yaml'
import { isMap } from '../util/merge.ts'
import { checkYamlExtent, YamlTooLarge } from '../util/yaml-extent.ts'
import { readItems } from './index-items.ts'
import { createIndexScan, type IndexScan } from './scan.ts'

/** One version of a chart on offer. URLs may be relative to the repository's; the digest is hex of sha256. */
export type ChartVersion = {
  version: string
  created?: string
  digest?: string
  urls: readonly string[]
}
export type RepositoryIndex = {
  // Only the charts asked for, and of them only those that are there.
  charts: ReadonlyMap<string, readonly ChartVersion[]>
  // Every chart there is, as far as near misses are concerned.
  names: readonly string[]
}
export type IndexReading =
  | { kind: 'index'; index: RepositoryIndex }
  | { kind: 'invalid'; why: string }
  // To be read whole, by parseIndex().
  | { kind: 'unusual' }

const fields = ['version', 'created', 'digest', 'urls']
// Two million characters of YAML take a second or two. JSON is fifty times as fast.
const maxYamlLength = 2_000_000
const maxJsonLength = 80_000_000
// The largest public indexes list 1,000 charts, and 2,000 versions of one.
const maxNames = 50_000
const maxVersions = 20_000

/** Starts to look for these charts in an index that comes in chunks. */
export function scanIndex(charts: Iterable<string>): IndexScan {
  return createIndexScan(charts, fields)
}

/** What a finished scan says. */
export function readScan(scan: IndexScan): IndexReading {
  const result = scan.end()
  if (result.kind === 'html') return invalid('it is a web page')
  if (result.kind === 'unusual') return { kind: 'unusual' }
  const charts = new Map<string, readonly ChartVersion[]>()
  for (const [name, block] of result.blocks) {
    const items = readItems(block) ?? parseYaml(block)
    if (items === unreadable || items instanceof YamlTooLarge) return { kind: 'unusual' }
    charts.set(name, readVersions(items))
  }
  return bounded({ charts, names: result.names })
}

/** Reads an index of any form: JSON, flow style, anchors. */
export function parseIndex(
  text: string,
  wanted: Iterable<string>,
): Exclude<IndexReading, { kind: 'unusual' }> {
  const start = text.slice(0, 1_000).trimStart()
  if (start.startsWith('<')) return invalid('it is a web page')
  const isJson = start.startsWith('{')
  if (text.length > (isJson ? maxJsonLength : maxYamlLength))
    return invalid('it is large and not in the form that "helm repo index" writes')
  const json = isJson ? parseJson(text) : unreadable
  const whole = json === unreadable ? parseYaml(text) : json
  if (whole instanceof YamlTooLarge) return invalid(`it ${whole.message}`)
  if (whole === unreadable) return invalid('it is not YAML')
  if (!isMap(whole) || !('entries' in whole || 'apiVersion' in whole))
    return invalid('it has no "entries"')
  const entries = isMap(whole.entries) ? whole.entries : {}
  const charts = new Map<string, readonly ChartVersion[]>()
  for (const name of wanted)
    if (Object.hasOwn(entries, name)) charts.set(name, readVersions(entries[name]))
  return bounded({ charts, names: Object.keys(entries) })
}

// All of this is kept in memory, and the versions of a chart are compared one by one whenever a release asks for it.
function bounded(index: RepositoryIndex): Exclude<IndexReading, { kind: 'unusual' }> {
  for (const [name, { length }] of index.charts)
    if (length > maxVersions)
      return invalid(`it lists more than 20,000 versions of chart "${name}"`)
  return { kind: 'index', index: { ...index, names: index.names.slice(0, maxNames) } }
}

function invalid(why: string): { kind: 'invalid'; why: string } {
  return { kind: 'invalid', why }
}

const unreadable = Symbol('unreadable')

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return unreadable
  }
}

// Nothing but strings: "1.10" must not become the number 1.1.
function parseYaml(text: string): unknown {
  if (text.length > maxYamlLength) return unreadable
  try {
    checkYamlExtent(text)
    return parse(text, { schema: 'failsafe', merge: true, logLevel: 'error', uniqueKeys: false })
  } catch (error) {
    return error instanceof YamlTooLarge ? error : unreadable
  }
}

function readVersions(items: unknown): ChartVersion[] {
  return Array.isArray(items) ? items.flatMap(readVersion) : []
}

// An entry that is not as it must be hides nothing but itself.
function readVersion(item: unknown): ChartVersion[] {
  if (!isMap(item) || !isText(item.version)) return []
  const urls = Array.isArray(item.urls) ? item.urls.filter(isText) : []
  const digest = isText(item.digest) ? item.digest.replace(/^sha256:/, '').toLowerCase() : ''
  return [
    {
      version: item.version,
      urls,
      ...(isText(item.created) ? { created: item.created } : {}),
      // Another algorithm's digest cannot be compared with ours.
      ...(/^[0-9a-f]{64}$/.test(digest) ? { digest } : {}),
    },
  ]
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value !== 'null' && value !== '~'
}
