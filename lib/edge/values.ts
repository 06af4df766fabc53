// Reads one source of values, wherever it is, and says what is wrong with it without quoting what may be secret.
import { Buffer } from 'node:buffer'
import { readFile, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { ApiError, ReconcileError } from '../model/errors.ts'
import type { JsonObject } from '../model/json.ts'
import type { Cluster } from '../model/ports.ts'
import type { ValuesReference } from '../model/release.ts'
import type { Artifact } from '../model/source.ts'
import { isMap } from '../util/merge.ts'
import { parseYaml } from '../util/yaml.ts'

export type ReadValues = (
  reference: ValuesReference,
  from: { artifact: Artifact; signal: AbortSignal },
) => Promise<JsonObject | undefined>

type Options = {
  cluster: Cluster
  // The body of an http(s) URL that answers 200; throws otherwise.
  get: (url: string, signal: AbortSignal) => Promise<string>
}

/**
 * A reader of values. It answers undefined for an optional reference that leads nowhere, and throws ReconcileError
 * ValuesSourceNotFound or ValuesInvalid for one that is needed.
 */
export function createValuesReader({ cluster, get }: Options): ReadValues {
  return async (reference, { artifact, signal }) => {
    try {
      const text = await readText(reference, { cluster, get, artifact, signal })
      return parseDocument(reference, text)
    } catch (error) {
      if (!reference.optional || !isSwallowed(reference, error)) throw error
      return undefined
    }
  }
}

async function readText(
  reference: ValuesReference,
  { cluster, get, artifact, signal }: Options & { artifact: Artifact; signal: AbortSignal },
): Promise<string> {
  switch (reference.kind) {
    case 'ConfigMap':
    case 'Secret':
      return await readObject(cluster, reference)
    case 'url':
      return await get(reference.url, signal).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause)
        throw new ReconcileError('ValuesSourceNotFound', `Cannot read values: ${why}`, { cause })
      })
    case 'chartFile':
      return await readChartFile(reference.path, artifact)
  }
}

type InCluster = Extract<ValuesReference, { kind: 'ConfigMap' | 'Secret' }>

async function readObject(cluster: Cluster, reference: InCluster): Promise<string> {
  const { kind, namespace, name, key } = reference
  const plural = kind === 'Secret' ? 'secrets' : 'configmaps'
  const type = { group: '', version: 'v1', plural, namespaced: true }
  const object = await cluster.get(type, name, namespace)
  if (object === undefined)
    throw notFound(`${kind} "${name}" in namespace "${namespace}" does not exist`)
  const text = (object.data as Record<string, string> | undefined)?.[key]
  if (text === undefined)
    throw notFound(`${kind} "${name}" in namespace "${namespace}" has no key "${key}"`)
  return kind === 'Secret' ? Buffer.from(text, 'base64').toString('utf8') : text
}

// A link in the chart must not lead out of what was exported, nor must "..".
async function readChartFile(path: string, artifact: Artifact): Promise<string> {
  if (artifact.exportRoot === undefined)
    throw notFound(
      `chart file "${path}" can be read from charts in git only; take it from a ConfigMap instead`,
    )
  const root = await realpath(artifact.exportRoot)
  const file = await realpath(join(artifact.path, path)).catch(() => undefined)
  if (file === undefined) throw notFound(`chart file "${path}" does not exist`)
  if (!file.startsWith(root + sep))
    throw notFound(`chart file "${path}" is outside of the repository`)
  return await readFile(file, 'utf8').catch((cause: unknown) => {
    throw notFound(`chart file "${path}" is not readable`, cause)
  })
}

function parseDocument(reference: ValuesReference, text: string): JsonObject {
  const invalid = (why: string): ReconcileError =>
    new ReconcileError('ValuesInvalid', `Cannot use values of ${describe(reference)}: ${why}`)
  let value: unknown
  try {
    value = parseYaml(text)
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : 'not valid YAML')
  }
  if (value === null) return {}
  if (!isMap(value)) throw invalid('the document is not a mapping of names to values')
  return value as JsonObject
}

function describe(reference: ValuesReference): string {
  switch (reference.kind) {
    case 'ConfigMap':
    case 'Secret':
      return `${reference.kind} "${reference.name}" in namespace "${reference.namespace}", key "${reference.key}"`
    case 'url':
      return 'a URL'
    case 'chartFile':
      return `chart file "${reference.path}"`
  }
}

function notFound(why: string, cause?: unknown): ReconcileError {
  return new ReconcileError('ValuesSourceNotFound', `Cannot read values: ${why}`, { cause })
}

// "optional" forgives what is missing or broken; of a ConfigMap or Secret not that it may not be read.
function isSwallowed(reference: ValuesReference, error: unknown): boolean {
  if (reference.kind === 'url' || reference.kind === 'chartFile') return true
  return error instanceof ReconcileError && !(error.cause instanceof ApiError)
}
