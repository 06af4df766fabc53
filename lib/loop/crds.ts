// Creates what a chart has in crds/, where helm would apply it server-side and so change CRDs that are there. Nothing that exists
// is ever written, whoever made it and whatever its version.
import { ApiError, isForbidden, ReconcileError } from '../model/errors.ts'
import type { JsonObject, KubeObject } from '../model/json.ts'
import type { ResourceType } from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import type { Artifact } from '../model/source.ts'
import { explainUnknownKinds } from '../helm/conflicts.ts'
import { isMap } from '../util/merge.ts'
import type { Deps } from './deps.ts'

type CrdDeps = Pick<Deps, 'cluster' | 'clock' | 'readChartCrds'>

export type Wanted = {
  desired: HelmRelease
  artifact: Artifact
  values: JsonObject
  signal: AbortSignal
}

// Helm waits as long.
const establishMs = 60_000
const firstLookMs = 100
const lastLookMs = 1_000

/**
 * Creates the objects of the chart's crds/ that are missing, and returns once its CRDs are established and served. Throws
 * ReconcileError for what is refused or does not come about, and ApiError when the cluster cannot be asked.
 */
export async function createMissingCrds(deps: CrdDeps, wanted: Wanted): Promise<void> {
  const { desired, artifact, values } = wanted
  if (desired.skipCrds) return
  const objects = await deps.readChartCrds(artifact, values)
  const definitions = objects.filter(isDefinition)
  for (const definition of definitions) await createMissing(deps, wanted, definition)
  const endsAt = deps.clock.now() + establishMs
  for (const definition of definitions) await awaitEstablished(deps, wanted, { definition, endsAt })
  // They may be of kinds that the others define.
  for (const object of objects) if (!isDefinition(object)) await createMissing(deps, wanted, object)
}

function isDefinition({ apiVersion, kind }: KubeObject): boolean {
  return kind === 'CustomResourceDefinition' && apiVersion.startsWith('apiextensions.k8s.io/')
}

async function createMissing(
  deps: CrdDeps,
  { desired, signal }: Wanted,
  object: KubeObject,
): Promise<void> {
  signal.throwIfAborted()
  const type = await typeOf(deps, object)
  const { name, namespace = desired.targetNamespace } = object.metadata
  const place = type.namespaced ? { namespace } : {}
  try {
    const live = await readIfAllowed(deps, type, { name, ...place })
    if (live !== undefined) return
    const { namespace: _, ...metadata } = object.metadata
    await deps.cluster.create(type, { ...object, metadata: { ...metadata, ...place } })
  } catch (error) {
    // Somebody else was quicker, or it is hidden from this identity.
    if (error instanceof ApiError && error.reason === 'AlreadyExists') return
    throw explain(error)
  }
}

async function typeOf(
  deps: CrdDeps,
  { apiVersion, kind, metadata }: KubeObject,
): Promise<ResourceType> {
  const type = await deps.cluster.resourceFor(apiVersion, kind)
  if (type !== undefined) return type
  const why = explainUnknownKinds(`no matches for kind "${kind}" in version "${apiVersion}"`)
  throw new ReconcileError(
    'KindNotServed',
    `Cannot create ${kind} "${metadata.name}" of the chart's crds/: ${why}`,
  )
}

// Who may create but not read is told by the answer to the creation that it is there.
async function readIfAllowed(
  { cluster }: CrdDeps,
  type: ResourceType,
  { name, namespace }: { name: string; namespace?: string },
): Promise<KubeObject | undefined> {
  try {
    return await cluster.get(type, name, namespace)
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw error
  }
}

function explain(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error
  const { status, message } = error
  if (status === 403) {
    const how =
      "or let an administrator create what stands in the chart's crds/, and set spec.skipCRDs"
    return new ReconcileError('Forbidden', `${message}; ${how}`, { cause: error })
  }
  if (status !== 400 && status !== 404 && status !== 422) return error
  const how = "correct it in the chart's crds/, or set spec.skipCRDs"
  return new ReconcileError('ObjectInvalid', `${message}; ${how}`, { cause: error })
}

type Awaited = { definition: KubeObject; endsAt: number }

async function awaitEstablished(
  deps: CrdDeps,
  { signal }: Wanted,
  { definition, endsAt }: Awaited,
): Promise<void> {
  const type = await typeOf(deps, definition)
  const { name } = definition.metadata
  for (let lookMs = firstLookMs; ; lookMs = Math.min(2 * lookMs, lastLookMs)) {
    const live = await readIfAllowed(deps, type, { name })
    if (live?.metadata.deletionTimestamp !== undefined)
      throw notEstablished(name, 'it is being deleted; it is created anew when it has gone')
    const names = conditionOf(live, 'NamesAccepted')
    if (names?.['status'] === 'False') throw notEstablished(name, String(names['message']))
    const isThere = live === undefined || conditionOf(live, 'Established')?.['status'] === 'True'
    if (isThere && (await isServed(deps, live ?? definition))) return
    if (deps.clock.now() >= endsAt)
      throw notEstablished(name, `the API server does not serve it after ${establishMs / 1_000} s`)
    await deps.clock.sleep(lookMs, signal)
  }
}

function notEstablished(name: string, why: string): ReconcileError {
  const object = `CustomResourceDefinition "${name}" of the chart's crds/`
  return new ReconcileError('InstallFailed', `Cannot use ${object}: ${why}`)
}

function conditionOf(
  live: KubeObject | undefined,
  type: string,
): Record<string, unknown> | undefined {
  const conditions = isMap(live?.['status']) ? live['status']['conditions'] : undefined
  return (Array.isArray(conditions) ? conditions : [])
    .filter(isMap)
    .find((condition) => condition['type'] === type)
}

// Discovery tells of a kind a moment after it is established.
async function isServed(deps: CrdDeps, { spec }: KubeObject): Promise<boolean> {
  const { group, names, versions } = isMap(spec) ? spec : {}
  const kind = isMap(names) ? names['kind'] : undefined
  const served = (Array.isArray(versions) ? versions : []).filter(isMap)
  const version = served.find((one) => one['served'] === true)?.['name']
  if (version === undefined) return true
  const type = await deps.cluster.resourceFor(`${String(group)}/${String(version)}`, String(kind))
  return type !== undefined
}
