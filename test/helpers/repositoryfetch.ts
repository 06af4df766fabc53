// A fetcher of charts from HTTP repositories for one test, on caches of its own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { homeGuard } from './guard.ts'
import { createHttpClient } from '../../lib/edge/http.ts'
import { createRepositoryFetcher } from '../../lib/edge/repository.ts'
import { createArchives } from '../../lib/edge/source/archives.ts'
import type { CacheLimits } from '../../lib/edge/quota/quota.ts'
import { openDiskCache } from '../../lib/edge/source/cache.ts'
import { openIndexes } from '../../lib/edge/source/indexes.ts'
import type { RepositoryAccess } from '../../lib/edge/source/location.ts'
import type { Artifact } from '../../lib/model/source.ts'
import { withRepository } from './charts.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { recordLog } from './log.ts'
import { testQuota } from './quota.ts'
import type { WebServer } from './webserver.ts'
import { createChartReader } from '../../lib/edge/parser/charts.ts'
import { testParser } from './parser.ts'

export const minute = 60_000

export type RepositoryFetching = {
  directory: string
  clock: FakeClock
  messages: string[]
  fetch: (
    url: string,
    name: string,
    version: string,
    over?: Partial<RepositoryAccess>,
  ) => Promise<Artifact>
  // As after a restart: nothing in memory, everything on disk.
  restart: () => Promise<void>
}

/** Runs `use` with a fetcher whose files are gone afterwards. */
export async function withRepositoryFetcher<T>(
  use: (fetching: RepositoryFetching) => Promise<T>,
  limits: Partial<CacheLimits> = {},
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'repository-test-'))
  const clock = fakeClock(Date.now())
  const { log, messages } = recordLog()
  const { signal } = new AbortController()
  const http = createHttpClient({ guard: homeGuard, env: {} })
  const parser = testParser()
  const open = async () => {
    const quota = testQuota(limits, { clock, log })
    const cache = await openDiskCache({ directory: join(directory, 'archives'), quota, clock })
    const indexes = await openIndexes({
      ...{ transport: http, clock, log, signal, parser },
      ...{ directory: join(directory, 'indexes'), quota },
    })
    const archives = createArchives({
      ...{ transport: http, cache, charts: createChartReader(parser), signal },
    })
    return createRepositoryFetcher({ indexes, archives, log, refreshMs: minute })
  }
  let fetcher = await open()
  try {
    return await use({
      ...{ directory, clock, messages },
      fetch: (url, name, version, over = {}) =>
        fetcher(
          { kind: 'repository', url, name, version },
          { url, ...over },
          new AbortController().signal,
        ),
      restart: async () => void (fetcher = await open()),
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The same with a repository of charts "name version". */
export async function withCharts<T>(
  charts: readonly string[],
  use: (fetching: RepositoryFetching & { server: WebServer; served: string }) => Promise<T>,
): Promise<T> {
  return await withRepositoryFetcher(async (fetching) => {
    const served = join(fetching.directory, 'served')
    return await withRepository(served, charts, (server) => use({ ...fetching, server, served }))
  })
}
