// The composition root: joins programs, sockets and files into what the loop speaks to.
import { lookup } from 'node:dns'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { codecs, type Codec } from '../api/codec.ts'
import { findHelms, findKubectl } from '../edge/binaries.ts'
import { createCrdReader } from '../edge/crd-reader.ts'
import { createClient } from '../edge/client.ts'
import { createCluster } from '../edge/cluster.ts'
import { createDiscovery } from '../edge/discovery.ts'
import { createEventRecorder } from '../edge/events.ts'
import { createRunner } from '../edge/exec.ts'
import { createFetcher, type RunningFetcher } from '../edge/fetch.ts'
import { createHelmDriver } from '../edge/helm.ts'
import { createHttpClient } from '../edge/http.ts'
import { createAddressGuard } from '../edge/net/address-guard.ts'
import { createAddressPolicy } from '../edge/net/address-policy.ts'
import { startForwardProxy } from '../edge/net/forward-proxy.ts'
import { inClusterKubeconfig } from '../edge/in-cluster.ts'
import { type ApiProxy, startProxy } from '../edge/kubeproxy.ts'
import { workdirVariable } from '../edge/leftovers.ts'
import {
  createParser,
  parserLimits,
  type Parser,
  type RefusalReason,
} from '../edge/parser/parser.ts'
import { createReleaseStream, type RunningStream } from '../edge/releases.ts'
import { openPrivateDirectory } from '../edge/source/private.ts'
import { createStorages } from '../edge/storage.ts'
import { createLines, type Lines } from '../edge/stream.ts'
import { createValuesReader } from '../edge/values.ts'
import { openWorkdir, writePrivate, type Workdir } from '../edge/workdir.ts'
import type { ClusterAccess } from '../helm/dialect.ts'
import { ReleaseCache } from '../loop/cache.ts'
import { Claims } from '../loop/claims.ts'
import type { SharedDeps } from '../loop/deps.ts'
import type { Reservations } from '../loop/reservations.ts'
import type { Clock, Cluster, Log, Metrics, ReleaseStream } from '../model/ports.ts'
import { retryDelayMs } from '../plan/budget.ts'
import { applyTenancy } from '../plan/tenancy.ts'
import { limitTimeouts } from '../plan/timeouts.ts'
import type { SecretBook } from '../util/secrets.ts'
import type { Config } from './config.ts'
import { chooseDriver, chooseUninstaller, majorsOf } from './helms.ts'

export type Wired = {
  deps: SharedDeps
  streams: ReadonlyMap<string, ReleaseStream>
  // What is not there yet and must be before releases can be looked after, in words.
  missing: () => readonly string[]
  git: Pick<RunningFetcher, 'expireGit' | 'isGitReady'>
  close: () => Promise<void>
}

type Env = Readonly<Record<string, string | undefined>>

export type WireOptions = {
  env: Env
  log: Log
  clock: Clock
  metrics: Metrics
  secrets: SecretBook
  // Of as many places as --workers says.
  reservations: Reservations
  // Told of every program that is started, and of its end.
  onStart: (program: string) => void
  onEnd: (program: string, tookMs: number) => void
  // Told of every request to the API server.
  onRequest: (verb: string, status: number) => void
  // Told of every input that was too much to be read.
  onInputRefused: (reason: RefusalReason) => void
  // The caller's, which outlives this operator; one of its own where there is none.
  parser: Parser | undefined
}

/** Starts what must be running and joins it all. Throws ReconcileError when something is missing. */
export async function wire(config: Config, options: WireOptions): Promise<Wired> {
  const closers: (() => unknown)[] = []
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    return { ...(await wireAll(config, options, (closer) => closers.push(closer))), close }
  } catch (error) {
    await close()
    throw error
  }
}

// What cannot be read for so long is said by /readyz, and not waited for: deletions would wait with it.
const longestTellingMs = 60_000

type OnClose = (closer: () => unknown) => void

async function wireAll(
  config: Config,
  options: WireOptions,
  onClose: OnClose,
): Promise<Omit<Wired, 'close'>> {
  const { log, clock } = options
  const startedAt = clock.now()
  const temporary = options.env.TMPDIR ?? tmpdir()
  const workdir = await openWorkdir(temporary)
  onClose(() => workdir.close())
  const env: Env = { ...options.env, [workdirVariable]: workdir.path }
  const host = { env, ...pick(options, 'onStart', 'onEnd') }
  const run = createRunner(host)
  const helms = await findHelms({ path: env.PATH, majors: majorsOf(config.helmVersions), run })
  for (const { path, version } of helms) log.info('found helm', { path, version })
  const cacheDir = config.cacheDir ?? join(temporary, 'helm-operator-cache')
  for (const name of ['helm', 'kubectl']) await openPrivateDirectory(join(cacheDir, name))
  const access = pick(config, 'kubeconfig', 'context', 'server')
  const { cluster, proxy, streams } = await openCluster({
    ...{ config, options, onClose, cacheDir, workdir },
    lines: createLines(host),
  })
  const policy = createAddressPolicy({
    allowed: config.allowedAddresses,
    isInCluster: env.KUBERNETES_SERVICE_HOST !== undefined,
  })
  const guard = createAddressGuard(policy, lookup)
  const forwardProxy = await startForwardProxy({ guard, env })
  onClose(() => forwardProxy.close())
  const http = createHttpClient({ env, guard })
  const parser = options.parser ?? openParser(options, onClose)
  const fetcher = await createFetcher({
    ...{ run, http, clock, log, workdir, parser, env, cacheDir, guard },
    fetchEnv: forwardProxy.env,
    git: config.git,
    allowLocal: config.allowLocalSources,
    quota: config.cacheQuota,
    updateDependencies: config.updateChartDeps,
    retryDelayMs: (failures, id) => retryDelayMs(failures, { id }),
    importedRepositories: config.importedRepositories,
  })
  onClose(() => fetcher.close())
  const helmAccess = await openHelmAccess(workdir, env, access)
  const drivers = helms.map((helm) =>
    createHelmDriver({
      helm,
      limits: config.helmLimits,
      fetchEnv: forwardProxy.env,
      run,
      workdir,
      parser,
      access: helmAccess,
      env,
      cacheDir: join(cacheDir, 'helm'),
    }),
  )
  const storageAs = createStorages({ cluster, clock, parser })
  const deps: SharedDeps = {
    ...{ clock, log, fetcher, ...pick(options, 'metrics', 'secrets', 'reservations') },
    own: cluster,
    accessAs: (identity) => ({ cluster: cluster.as(identity), storage: storageAs(identity) }),
    events: createEventRecorder({ cluster, clock, log, random: Math.random }),
    cache: new ReleaseCache(),
    claims: new Claims(codecs.map(({ group }) => group)),
    knowsAll: () => clock.now() > startedAt + longestTellingMs || areTold(streams),
    graves: new Map(),
    codecs: new Map(codecs.map((codec) => [codec.group, withPolicy(codec, config)])),
    helmFor: (desired) => chooseDriver(drivers, config.helmVersions, desired),
    uninstallerFor: (desired) => chooseUninstaller(drivers, config.helmVersions, desired),
    readValues: createValuesReader({ http, parser }).read,
    readChartCrds: createCrdReader(parser),
    finalizers: config.finalizers,
    syncIntervalMs: config.syncIntervalMs,
    reportIntervalMs: config.statusIntervalMs,
    logDiffs: config.logDiffs,
  }
  return {
    ...{ deps, streams, git: fetcher },
    missing: () => missingOf(proxy, streams),
  }
}

function openParser({ clock, onInputRefused }: WireOptions, onClose: OnClose): Parser {
  const parser = createParser({ ...parserLimits, now: clock.now, onRefused: onInputRefused })
  onClose(() => parser.close())
  return parser
}

// Helm finds the pod that it runs in by itself, but would not impersonate anybody there.
async function openHelmAccess(
  workdir: Workdir,
  env: Env,
  access: ClusterAccess,
): Promise<ClusterAccess> {
  const text = await inClusterKubeconfig(env, access)
  if (text === undefined) return access
  const kubeconfig = join(await workdir.directory('kube'), 'config')
  await writePrivate(kubeconfig, text)
  return { kubeconfig }
}

// Whoever decodes a HelmRelease gets it as the policy has it.
function withPolicy(codec: Codec, { tenancy: policy, maxTimeoutMs, validate }: Config): Codec {
  const decode: Codec['decode'] = (object) => ({
    validate,
    ...limitTimeouts(applyTenancy(codec.decode(object), policy), maxTimeoutMs),
  })
  return { ...codec, decode }
}

function areTold(streams: ReadonlyMap<string, RunningStream>): boolean {
  return [...streams.values()].every((stream) => stream.hasTold())
}

function missingOf(proxy: ApiProxy, streams: ReadonlyMap<string, RunningStream>): string[] {
  const silent = [...streams].filter(([, stream]) => !stream.hasTold()).map(([group]) => group)
  return [
    ...(proxy.isServing() ? [] : ['kubectl proxy']),
    ...silent.map((group) => `the HelmReleases of ${group}`),
  ]
}

type OpenCluster = {
  cluster: Cluster
  proxy: ApiProxy
  streams: ReadonlyMap<string, RunningStream>
}

// One lasting kubectl for all requests, and one for each stream of HelmReleases.
async function openCluster(parts: {
  config: Config
  options: WireOptions
  onClose: OnClose
  cacheDir: string
  workdir: Workdir
  lines: Lines
}): Promise<OpenCluster> {
  const { config, options, onClose, workdir, lines } = parts
  const { clock, log, env } = options
  const { random } = Math
  const access = {
    kubectl: await findKubectl({ path: env.PATH }),
    ...pick(config, 'kubeconfig', 'context', 'server'),
  }
  const directory = await workdir.directory('proxy')
  const proxy = await startProxy({ ...access, directory, lines, clock, random, log })
  onClose(() => proxy.close())
  const client = createClient({ socket: proxy.socket, clock, ...pick(options, 'onRequest') })
  onClose(() => client.close())
  const discovery = createDiscovery({ client, clock })
  const cluster = createCluster({ client, discovery, clock, random, log })
  const streams = codecs.map(({ group, version, kind, plural }) => {
    const stream = createReleaseStream({
      ...{ apiVersion: `${group}/${version}`, kind, plural },
      ...{ client, discovery, watch: cluster.watch, clock, log, lines, random },
      ...access,
      ...pick(config, 'namespace'),
      cacheDirectory: join(parts.cacheDir, 'kubectl'),
    })
    return [group, stream] as const
  })
  return { cluster, proxy, streams: new Map(streams) }
}

function pick<T extends object, K extends keyof T>(from: T, ...names: K[]): Pick<T, K> {
  return Object.fromEntries(
    names.flatMap((name) => (name in from ? [[name, from[name]]] : [])),
  ) as Pick<T, K>
}
