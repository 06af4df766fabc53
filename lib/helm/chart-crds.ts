// What does a chart have in crds/? Helm creates it before everything else and never looks at it again.
import { Buffer } from 'node:buffer'
import { ReconcileError } from '../model/errors.ts'
import type { JsonObject, KubeObject } from '../model/json.ts'
import { isMap } from '../util/merge.ts'
import { YamlTooLarge } from '../util/yaml-extent.ts'
import { parseYaml } from '../util/yaml.ts'
import type { ChartFile } from './chart.ts'
import { splitManifest } from './manifest.ts'
import { enabledCharts, readChartTree } from './subcharts.ts'

// Each costs a request at least. The largest public charts have two hundred.
const maxObjects = 1_000

/** Is this one of the files that readChartCrds() looks at? */
export function isCrdFile(path: string): boolean {
  return /^(?:charts\/[^/]+\/)*(?:crds\/.+\.(?:ya?ml|json)|(?:Chart|values|requirements)\.yaml)$/i.test(
    path,
  )
}

/**
 * The objects in crds/ of a chart and of the subcharts that are enabled with these values, each once, in the order of their
 * files. Throws ReconcileError ChartInvalid; `what` names the chart in the message.
 */
export function readChartCrds(
  files: readonly ChartFile[],
  { values, what }: { values: JsonObject; what: string },
): KubeObject[] {
  const found = new Map<string, KubeObject>()
  const tooMany = `Cannot read chart ${what}: there are more than ${maxObjects} objects in its crds/`
  for (const chart of enabledCharts(readChartTree(files, what), values))
    for (const { path, content } of chart.files) {
      if (!path.startsWith('crds/')) continue
      const fail = (why: string): ReconcileError =>
        new ReconcileError('ChartInvalid', `Cannot read chart ${what}: its file "${path}" ${why}`)
      for (const object of readObjects(Buffer.from(content).toString(), fail)) {
        const { apiVersion, kind, metadata } = object
        const key = JSON.stringify([apiVersion, kind, metadata.namespace, metadata.name])
        if (!found.has(key)) found.set(key, object)
        if (found.size > maxObjects) throw new ReconcileError('ChartInvalid', tooMany)
      }
    }
  return [...found.values()]
}

function readObjects(text: string, fail: (why: string) => ReconcileError): KubeObject[] {
  return splitManifest(text.replace(/^\ufeff/, '')).flatMap((document) => {
    try {
      const value = parseYaml(document)
      return value === null ? [] : objectsIn(value, fail)
    } catch (error) {
      if (error instanceof ReconcileError) throw error
      const { message } = error as Error
      throw fail(error instanceof YamlTooLarge ? message : `is ${message}`)
    }
  })
}

function objectsIn(value: unknown, fail: (why: string) => ReconcileError): KubeObject[] {
  if (isMap(value) && String(value['kind']).endsWith('List') && Array.isArray(value['items']))
    return value['items'].flatMap((item) => objectsIn(item, fail))
  if (isKubeObject(value)) return [value]
  throw fail('holds something that is no object: apiVersion, kind or metadata.name is missing')
}

function isKubeObject(value: unknown): value is KubeObject {
  if (!isMap(value) || !isMap(value['metadata'])) return false
  const named = [value['apiVersion'], value['kind'], value['metadata']['name']]
  return named.every((text) => typeof text === 'string' && text !== '')
}
