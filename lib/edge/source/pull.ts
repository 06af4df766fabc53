// What only helm can fetch: charts from registries, and whatever its downloader plugins bring ("s3://", "gs://", …).
import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { Buffer } from 'node:buffer'
import { join } from 'node:path'
import { ReconcileError } from '../../model/errors.ts'
import type { HelmDriver, PullTarget } from '../../model/ports.ts'
import type { HttpClient } from '../http.ts'
import type { Workdir } from '../workdir.ts'
import { isRegistry, type Transport } from './location.ts'
import { explainCacheError } from './private.ts'
import { isFileUrl, localOnly } from './source-url.ts'

export type PullCall = Omit<PullTarget, 'destination'> & {
  helm: HelmDriver
  secrets: readonly string[]
  signal: AbortSignal
}

const pullMs = 120_000

/** Has helm download one file to a path. Throws ReconcileError Chart… or Repository…, or DiskFull. */
export async function pullFile(call: PullCall, path: string): Promise<void> {
  const { helm, ...target } = call
  // Beside the path: temporary directories may be of another file system, from which nothing can be moved here.
  const destination = await mkdtemp(`${path}-`).catch((error: unknown) => {
    throw explainCacheError(error, `write "${path}"`)
  })
  try {
    await helm.pull({ ...target, destination, timeoutMs: pullMs })
    const [name] = await readdir(destination)
    if (name === undefined)
      throw new ReconcileError(
        'ChartNotFound',
        `Cannot fetch "${call.chart}": helm brought nothing`,
      )
    await rename(join(destination, name), path)
  } finally {
    await rm(destination, { recursive: true, force: true })
  }
}

/** A transport for all schemes: http and https are ours, the others helm's, whose plugins bring an index like any chart. */
export function withPlugins(http: HttpClient, workdir: Workdir, allowLocal: boolean): Transport {
  return {
    get: async (url, options) => {
      const { helm, signal } = options
      if (/^https?:/i.test(url) || !helm) return await http.get(url, options)
      if (isFileUrl(url) && !allowLocal)
        throw new ReconcileError('ChartSourceInvalid', `Cannot fetch "${url}": ${localOnly}`)
      const directory = await mkdtemp(join(workdir.path, 'plugin-'))
      const file = join(directory, 'content')
      const clean = (): Promise<void> => rm(directory, { recursive: true, force: true })
      try {
        await pullFile({ helm, ...readReference(url), secrets: [], signal }, file)
      } catch (error) {
        await clean()
        throw error
      }
      return { status: 200, headers: {}, url, body: readOnce(file, clean) }
    },
  }
}

// Of a chart in a registry, helm wants to be told the version, which may have a plus that no tag can have.
function readReference(url: string): Pick<PullTarget, 'chart' | 'version'> {
  const [, chart = url, tag] = (isRegistry(url) && /^(.*\/[^/:]+):([^/:]+)$/.exec(url)) || []
  return { chart, ...(tag === undefined ? {} : { version: tag.replaceAll('_', '+') }) }
}

async function* readOnce(file: string, clean: () => Promise<void>): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file) as AsyncIterable<Buffer>
  } finally {
    await clean()
  }
}
