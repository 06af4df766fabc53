// Charts, from wherever they live to this machine's disk: one door for all kinds of sources.
import { join } from 'node:path'
import { ReconcileError } from '../model/errors.ts'
import type { Clock, Cluster, Fetcher, Log } from '../model/ports.ts'
import type { ChartSource } from '../model/source.ts'
import type { Env } from './child.ts'
import type { Run } from './exec.ts'
import { createGitFetcher } from './git.ts'
import type { HttpClient } from './http.ts'
import { createRepositoryFetcher } from './repository.ts'
import { createArchives } from './source/archives.ts'
import { openDiskCache } from './source/cache.ts'
import { createGit } from './source/gitcommand.ts'
import { showRemote } from './source/gitfailure.ts'
import { openIndexes } from './source/indexes.ts'
import { readGitAccess, readRepositoryAccess } from './source/secret.ts'
import type { Workdir } from './workdir.ts'

export type FetcherOptions = {
  run: Run
  http: HttpClient
  cluster: Cluster
  clock: Clock
  log: Log
  workdir: Workdir
  env: Env
  // What was fetched is kept below it, also over a restart if it lives as long.
  cacheDir: string
  git: { timeoutMs: number; pollMs: number; defaultRef: string }
  // --update-chart-deps: false switches it off for all releases.
  updateDependencies: boolean
}

export type RunningFetcher = Fetcher & {
  // The next fetch from git looks for news, however recent the last one was.
  expireGit(): void
  // Ends what is under way.
  close(): void
}

// A published chart is seen within a minute; a repository is asked "has anything changed?" once a minute at most.
const indexRefreshMs = 60_000
const maxCacheBytes = 1024 * 1024 * 1024
// Longer than a pass may take between having a chart and helm having read it.
const keepMs = 3_600_000

/** A fetcher with its caches. Throws ReconcileError DiskFull or Unexpected when they cannot be opened. */
export async function createFetcher(options: FetcherOptions): Promise<RunningFetcher> {
  const { http, cluster, clock, log, cacheDir } = options
  const ended = new AbortController()
  const { signal } = ended
  const cache = await openDiskCache({
    ...{ directory: join(cacheDir, 'charts'), maxBytes: maxCacheBytes, keepMs, clock },
  })
  const indexes = await openIndexes({
    ...{ http, clock, log, signal, directory: join(cacheDir, 'indexes') },
  })
  const archives = createArchives({ http, cache, signal })
  const fromRepository = createRepositoryFetcher({ indexes, archives, refreshMs: indexRefreshMs })
  const git = createGitFetcher({
    ...{ clock, log, cache, signal, directory: join(cacheDir, 'git') },
    git: createGit({ ...options, timeoutMs: options.git.timeoutMs }),
    pollMs: options.git.pollMs,
    gitTimeoutMs: options.git.timeoutMs,
    defaultRef: options.git.defaultRef,
  })
  return {
    expireGit: () => git.expire(),
    close: () =>
      ended.abort(new ReconcileError('Interrupted', 'Cannot fetch charts: shutting down')),
    fetch: async (source, call) => {
      checkUrl(source)
      switch (source.kind) {
        case 'repository':
          return await fromRepository(
            source,
            await readRepositoryAccess(cluster, source),
            call.signal,
          )
        case 'git': {
          const updateDependencies = source.updateDependencies && options.updateDependencies
          const access = await readGitAccess(cluster, source)
          return await git.fetch({ ...source, updateDependencies }, access, call)
        }
      }
    },
  }
}

// Neither git nor helm must take a URL for an option, or a line of it for a line of configuration.
function checkUrl({ kind, url }: ChartSource): void {
  const invalid = (state: string): ReconcileError =>
    new ReconcileError(
      'ChartSourceInvalid',
      `Cannot fetch a chart from "${showRemote(url).slice(0, 200)}": ${state}`,
    )
  if (url.startsWith('-') || /[\s\u0000-\u001f]/.test(url)) throw invalid('it is no URL')
  if (kind === 'repository' && !URL.canParse(url)) throw invalid('it is no URL')
  if (kind === 'repository' && !/^https?:/i.test(url))
    throw invalid(`"${new URL(url).protocol}" is not supported; use http or https`)
}
