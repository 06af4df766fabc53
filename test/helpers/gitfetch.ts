// A git fetcher for one test, on caches of its own, that counts the git processes it starts.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createRunner, type RunOptions } from '../../lib/edge/exec.ts'
import { createChartReader } from '../../lib/edge/parser/charts.ts'
import { createGitFetcher, type GitFetcher, type GitSource } from '../../lib/edge/git.ts'
import type { CacheLimits } from '../../lib/edge/quota/quota.ts'
import { openDiskCache } from '../../lib/edge/source/cache.ts'
import { createGit, type GitAccess } from '../../lib/edge/source/gitcommand.ts'
import { openWorkdir } from '../../lib/edge/workdir.ts'
import type { HelmDriver } from '../../lib/model/ports.ts'
import type { Artifact } from '../../lib/model/source.ts'
import { deadlineMs } from './deadline.ts'
import { chartFiles } from './charts.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { failureOf, type Failure } from './failure.ts'
import { below, createRepository, type GitRepository } from './gitserver.ts'
import { recordLog } from './log.ts'
import { testQuota } from './quota.ts'
import { testParser } from './parser.ts'

export type GitFetching = {
  directory: string
  clock: FakeClock
  messages: string[]
  // The commands since the last call, each "fetch", "ls-tree" and so on.
  started: () => string[]
  // Every argument and added variable of all commands so far.
  exposed: () => string
  fetch: (source: Partial<GitSource> & { url: string }, over?: FetchOver) => Promise<Artifact>
  fetcher: () => GitFetcher
  // As after a restart: nothing in memory, everything on disk.
  restart: () => Promise<void>
}
export type FetchOver = {
  access?: Partial<GitAccess>
  helm?: HelmDriver
  files?: readonly string[]
  isAsked?: boolean
  signal?: AbortSignal
}

export const pollMs = 300_000

/** Runs `use` with a fetcher whose files are gone afterwards. */
export async function withGitFetcher<T>(
  use: (fetching: GitFetching) => Promise<T>,
  timeoutMs = deadlineMs(20_000),
  limits: Partial<CacheLimits> = {},
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'git-test-'))
  const clock = fakeClock(Date.now())
  const { log, messages } = recordLog()
  const ended = new AbortController()
  const commands: string[] = []
  const exposed: string[] = []
  // A home of its own: neither netrc nor known_hosts of whoever runs the test.
  const env = { ...process.env, HOME: directory }
  const runner = createRunner({ env })
  const run = (command: readonly string[], options?: RunOptions) => {
    const isPart = command.includes('--stdin') && command.includes('fetch')
    if (isPart) commands.push('fetch --stdin')
    else commands.push(command.slice(1).find((one) => /^[a-z][a-z-]+$/.test(one)) ?? '')
    exposed.push(...command, ...Object.values(options?.env ?? {}).map(String))
    return runner(command, options)
  }
  const workdir = await openWorkdir(directory)
  const open = async (): Promise<GitFetcher> => {
    const quota = testQuota(limits, { clock, log })
    return createGitFetcher({
      quota,
      ...{ clock, log, pollMs, gitTimeoutMs: timeoutMs, defaultRef: 'master' },
      git: createGit({ run, workdir, env, timeoutMs, allowLocal: true, fetchEnv: {} }),
      cache: await openDiskCache({
        ...{ directory: join(directory, 'charts'), quota, clock },
      }),
      charts: createChartReader(testParser()),
      ...{ directory: join(directory, 'git'), salt: 'of this test' },
      withHelmFiles: (use) => use({}),
      retryDelayMs: (failures) => failures * 60_000,
      checkDependency: async () => {},
      signal: ended.signal,
    })
  }
  let fetcher = await open()
  try {
    return await use({
      ...{ directory, clock, messages },
      started: () => commands.splice(0),
      exposed: () => exposed.join('\n'),
      fetcher: () => fetcher,
      restart: async () => void (fetcher = await open()),
      fetch: (source, { access, helm, files, isAsked = false, signal } = {}) =>
        fetcher.fetch(
          { kind: 'git', ref: 'main', path: 'chart', updateDependencies: false, ...source },
          { url: source.url, ...access },
          {
            signal: signal ?? new AbortController().signal,
            ...(files ? { files } : {}),
            isAsked,
            namespace: 'shop',
            // The Secret of a source is read before git is asked.
            cluster: { get: async () => undefined },
            helm: helm ?? (undefined as unknown as HelmDriver),
          },
        ),
    })
  } finally {
    ended.abort()
    await rm(directory, { recursive: true, force: true })
  }
}

export type ChartFetching = GitFetching & { repository: GitRepository; first: string }

/** As withGitFetcher(), with a repository that has a chart "hello" 1.0.0 in "chart", at commit `first`. */
export async function withGitChart<T>(
  use: (all: ChartFetching) => Promise<T>,
  limits: Partial<CacheLimits> = {},
): Promise<T> {
  return await withGitFetcher(
    async (fetching) => {
      const repository = await createRepository(join(fetching.directory, 'repository'))
      const first = await repository.commit(below('chart', chartFiles('hello', '1.0.0')))
      return await use({ ...fetching, repository, first })
    },
    deadlineMs(20_000),
    limits,
  )
}

/** What was said of a failed fetch, the URL left out. */
export async function fetchFailure(promise: Promise<unknown>): Promise<Failure> {
  const { code, message } = await failureOf(promise)
  return { code, message: message.replace(/"(file|https?|ssh):\/\/[^"]*"/, 'URL') }
}
