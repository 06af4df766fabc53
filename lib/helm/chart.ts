// What does a chart consist of, as far as a release depends on it?
import { Buffer } from 'node:buffer'
import { ReconcileError } from '../model/errors.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { StoredChart } from '../model/source.ts'
import { isMap } from '../util/merge.ts'
import { linesOf } from '../util/lines.ts'
import { YamlTooLarge } from '../util/yaml-extent.ts'
import { parseYaml } from '../util/yaml.ts'
import { findSchemaReferences } from './schema-references.ts'

/** A file of a chart: its path below the chart's own directory. Files of packed subcharts are unpacked in place. */
export type ChartFile = { path: string; content: Uint8Array }

export type ChartDependency = {
  name: string
  alias?: string
  version: string
  repository: string
  // Which values switch it on and off.
  condition?: string
  tags?: readonly string[]
}

export type ChartContent = {
  chart: StoredChart
  hookEvents: readonly string[]
  dependencies: readonly ChartDependency[]
  // What Helm fetches to validate values: one URL for each host that a values.schema.json refers to.
  schemaUrls: readonly string[]
}

// Each is looked up in the DNS whenever the chart is looked at.
const maxSchemaHosts = 20
const hookNames = ['install', 'upgrade', 'rollback', 'delete']
const hookEvents = [...hookNames.flatMap((name) => [`pre-${name}`, `post-${name}`]), 'test']

/** Is this one of the files that readChart() looks at? The others need not be kept in memory. */
export function isChartFile(path: string): boolean {
  return /^(?:(?:charts\/[^/]+\/)*(?:templates\/|values\.schema\.json$)|(?:Chart|values|requirements)\.yaml$)/.test(
    path,
  )
}

/** Reads a chart. Throws ReconcileError ChartInvalid; `what` names the chart in the message. */
export function readChart(files: readonly ChartFile[], what: string): ChartContent {
  const texts = new Map(files.map(({ path, content }) => [path, withoutMark(content)]))
  const metadata = readMetadata(texts.get('Chart.yaml'), what)
  const templates = [...texts].filter(([path]) => path.startsWith('templates/'))
  return {
    chart: {
      name: metadata.name,
      version: metadata.version,
      appVersion: metadata.appVersion,
      values: readDefaults(texts.get('values.yaml'), what),
      templates: Object.fromEntries(
        templates.map(([path, content]) => [path, content.toString('base64')]),
      ),
    },
    hookEvents: findHookEvents(
      [...texts].flatMap(([path, content]) =>
        /(?:^|\/)templates\//.test(path) ? [content.toString()] : [],
      ),
    ),
    dependencies: metadata.dependencies ?? readDependencies(texts.get('requirements.yaml'), what),
    schemaUrls: readSchemaUrls(texts, what),
  }
}

function readSchemaUrls(texts: ReadonlyMap<string, Buffer>, what: string): string[] {
  const urls = new Map<string, string>()
  for (const [path, content] of texts) {
    if (!path.endsWith('values.schema.json')) continue
    const found = findSchemaReferences(content)
    if (found.file !== undefined)
      throw explain(
        what,
        `its ${path} refers to ${quote(found.file)}, which Helm would read from the operator's disk; put what it refers to into the schema`,
      )
    for (const url of found.urls) urls.set(new URL(url).host, url)
  }
  if (urls.size > maxSchemaHosts)
    throw explain(what, `its values.schema.json refers to more than ${maxSchemaHosts} hosts`)
  return [...urls.values()]
}

function quote(text: string): string {
  return `"${text.slice(0, 200)}"`
}

/**
 * The paths that a Chart.yaml or requirements.yaml refers to by file://; none if it cannot be read, because readChart() says
 * better what is wrong with the chart.
 */
export function fileDependencies(name: string, text: string): string[] {
  const content = Buffer.from(text)
  const minimal = { path: 'Chart.yaml', content: Buffer.from('name: x\nversion: 0.0.0') }
  const files =
    name === 'Chart.yaml' ? [{ path: name, content }] : [minimal, { path: name, content }]
  try {
    return readChart(files, '').dependencies.flatMap(({ repository }) =>
      repository.startsWith('file://') ? [repository.slice('file://'.length)] : [],
    )
  } catch {
    return []
  }
}

// Helm takes a byte order mark off every file.
function withoutMark(content: Uint8Array): Buffer {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  return bytes.subarray(0, 3).toString('hex') === 'efbbbf' ? bytes.subarray(3) : bytes
}

type Metadata = {
  name: string
  version: string
  appVersion: string
  dependencies?: readonly ChartDependency[]
}

function readMetadata(content: Buffer | undefined, what: string): Metadata {
  const invalid = (state: string): ReconcileError => explain(what, state)
  if (!content) throw invalid('it has no Chart.yaml')
  const fields = readMap(content, { file: 'Chart.yaml', what, isNeeded: true })
  const [name, version] = [scalar(fields.name), scalar(fields.version)]
  if (name === '') throw invalid('its Chart.yaml names no "name"')
  if (version === '') throw invalid('its Chart.yaml names no "version"')
  const dependencies = 'dependencies' in fields ? listDependencies(fields.dependencies) : undefined
  return {
    name,
    version,
    appVersion: scalar(fields.appVersion),
    ...(dependencies ? { dependencies } : {}),
  }
}

function explain(what: string, state: string): ReconcileError {
  return new ReconcileError('ChartInvalid', `Cannot read chart ${what}: ${state}`)
}

function readDependencies(content: Buffer | undefined, what: string): readonly ChartDependency[] {
  if (content === undefined) return []
  return listDependencies(readMap(content, { file: 'requirements.yaml', what }).dependencies)
}

function listDependencies(list: unknown): readonly ChartDependency[] {
  return (Array.isArray(list) ? list : []).filter(isMap).map((item) => ({
    name: scalar(item.name),
    ...(scalar(item.alias) === '' ? {} : { alias: scalar(item.alias) }),
    version: scalar(item.version),
    repository: scalar(item.repository),
    ...(scalar(item.condition) === '' ? {} : { condition: scalar(item.condition) }),
    ...(Array.isArray(item.tags) ? { tags: item.tags.map(scalar) } : {}),
  }))
}

// Numbers are written out where Helm expects text: appVersion: 1.10 is "1.1".
function scalar(value: unknown): string {
  return typeof value === 'object' || value === undefined ? '' : String(value)
}

type Reading = { file: string; what: string; isNeeded?: boolean }

// Nothing but a map counts. What is no YAML counts as empty, unless the file is needed; too much YAML never does.
function readMap(content: Buffer, { file, what, isNeeded }: Reading): JsonObject {
  try {
    const value = parseYaml(content.toString())
    return isMap(value) ? value : {}
  } catch (error) {
    const { message } = error as Error
    if (error instanceof YamlTooLarge) throw explain(what, `its ${file} ${message}`)
    if (isNeeded) throw explain(what, `its ${file} is ${message}`)
    return {}
  }
}

// What Helm 3 and Helm 4 read differently, or we cannot read, is no reason to find a difference later: no defaults then.
function readDefaults(content: Buffer | undefined, what: string): Json {
  if (content === undefined || hasSecondDocument(content.toString())) return {}
  return readMap(content, { file: 'values.yaml', what })
}

function hasSecondDocument(text: string): boolean {
  let hasContent = false
  for (const { line } of linesOf(text)) {
    if (hasContent && line.startsWith('---')) return true
    hasContent ||= /^\s*[^\s#-]/.test(line)
  }
  return false
}

/** The hook events that templates mention; all of them when an event is computed. */
export function findHookEvents(templates: readonly string[]): string[] {
  const found = new Set<string>()
  for (const template of templates)
    for (const [, rest = ''] of template.matchAll(/helm\.sh\/hook(?![\w-])["'`]?(.*)/g)) {
      const named = hookEvents.filter((event) =>
        new RegExp(`(?<![\\w-])${event}(?![\\w])`).test(rest),
      )
      const known = rest.includes('{{') || named.length === 0 ? hookEvents : named
      known.forEach((event) => found.add(event))
    }
  return hookEvents.filter((event) => found.has(event))
}
