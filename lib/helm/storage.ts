// What Helm keeps of a release: one Secret for each revision, with labels that tell its status and the rest as JSON that
// is gzipped, base64 encoded, and base64 encoded once more as every Secret's data is.
import { Buffer } from 'node:buffer'
import { gunzipSync, gzipSync } from 'node:zlib'
import { ReconcileError } from '../model/errors.ts'
import type { Json, JsonObject, KubeObject } from '../model/json.ts'
import type { ObjectRef } from '../model/key.ts'
import type { HelmStatus, Release, Revision } from '../model/release.ts'
import type { StoredChart } from '../model/source.ts'
import { explainExtent, weighJson } from '../util/extent.ts'
import { spliceMember } from '../util/splice.ts'
import { manifestRefs } from './manifest.ts'

/** Every revision of every release. */
export const allReleases = 'owner=helm'

/** Every revision of one release. */
export function revisionsOf(releaseName: string): string {
  return `${allReleases},name=${releaseName}`
}

// A Secret holds 1 MiB; what unpacks to more than this was made to harm.
const largest = 32 * 1024 * 1024
// As much memory as a release may take; the largest public charts take a tenth of it.
const maxOpenedBytes = 16 * 1024 * 1024
// A chart of a few objects. As YAML, its manifest takes 20 ms at the very most.
const little = 8 * 1024
// Each of them is read from the cluster now and then.
const maxObjects = 10_000
// As much of what Helm noted as anybody reads.
const maxDescription = 16_384

const statuses: readonly string[] = [
  'unknown',
  'deployed',
  'uninstalled',
  'superseded',
  'failed',
  'uninstalling',
  'pending-install',
  'pending-upgrade',
  'pending-rollback',
] satisfies HelmStatus[]

/** What the labels of a Secret say; undefined for one that is no revision. Metadata is enough. */
export function readRevision({ metadata }: KubeObject): Revision | undefined {
  const { name, namespace = '', uid = '', resourceVersion = '', labels = {} } = metadata
  const revision = Number(labels.version)
  if (labels.owner !== 'helm' || !labels.name || !Number.isInteger(revision)) return undefined
  return {
    name: labels.name,
    namespace,
    revision,
    status: statusOf(labels.status),
    secret: { name, uid, resourceVersion },
  }
}

/** A revision with everything in it. Throws ReconcileError ReleaseUnreadable. */
export function decodeRelease(secret: KubeObject): Release {
  const labels = readRevision(secret)
  if (labels === undefined) throw unreadable(secret, 'its labels name no revision')
  const record = asObject(parseJson(secret, decodeRecord(secret)))
  const info = asObject(record.info)
  if (record.info === undefined || record.chart === undefined)
    throw unreadable(secret, 'it holds JSON, but no release')
  const release: Release = {
    ...labels,
    status: statusOf(info.status),
    description: asText(info.description).slice(0, maxDescription),
    hookEvents: hookEventsOf(record.hooks),
    testHooks: testHooksOf(record.hooks, labels.namespace),
    chart: decodeChart(asObject(record.chart)),
    config: asObject(record.config),
    objects: manifestRefs({ manifest: asText(record.manifest), namespace: labels.namespace }),
    ...deployedAtOf(info),
    applyMethod: record.apply_method === 'ssa' ? 'server' : 'client',
  }
  const excess = explainExcess(release)
  if (excess !== undefined) throw unreadable(secret, excess)
  return release
}

// Everybody who may write Secrets may write what looks like a release.
function explainExcess(release: Release): string | undefined {
  const { config, chart, objects } = release
  const given = explainExtent(config)
  if (given !== undefined) return `the map of its values ${given}`
  const defaults = explainExtent(chart.values)
  if (defaults !== undefined) return `the map of its chart's values ${defaults}`
  if (objects.length > maxObjects) return 'it has more than 10,000 objects'
  return weighRelease(release) > maxOpenedBytes ? 'it holds more than 16 MB' : undefined
}

/** About how many bytes of memory a release takes. */
export function weighRelease({ chart, config, objects, hookEvents, testHooks }: Release): number {
  return weighJson([chart, config, objects, hookEvents, testHooks])
}

// `at` is in milliseconds since the epoch.
export type StatusMark = { status: HelmStatus; description: string; at: number }

/**
 * The merge patch that gives a stored revision another status, in its labels and inside, as Helm itself leaves it. It holds
 * only for the Secret as it was read: whoever wrote it since makes the API server refuse the patch.
 */
export function statusPatch(secret: KubeObject, mark: StatusMark): JsonObject {
  const { status, description, at } = mark
  const text = decodeRecord(secret)
  // Else what is spliced into is not what it looks like.
  parseJson(secret, text)
  const json = spliceMember(text, 'info', (info) =>
    JSON.stringify({ ...asObject(parseJson(secret, info)), description, status }),
  )
  if (json === undefined) throw unreadable(secret, 'it holds JSON, but no release')
  // Helm rewrites the labels with every change and then says no more when it was created.
  const labels = { status, modifiedAt: String(Math.floor(at / 1_000)), createdAt: null }
  return {
    metadata: { resourceVersion: secret.metadata.resourceVersion ?? '', labels },
    data: { release: encodeRecord(json) },
  }
}

/** The JSON text inside a Secret. */
export function decodeRecord(secret: KubeObject): string {
  const packed = unwrap(secret)
  try {
    return unpack(packed, largest)
  } catch (error) {
    const isBomb = (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
    const why = isBomb ? 'it unpacks to more than 32 MB' : 'its content is cut off or damaged'
    throw unreadable(secret, why)
  }
}

/** Does it take next to no time to read the JSON text inside a Secret? */
export function isLittleRecord(secret: KubeObject): boolean {
  try {
    const packed = unwrap(secret)
    return packed.length <= little && unpack(packed, little).length <= little
  } catch {
    return false
  }
}

function unwrap(secret: KubeObject): Buffer {
  const outer = asObject(secret.data as Json | undefined).release
  if (typeof outer !== 'string' || outer === '') throw unreadable(secret, 'it holds no release')
  return Buffer.from(Buffer.from(outer, 'base64').toString('latin1'), 'base64')
}

function unpack(packed: Buffer, maxOutputLength: number): string {
  // Before it learnt to compress, Helm stored plain JSON, and still accepts it.
  const isPlain = packed.length < 4 || packed[0] !== 0x1f || packed[1] !== 0x8b
  return (isPlain ? packed : gunzipSync(packed, { maxOutputLength })).toString('utf8')
}

/** The inverse of decodeRecord(): what data.release becomes. */
export function encodeRecord(json: string): string {
  return Buffer.from(gzipSync(json, { level: 9 }).toString('base64')).toString('base64')
}

function parseJson(secret: KubeObject, text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw unreadable(secret, 'its content is cut off or damaged')
  }
}

/** Why a Secret of Helm's cannot be read, and what to do about it. */
export function unreadable({ metadata }: KubeObject, why: string): ReconcileError {
  const secret = `"${metadata.name}" in namespace "${metadata.namespace}"`
  return new ReconcileError(
    'ReleaseUnreadable',
    `Cannot read Helm's Secret ${secret}: ${why}; restore it from a backup, or delete it and Helm forgets this revision`,
  )
}

function decodeChart(chart: JsonObject): StoredChart {
  const { name, version, appVersion } = asObject(chart.metadata)
  const templates = Array.isArray(chart.templates) ? chart.templates.map(asObject) : []
  return {
    name: asText(name),
    version: asText(version),
    appVersion: asText(appVersion),
    values: chart.values ?? {},
    templates: Object.fromEntries(
      templates.map(({ name: file, data }) => [asText(file), asText(data)]),
    ),
  }
}

// Up to version 2, Helm told tests that must pass from tests that must fail.
const testEvents = ['test', 'test-success']
// More than anybody looks at.
const maxTestHooks = 100

function testHooksOf(hooks: Json | undefined, namespace: string): ObjectRef[] {
  return (Array.isArray(hooks) ? hooks : [])
    .map(asObject)
    .filter(({ kind }) => kind === 'Pod' || kind === 'Job')
    .filter(({ events }) => Array.isArray(events) && events.some(isTestEvent))
    .slice(0, maxTestHooks)
    .flatMap(({ manifest }) => manifestRefs({ manifest: asText(manifest), namespace }))
}

function isTestEvent(event: Json): boolean {
  return typeof event === 'string' && testEvents.includes(event)
}

function hookEventsOf(hooks: Json | undefined): readonly string[] {
  const events = (Array.isArray(hooks) ? hooks : []).flatMap((hook) => asObject(hook).events ?? [])
  return [...new Set(events.filter((event) => typeof event === 'string'))]
}

// Go writes the year 1 for "never".
function deployedAtOf({ last_deployed: at }: JsonObject): { deployedAt?: string } {
  return typeof at !== 'string' || at === '' || at.startsWith('0001-') ? {} : { deployedAt: at }
}

function statusOf(value: Json | undefined): HelmStatus {
  return statuses.includes(value as string) ? (value as HelmStatus) : 'unknown'
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
