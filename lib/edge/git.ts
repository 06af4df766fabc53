// Charts from git: which commit is meant, and the chart's directory at that commit on this machine's disk. As long as
// nothing moves, no git is started.
import { createHmac } from 'node:crypto'
import { cp } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ChartContent } from '../helm/chart.ts'
import { ReconcileError } from '../model/errors.ts'
import type { Clock, FetchOptions, HelmFiles, Log } from '../model/ports.ts'
import type { Artifact, ChartSource } from '../model/source.ts'
import { digestJson } from '../util/digest.ts'
import { didYouMean } from '../util/nearest.ts'
import type { DiskCache, Origin } from './source/cache.ts'
import type { ChartReader } from './parser/charts.ts'
import { diskUsage, withGrowth } from './quota/growth.ts'
import type { CacheQuota } from './quota/quota.ts'
import { withKnownDependencies } from './source/dependencies.ts'
import { exportFiles } from './source/export.ts'
import { createFlights } from './source/flight.ts'
import type { Git, GitAccess } from './source/gitcommand.ts'
import { isIncomplete, showRemote } from './source/gitfailure.ts'
import { createArtifactMemo, createMemo, type Memo } from './source/memo.ts'
import { createMirror, type Mirror } from './source/mirror.ts'
import { sweepMirrors } from './source/sweep.ts'
import {
  createTreeReader,
  normalize,
  type ChartPlace,
  type ChartTree,
  type TreeReader,
} from './source/tree.ts'

export type GitSource = Extract<ChartSource, { kind: 'git' }>

/** How long after failure number `failures` (from 1) of what has this id, in milliseconds. */
export type RetryDelay = (failures: number, id: string) => number

export type GitFetcherOptions = {
  git: Git
  clock: Clock
  log: Log
  cache: DiskCache
  charts: ChartReader
  // For mirrors, and what their names are made with.
  directory: string
  salt: string
  quota: CacheQuota
  pollMs: number
  gitTimeoutMs: number
  defaultRef: string
  // Calls use() with Helm's configuration in files, for repositories that dependencies name.
  withHelmFiles: <T>(use: (files: HelmFiles) => Promise<T>) => Promise<T>
  // How long after so many failures in a row the dependencies of a chart are updated again, in milliseconds.
  retryDelayMs: RetryDelay
  // Throws ReconcileError DependencyUpdateFailed for a repository of dependencies that must not be asked.
  checkDependency: (url: string, what: string) => Promise<void>
  // Of the operator.
  signal: AbortSignal
}
export type GitFetcher = {
  // Throws ReconcileError Git…, Chart… or DependencyUpdateFailed.
  fetch(source: GitSource, access: GitAccess, call: FetchOptions): Promise<Artifact>
  // Milliseconds until the next fetch from the same repository looks for news; Infinity before the first.
  newsInMs(source: GitSource): number
  // Makes the next fetch of every repository look for news.
  expire(): void
  // Was every repository up to date when it was last looked at?
  isUpToDate(): boolean
}

// A ref that is not there may have been pushed a moment ago.
const newsMs = 5_000
// With all the files that a partial clone has not got yet.
const exportMs = 300_000
const dependencyMs = 300_000
const maxFailures = 1_000
const sweepMs = 3_600_000

/** Fetches from git repositories, each mirrored once below a directory. */
export function createGitFetcher(options: GitFetcherOptions): GitFetcher {
  const { directory, pollMs, clock } = options
  const mirrors = new Map<string, Mirror>()
  let sweptAt = -Infinity
  const flights = createFlights()
  const readTree = createTreeReader(options.charts)
  const artifacts = createArtifactMemo()
  const failures = createMemo<Failure>(maxFailures)

  const mirrorOf = async (key: string): Promise<Mirror> => {
    const known = mirrors.get(key)
    if (known && clock.now() - sweptAt < sweepMs) return known
    sweptAt = clock.now()
    await sweepMirrors(directory, mirrors, clock.now())
    const mirror = mirrors.get(key) ?? createMirror({ ...options, directory: join(directory, key) })
    mirrors.set(key, mirror)
    return mirror
  }
  const fetchFrom = async (
    mirror: Mirror,
    key: string,
    { source, access, call }: Request,
  ): Promise<Artifact> => {
    const { signal } = call
    const as = digestJson(access)
    const refresh = (freshMs: number): Promise<void> =>
      flights.share(`refresh ${key} ${as}`, signal, () => mirror.refresh(access, freshMs))
    const ref = source.ref || options.defaultRef
    const resolve = (): Promise<string | undefined> =>
      flights.share(`resolve ${key} ${ref}`, signal, () => mirror.resolve(access, ref))
    await refresh(pollMs)
    let commit = await resolve()
    if (commit === undefined) {
      await refresh(newsMs)
      commit = await resolve()
    }
    if (commit === undefined) throw explainRef(source, ref, mirror)
    const files = [...new Set(call.files)].sort()
    const { path, updateDependencies } = source
    const place = { mirror, access, commit, path, updateDependencies, files }
    const id = JSON.stringify([key, commit, normalize(source.path), updateDependencies, files])
    const known = artifacts.get(id)
    if (known && (await isKept(options.cache, known))) return known
    return await flights.share(id, signal, async () =>
      artifacts.set(id, await prepareWhole(options, { source, place, readTree, failures, call })),
    )
  }
  return {
    newsInMs: (source) => {
      const mirror = mirrors.get(mirrorKey(source, options.salt))
      return mirror ? Math.max(0, mirror.triedAt() + pollMs - clock.now()) : Infinity
    },
    expire: () => mirrors.forEach((mirror) => mirror.expire()),
    isUpToDate: () => [...mirrors.values()].every((mirror) => mirror.isUpToDate()),
    fetch: async (source, access, call) => {
      const key = mirrorKey(source, options.salt)
      const mirror = await mirrorOf(key)
      options.quota.ask(key, call.namespace)
      const release = options.quota.hold(mirror.directory)
      return await fetchFrom(mirror, key, { source, access, call }).finally(release)
    },
  }
}

type Request = { source: GitSource; access: GitAccess; call: FetchOptions }

// Another Secret may be shown another repository. Nobody who knows both can tell where the mirror is.
function mirrorKey({ url, secretRef }: GitSource, salt: string): string {
  const identity = JSON.stringify([secretRef?.namespace, secretRef?.name, url])
  return createHmac('sha256', salt).update(identity).digest('hex').slice(0, 32)
}

function isKept(cache: DiskCache, { exportRoot }: Artifact): Promise<boolean> {
  return exportRoot === undefined ? Promise.resolve(false) : cache.has(basename(exportRoot))
}

// Of one chart as it stands in a commit. A later commit that changes it starts anew.
type Failure = { error: ReconcileError; count: number; retryAt: number }
type Preparation = {
  source: GitSource
  place: ChartPlace
  readTree: TreeReader
  failures: Memo<Failure>
  call: FetchOptions
}

async function prepareWhole(options: GitFetcherOptions, task: Preparation): Promise<Artifact> {
  try {
    return await prepare(options, task)
  } catch (error) {
    if (!isIncomplete(error)) throw error
    await task.place.mirror.complete(task.place.access)
    return await prepare(options, task)
  }
}

async function prepare(options: GitFetcherOptions, task: Preparation): Promise<Artifact> {
  const { source, place } = task
  const tree = await task.readTree(place)
  const what = `in "${source.path}" of "${showRemote(source.url)}"`
  const { signal, quota } = options
  const files = { ...place, ...tree, what, timeoutMs: exportMs, signal }
  const exported = await exportFiles(options.cache, files)
  const release = quota.hold(exported)
  return await complete(options, { ...task, tree, exported, what }).finally(release)
}

type Completion = Preparation & { tree: ChartTree; exported: string; what: string }

// The chart as helm wants it: with what it depends on, or without what it depends on and lacks.
async function complete(options: GitFetcherOptions, task: Completion): Promise<Artifact> {
  const { source, place, tree, exported, what } = task
  const { charts } = options
  const inside = normalize(source.path)
  const read = (root: string): Promise<ChartContent> => charts.directory(join(root, inside), what)
  const plain = await read(exported)
  const artifact = { revision: place.commit, digest: tree.digest }
  if (plain.dependencies.length === 0)
    return { ...artifact, ...placed(exported, inside), ...known(plain) }
  if (!source.updateDependencies) {
    const missing = await charts.missing(join(exported, inside), plain.dependencies, what)
    const root = await withoutDependencies(options, { place, exported, inside, what, missing })
    return { ...artifact, ...placed(root, inside), ...known(plain) }
  }
  const root = await withDependencies(options, { ...task, exported, inside, what, plain })
  const digest = digestJson([tree.digest, await charts.packedDigest(join(root, inside), what)])
  return { ...artifact, digest, ...placed(root, inside), ...known(await read(root)) }
}

function placed(root: string, inside: string): Pick<Artifact, 'path' | 'exportRoot'> {
  return { path: join(root, inside), exportRoot: root }
}

function known(content: ChartContent): Pick<Artifact, 'chart' | 'hookEvents' | 'schemaUrls'> {
  const { chart, hookEvents, schemaUrls } = content
  return { chart, hookEvents, ...(schemaUrls.length > 0 ? { schemaUrls } : {}) }
}

async function withoutDependencies(
  { cache, log, charts }: GitFetcherOptions,
  task: Copy & { missing: readonly string[] },
): Promise<string> {
  const { exported, inside, what, missing } = task
  if (missing.length === 0) return exported
  log.warn('chart lacks dependencies and does without them', { chart: what, missing })
  const name = `lean-${digestJson([basename(exported), inside]).slice('sha256:'.length)}`
  return await cache.get(name, originOf(task), async (draft, room) => {
    await room.grow(await diskUsage(exported))
    await cp(exported, draft, { recursive: true })
    await charts.drop(join(draft, inside), missing, what)
  })
}

// A chart that was exported, to be copied and changed.
type Copy = { place: ChartPlace; exported: string; inside: string; what: string }

function originOf({ place, what }: Copy): Origin {
  return { source: basename(place.mirror.directory), what: `the chart ${what}` }
}

// Helm writes into the chart it updates: into a copy, then, and once for all releases of the same content.
async function withDependencies(
  options: GitFetcherOptions,
  task: Preparation & Copy & { plain: ChartContent },
): Promise<string> {
  const { cache, clock, signal, withHelmFiles, checkDependency } = options
  const { exported, inside, what, failures, plain } = task
  const { helm, isAsked } = task.call
  const name = `deps-${digestJson([basename(exported), inside]).slice('sha256:'.length)}`
  const failure = failures.get(name)
  // A helm that failed for a chart fails again; releases that look for news more often start no other.
  if (failure && !isAsked && clock.now() < failure.retryAt) throw failure.error
  const made = cache.get(name, originOf(task), async (draft, room) => {
    const known = await diskUsage(exported)
    await room.grow(known)
    await cp(exported, draft, { recursive: true })
    const chartPath = join(draft, inside)
    for (const { repository = '' } of plain.dependencies) await checkDependency(repository, what)
    const call = { chartPath, what, timeoutMs: dependencyMs, secrets: [] }
    const measure = (): Promise<number> => diskUsage(draft)
    await withKnownDependencies(chartPath, plain, () =>
      withGrowth({ room, measure, known, signal }, (signal) =>
        withHelmFiles((files) => helm.updateDependencies({ ...call, ...files, signal })),
      ),
    )
  })
  return await made.catch((error: unknown) => {
    if (!(error instanceof ReconcileError)) throw error
    const count = isAsked ? 1 : (failure?.count ?? 0) + 1
    const retryAt = clock.now() + options.retryDelayMs(count, name)
    const planned = new ReconcileError(error.code, error.message, { cause: error, retryAt })
    throw failures.set(name, { error: planned, count, retryAt }).error
  })
}

function explainRef({ url }: GitSource, ref: string, mirror: Mirror): ReconcileError {
  const names = mirror.names()
  const near = didYouMean(ref, names)
  const some = names.slice(0, 5).map((name) => `"${name}"`)
  const others = some.length === 0 ? '; the repository is empty' : `; there is ${some.join(', ')}`
  return new ReconcileError(
    'GitRefNotFound',
    `Cannot find "${ref}" in "${showRemote(url)}": it is no branch, tag or commit${near || others}`,
  )
}
