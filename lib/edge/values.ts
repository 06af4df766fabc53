// Reads documents of values, wherever they are, and says what is wrong with them without quoting what may be secret.
import { ReconcileError } from '../model/errors.ts'
import type { JsonObject } from '../model/json.ts'
import type { ValuesReader } from '../model/ports.ts'
import type { ValuesReference } from '../model/release.ts'
import { digestText } from '../util/digest.ts'
import { showUrl, type HttpClient } from './http.ts'
import { isLittle } from './parser/little.ts'
import type { Parser } from './parser/parser.ts'
import { readChartFile } from './values/chartfile.ts'
import type { Found } from './values/found.ts'
import { readObject } from './values/object.ts'
import { createUrlReader, type ReadUrl } from './values/url.ts'

type Options = { http: HttpClient; parser: Parser }
type Call = Parameters<ValuesReader['read']>[1]

/**
 * A reader of values as fluxcd/helm-operator reads them. "optional" forgives what does not exist and what is no values; for
 * URLs and chart files also every other failure, but for ConfigMaps and Secrets no refusal of the API server.
 */
export function createValuesReader({ http, parser }: Options): ValuesReader {
  const readUrl = createUrlReader(http)
  return {
    read: async (reference, call) => {
      const found = await find(reference, { ...call, parser }, readUrl)
      if (found === 'unchanged') return found
      const { version } = found
      const content =
        'failure' in found ? found.failure : await decode(parser, reference, found.bytes)
      const failed = content instanceof ReconcileError
      if (failed && !reference.optional) throw content
      if (version === call.unless) return 'unchanged'
      return failed ? { version } : { version, content }
    },
  }
}

async function find(
  reference: ValuesReference,
  call: Call & { parser: Parser },
  readUrl: ReadUrl,
): Promise<Found | 'unchanged'> {
  switch (reference.kind) {
    case 'ConfigMap':
    case 'Secret':
      return await readObject(call.cluster, reference)
    case 'url':
      return await readUrl(reference.url, call)
    case 'chartFile':
      return await readChartFile(reference.path, call)
  }
}

async function decode(
  parser: Parser,
  reference: ValuesReference,
  bytes: Uint8Array,
): Promise<JsonObject | ReconcileError> {
  const refuse = (why: string): ReconcileError =>
    new ReconcileError('ValuesInvalid', `Cannot use values of ${describe(reference)}: ${why}`)
  const identity = (): string => digestText(bytes)
  try {
    return await parser.run('values', bytes, { isLittle: isLittle(bytes), identity, refuse })
  } catch (error) {
    if (error instanceof ReconcileError && error.code !== 'ValuesInvalid') throw error
    if (error instanceof ReconcileError) return error
    return refuse(error instanceof Error ? error.message : 'no values')
  }
}

function describe(reference: ValuesReference): string {
  switch (reference.kind) {
    case 'ConfigMap':
    case 'Secret':
      return `${reference.kind} "${reference.name}" in namespace "${reference.namespace}", key "${reference.key}"`
    case 'url':
      return `"${showUrl(reference.url)}"`
    case 'chartFile':
      return `chart file "${reference.path}"`
  }
}
