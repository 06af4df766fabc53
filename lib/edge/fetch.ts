// Charts, from wherever they live to this machine's disk: one door for all kinds of sources.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ReconcileError } from '../model/errors.ts'
import type { Clock, FetchOptions, Fetcher, HelmFiles, Log, Lease } from '../model/ports.ts'
import type { Artifact, ChartSource } from '../model/source.ts'
import type { Env } from './child.ts'
import type { Run } from './exec.ts'
import { createGitFetcher, type GitFetcher, type RetryDelay } from './git.ts'
import { showUrl, type HttpClient } from './http.ts'
import { createOciFetcher } from './oci.ts'
import { createChartReader } from './parser/charts.ts'
import type { Parser } from './parser/parser.ts'
import { createRepositoryFetcher, type RepositorySource } from './repository.ts'
import { createAmbient, type Ambient } from './source/ambient.ts'
import { createArchives } from './source/archives.ts'
import { openDiskCache } from './source/cache.ts'
import { createCacheQuota, type CacheLimits, type CacheQuota } from './quota/quota.ts'
import { countMirrors } from './source/sweep.ts'
import { createGit } from './source/gitcommand.ts'
import { openIndexes } from './source/indexes.ts'
import { accessKey, isRegistry } from './source/location.ts'
import { withPlugins } from './source/pull.ts'
import { createRegistry } from './source/registry.ts'
import { readSalt } from './source/salt.ts'
import { showRemote } from './source/gitfailure.ts'
import { AddressRefused, type AddressGuard } from './net/address-guard.ts'
import { checkSource, hostOf } from './source/source-url.ts'
import { openTurns } from './source/turns.ts'
import { readGitAccess, readRegistryAccess, readRepositoryAccess } from './source/secret.ts'
import type { Workdir } from './workdir.ts'
import { createSharedAbort } from '../util/abort.ts'

export type FetcherOptions = {
  run: Run
  http: HttpClient
  clock: Clock
  log: Log
  workdir: Workdir
  parser: Parser
  env: Env
  // What was fetched is kept below it, also over a restart if it lives as long.
  cacheDir: string
  // --cache-quota and its kinds.
  quota: CacheLimits
  git: { timeoutMs: number; pollMs: number; defaultRef: string }
  // --allow-local-sources: are charts read from this machine's disk?
  allowLocal: boolean
  // What must not be asked, and the variables that hold git and helm to it.
  guard: AddressGuard
  fetchEnv: Env
  // --update-chart-deps: false switches it off for all releases.
  updateDependencies: boolean
  retryDelayMs: RetryDelay
  // --helm-repository-import: files beside Helm's own repositories.yaml.
  importedRepositories?: readonly string[]
}

export type RunningFetcher = Fetcher & {
  // The next fetch from git looks for news, however recent the last one was.
  expireGit(): void
  // Could every git repository be fetched the last time?
  isGitReady(): boolean
  // Ends what is under way.
  close(): void
}

// A published chart is seen within a minute; a repository is asked "has anything changed?" once a minute at most.
const refreshMs = 60_000
// Of a plugin's repository the whole index is downloaded by helm every time.
const pluginRefreshMs = 600_000

/** A fetcher with its caches. Throws ReconcileError DiskFull or Unexpected when they cannot be opened. */
export async function createFetcher(options: FetcherOptions): Promise<RunningFetcher> {
  const { env, log, importedRepositories: imported = [] } = options
  const ended = createSharedAbort()
  const ambient = createAmbient({ env, log, imported })
  // Now is when somebody looks at the log for what is wrong with them.
  await ambient.repositoriesFile()
  const { cacheDir, clock } = options
  const quota = createCacheQuota({ limits: options.quota, clock, log })
  const sources = await openSources(options, ambient, { quota, signal: ended.signal })
  const { fromRepository, git } = sources
  const inTurn = await openTurns({ directory: join(cacheDir, 'repositories'), quota, clock })
  return {
    expireGit: () => git.expire(),
    isGitReady: () => git.isUpToDate(),
    // Of other sources a sync asks for news by itself, and often enough.
    newsInMs: (source) => (source.kind === 'git' ? git.newsInMs(source) : Infinity),
    close: () =>
      ended.abort(new ReconcileError('Interrupted', 'Cannot fetch charts: shutting down')),
    fetch: async (source, { helm, ...rest }) => {
      await checkSource(source, options)
      await checkHost(source, options.guard)
      const call = { ...rest, helm: inTurn(helm) }
      const artifact = await fetchInto(quota, call.lease, async () => {
        if (source.kind === 'repository') return await fromRepository(source, call)
        const updateDependencies = source.updateDependencies && options.updateDependencies
        const access = await readGitAccess(call.cluster, source)
        return await git.fetch({ ...source, updateDependencies }, access, call)
      })
      await checkSchema(artifact, options.guard)
      return artifact
    },
  }
}

// git and helm connect by themselves. What they are redirected to meets the same policy in our proxy; SSH does not go there.
async function checkHost({ kind, url }: ChartSource, guard: AddressGuard): Promise<void> {
  const error = await refusalOf(url, guard)
  if (error === undefined) return
  const code = kind === 'git' ? 'GitRefused' : 'RepositoryRefused'
  const message = `Cannot fetch "${showRemote(url)}": ${error.message}`
  throw new ReconcileError(code, message, { cause: error })
}

// Helm fetches it when it validates values, through our proxy.
async function checkSchema(
  { chart: { name, version }, schemaUrls = [] }: Artifact,
  guard: AddressGuard,
): Promise<void> {
  for (const url of schemaUrls) {
    const error = await refusalOf(url, guard)
    if (error === undefined) continue
    const state = `its values.schema.json refers to "${showUrl(url)}": ${error.message}`
    const message = `Cannot use chart "${name}" ${version}: ${state}`
    throw new ReconcileError('ChartInvalid', message, { cause: error })
  }
}

async function checkDependency(url: string, what: string, guard: AddressGuard): Promise<void> {
  const error = await refusalOf(url, guard)
  if (error === undefined) return
  const message = `Cannot update the dependencies of the chart ${what}: ${error.message}`
  throw new ReconcileError('DependencyUpdateFailed', message, { cause: error })
}

async function refusalOf(url: string, guard: AddressGuard): Promise<AddressRefused | undefined> {
  const host = hostOf(url)
  if (host === undefined) return undefined
  try {
    await guard.checkName(host)
    return undefined
  } catch (error) {
    if (error instanceof AddressRefused) return error
    throw error
  }
}

const maxTries = 3

// Between being brought and being held, a chart may have had to make room for another one.
async function fetchInto(
  quota: CacheQuota,
  lease: Lease | undefined,
  bring: () => Promise<Artifact>,
): Promise<Artifact> {
  for (let tries = 1; ; tries++) {
    const artifact = await bring()
    if (!lease) return artifact
    const root = artifact.exportRoot ?? artifact.path
    const release = quota.hold(root)
    const isThere = (await stat(root).catch(() => undefined)) !== undefined
    if (isThere || tries === maxTries) {
      lease.onEnd(release)
      return artifact
    }
    release()
  }
}

type Sources = {
  fromRepository: (source: RepositorySource, call: FetchOptions) => Promise<Artifact>
  git: GitFetcher
}

async function openSources(
  options: FetcherOptions,
  ambient: Ambient,
  { quota, signal }: { quota: CacheQuota; signal: AbortSignal },
): Promise<Sources> {
  const { http, clock, log, workdir, parser, cacheDir } = options
  const charts = createChartReader(parser)
  const transport = withPlugins(http, workdir, options.allowLocal)
  const directory = (name: string): string => join(cacheDir, name)
  const cache = await openDiskCache({ quota, clock, directory: directory('charts') })
  await countMirrors(directory('git'), quota)
  const indexes = await openIndexes({
    ...{ transport, clock, log, parser, quota, signal, directory: directory('indexes') },
  })
  const archives = createArchives({ transport, cache, charts, signal })
  const byHttp = createRepositoryFetcher({ indexes, archives, log, refreshMs })
  const byPlugin = createRepositoryFetcher({
    ...{ indexes, archives, log, refreshMs: pluginRefreshMs },
  })
  const registry = createRegistry({ http, parser, signal })
  const { env } = options
  const byOci = createOciFetcher({
    ...{ registry, archives, quota, workdir, env, clock, refreshMs, signal },
  })
  return {
    fromRepository: async (source, { helm, cluster, namespace, signal: call }) => {
      if (isRegistry(source.url)) {
        const access = await readRegistryAccess(cluster, source, { ambient, parser })
        return await byOci(source, { ...access, helm, namespace, signal: call })
      }
      const access = await readRepositoryAccess(cluster, source, ambient)
      quota.ask(accessKey(access), namespace)
      return isScheme(source, 'https?')
        ? await byHttp(source, { ...access, helm }, call)
        : await byPlugin(source, { ...access, helm }, call)
    },
    git: createGitFetcher({
      ...{ clock, log, cache, charts, quota, signal, directory: directory('git') },
      salt: await readSalt(directory('git.salt')),
      git: createGit({ ...options, timeoutMs: options.git.timeoutMs }),
      pollMs: options.git.pollMs,
      gitTimeoutMs: options.git.timeoutMs,
      defaultRef: options.git.defaultRef,
      retryDelayMs: options.retryDelayMs,
      checkDependency: (url, what) => checkDependency(url, what, options.guard),
      withHelmFiles: (use) => withImported(options, ambient, use),
    }),
  }
}

// Charts may name repositories by alias, which Helm looks up in a file that holds passwords.
async function withImported<T>(
  { workdir }: FetcherOptions,
  ambient: Ambient,
  use: (files: HelmFiles) => Promise<T>,
): Promise<T> {
  const content = await ambient.repositoriesFile()
  if (content === undefined) return await use({})
  return await workdir.withFile('repositories.yaml', content, (repositoryConfig) =>
    use({ repositoryConfig }),
  )
}

function isScheme({ url }: ChartSource, scheme: string): boolean {
  return new RegExp(`^${scheme}:`, 'i').test(url)
}
