// Fetches charts from repositories with helm alone, until the fetcher that knows all sources is there.
import { mkdir, readdir } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Run } from '../edge/exec.ts'
import { readArchive } from '../edge/source/archive.ts'
import { readChart } from '../helm/chart.ts'
import { ReconcileError } from '../model/errors.ts'
import type { Fetcher } from '../model/ports.ts'
import type { Artifact } from '../model/source.ts'

export function tmpFetcher(run: Run, helm: string, cacheDir: string): Fetcher {
  const cache = new Map<string, Promise<Artifact>>()
  return {
    fetch: async (source) => {
      if (source.kind !== 'repository') throw new ReconcileError('GitUnreachable', 'no git yet')
      const id = createHash('sha1').update(JSON.stringify(source)).digest('hex')
      const had = cache.get(id)
      if (had) return had
      const made = (async () => {
        const dir = join(cacheDir, id)
        await mkdir(dir, { recursive: true })
        await run([
          helm,
          'pull',
          source.name,
          '--repo',
          source.url,
          '--version',
          source.version,
          '-d',
          dir,
        ]).catch((e) => {
          throw new ReconcileError('ChartNotFound', 'tmp: ' + String(e.stderr))
        })
        const [file] = await readdir(dir)
        const path = join(dir, file!)
        const { files, digest } = await readArchive(path, source.name)
        const c = readChart(files, source.name)
        return { revision: c.chart.version, digest, path, chart: c.chart, hookEvents: c.hookEvents }
      })()
      cache.set(id, made)
      made.catch(() => cache.delete(id))
      return made
    },
  }
}
