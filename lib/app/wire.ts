// The composition root: joins programs, sockets and files into what the loop speaks to.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { codecs } from '../api/codec.ts'
import { findHelms, findKubectl } from '../edge/binaries.ts'
import { createClient } from '../edge/client.ts'
import { createCluster } from '../edge/cluster.ts'
import { createDiscovery } from '../edge/discovery.ts'
import { createEventRecorder } from '../edge/events.ts'
import { createRunner } from '../edge/exec.ts'
import { tmpFetcher } from './tmpfetch.ts'
import { createHelmDriver } from '../edge/helm.ts'
import { startProxy } from '../edge/kubeproxy.ts'
import { createReleaseStream } from '../edge/releases.ts'
import { createStorage } from '../edge/storage.ts'
import { createLines } from '../edge/stream.ts'
import { createValuesReader } from '../edge/values.ts'
import { openWorkdir } from '../edge/workdir.ts'
import { ReleaseCache } from '../loop/cache.ts'
import { Claims } from '../loop/claims.ts'
import type { Deps } from '../loop/deps.ts'
import { ReconcileError } from '../model/errors.ts'
import type { Clock, HelmDriver, Log, ReleaseStream, ResourceType } from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import { createKeyedLock } from '../util/lock.ts'
import type { Config } from './config.ts'

export type Wired = {
  deps: Deps
  streams: ReadonlyMap<string, ReleaseStream>
  close: () => Promise<void>
}

type Env = Readonly<Record<string, string | undefined>>

/** Starts what must be running and joins it all. Throws ReconcileError when something is missing. */
export async function wire(
  config: Config,
  options: {
    env: Env
    log: Log
    clock: Clock
    onStart?: (program: string) => void
    onRequest?: (verb: string, status: number) => void
  },
): Promise<Wired> {
  const { env, log, clock } = options
  const { random } = Math
  const host = { env, ...pick(options, 'onStart') }
  const run = createRunner(host)
  const lines = createLines(host)
  const kubectl = await findKubectl({ path: env.PATH })
  const helms = await findHelms({ path: env.PATH, majors: majorsOf(config), run })
  for (const { path, version } of helms) log.info('found helm', { path, version })

  const access = pick(config, 'kubeconfig', 'context')
  const workdir = await openWorkdir(env.TMPDIR ?? tmpdir())
  const cacheDir = config.cacheDir ?? join(env.TMPDIR ?? tmpdir(), 'helm-operator-cache')
  const directory = await workdir.directory('proxy')
  const proxy = await startProxy({ kubectl, ...access, directory, lines, clock, random, log })
  const client = createClient({ socket: proxy.socket, clock, ...pick(options, 'onRequest') })
  const discovery = createDiscovery({ client, clock })
  const cluster = createCluster({ client, discovery, clock, random, log })

  const drivers = helms.map((helm) =>
    createHelmDriver({ helm, run, workdir, access, env, cacheDir: join(cacheDir, 'helm') }),
  )
  const groups = codecs.map(({ group }) => group)
  const limit = pLimit(config.workers)
  const deps: Deps = {
    clock,
    log,
    cluster,
    storage: createStorage({ cluster, clock }),
    fetcher: tmpFetcher(run, helms[0]!.path, cacheDir),
    events: createEventRecorder({ cluster, clock, random, log }),
    cache: new ReleaseCache(),
    claims: new Claims(groups),
    graves: new Map(),
    codecs: new Map(codecs.map((codec) => [codec.group, codec])),
    helmFor: (desired) => chooseDriver(drivers, config, desired),
    readValues: createValuesReader({ cluster, get: async () => '' }),
    withSlot: (work) => limit(work),
    withRelease: createKeyedLock(),
    finalizers: config.finalizers,
    syncIntervalMs: config.syncIntervalMs,
  }
  const streams = new Map<string, ReleaseStream>()
  for (const { group, version, kind, plural } of codecs)
    streams.set(
      group,
      createReleaseStream({
        ...{ apiVersion: `${group}/${version}`, kind, plural },
        ...{ client, discovery, watch: cluster.watch, clock, log, kubectl, lines, random },
        ...access,
        ...pick(config, 'namespace'),
        cacheDirectory: join(cacheDir, 'kubectl'),
      }),
    )
  return {
    deps,
    streams,
    close: async () => {
      client.close()
      await proxy.close()
      await workdir.close()
    },
  }
}

function majorsOf({ helmVersions }: Config): (3 | 4)[] {
  const asked = helmVersions.flatMap((version) => (version === 'v4' ? [4 as const] : []))
  return helmVersions.includes('v3') ? [4, 3] : asked
}

// The newest Helm serves everything: storage and objects are the same for Helm 3 and Helm 4.
function chooseDriver(
  drivers: readonly HelmDriver[],
  { helmVersions }: Config,
  { helmVersion }: HelmRelease,
): HelmDriver {
  const wanted = helmVersion ?? helmVersions[0]
  const [newest] = drivers
  if (newest === undefined || wanted === 'v2' || !helmVersions.includes(wanted ?? 'v3'))
    throw new ReconcileError(
      'HelmVersionDisabled',
      `Cannot use Helm "${wanted}": the operator serves ${helmVersions.join(', ')}; change spec.helmVersion or --enabled-helm-versions`,
    )
  return newest
}

function pick<T extends object, K extends keyof T>(from: T, ...names: K[]): Pick<T, K> {
  return Object.fromEntries(
    names.flatMap((name) => (name in from ? [[name, from[name]]] : [])),
  ) as Pick<T, K>
}
