// The loop on a cluster of its own, with a real helm: HelmReleases of one chart are put in, edited, and looked at.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codecs } from '../../lib/api/codec.ts'
import { decodeStatus, type Status } from '../../lib/api/legacy/status.ts'
import { createCrdReader } from '../../lib/edge/crd-reader.ts'
import { systemClock } from '../../lib/edge/clock.ts'
import { ReleaseCache } from '../../lib/loop/cache.ts'
import { Claims } from '../../lib/loop/claims.ts'
import type { SharedLoopDeps } from '../../lib/loop/deps.ts'
import type { WorkQueue } from '../../lib/loop/queue.ts'
import { Prerequisites } from '../../lib/loop/prerequisites.ts'
import { References } from '../../lib/loop/references.ts'
import { Reservations } from '../../lib/loop/reservations.ts'
import { Rollouts } from '../../lib/loop/rollout.ts'
import { startWorkers } from '../../lib/loop/worker.ts'
import type { Identity } from '../../lib/model/identity.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { formatKey } from '../../lib/model/key.ts'
import type { Artifact } from '../../lib/model/source.ts'

import { SecretBook } from '../../lib/util/secrets.ts'
import { writeChart } from './chart.ts'
import { type HelmBench, withHelm } from './helm.ts'
import { recordLog } from './log.ts'
import { noMetrics } from './metrics.ts'
import { testParser } from './parser.ts'
import { workQueue } from './queue.ts'
import { until } from './until.ts'

export type LoopBench = HelmBench & {
  deps: SharedLoopDeps
  queue: WorkQueue
  key: string
  rollouts: Rollouts
  // Creates the HelmRelease "web", or replaces its spec.
  write(spec: object): Promise<void>
  status(): Status
  // Waits until the status is like this.
  settled(what: string, is: (status: Status) => boolean): Promise<Status>
  // "3 deployed", newest first.
  history(): Promise<string[]>
  // What was logged, as "error sync failed" with its fields.
  records: ReturnType<typeof recordLog>['records']
  // Events as "ReleaseSynced Upgraded …".
  events: string[]
  // The chart that is fetched from now on.
  artifact: Artifact
}

type Options = {
  chart: Readonly<Record<string, string>>
  hookEvents?: readonly string[]
  // 4 without it.
  major?: 3 | 4
}

const codec = codecs[0]!
const crds = fileURLToPath(new URL('../../crds', import.meta.url))

/** Runs `use` with the loop at work on the chart that these files make. */
export async function withLoop<T>(
  { chart, hookEvents = [], major = 4 }: Options,
  use: (bench: LoopBench) => Promise<T>,
): Promise<T> {
  return await withHelm(major, async (helm) => {
    await helm.kubectl('apply', '-k', crds)
    const artifact = await writeChart(join(helm.directory, 'chart'), chart, hookEvents)
    const bench = createBench(helm, artifact)
    const abort = new AbortController()
    const { queue, deps } = bench
    const worker = startWorkers(deps, { queue, passes: 2, signal: abort.signal })
    try {
      return await use(bench)
    } finally {
      queue.close()
      deps.rollouts.close()
      abort.abort()
      await worker.ended
    }
  })
}

function createBench(helm: HelmBench, artifact: Artifact) {
  const clock = systemClock()
  const queue = workQueue({ clock, backoff: () => 200 })
  const reservations = new Reservations({
    ...{ total: 2, fetches: 4, groupOf: () => helm.namespace, wake: (key) => queue.add(key) },
  })
  const { log, records } = recordLog()
  const events: string[] = []
  const accessAs = (identity: Identity) => ({
    cluster: helm.cluster.as(identity),
    storage: helm.storage,
  })
  const rollouts = new Rollouts({
    ...{ accessAs, clock, log, reportIntervalMs: 5_000 },
    wake: (key, ms) => (ms > 0 ? queue.addAfter(key, ms) : queue.add(key)),
  })
  const references = new References({
    ...{ accessAs, clock, log },
    wake: (key) => queue.add(key),
  })
  const prerequisites = new Prerequisites({
    ...{ cluster: helm.cluster, clock, log },
    wake: (key) => {
      deps.cache.asked.add(key)
      queue.add(key)
    },
  })
  const deps: SharedLoopDeps = {
    ...{ clock, log, rollouts, references, prerequisites, accessAs, own: helm.cluster },
    fetcher: { fetch: async () => bench.artifact, newsInMs: () => Infinity },
    metrics: noMetrics,
    secrets: new SecretBook(),
    events: {
      record: async (_, { reason, message }) => void events.push(`${reason} ${message}`),
    },
    cache: new ReleaseCache(),
    claims: new Claims([codec.group]),
    knowsAll: () => true,
    graves: new Map(),
    codecs: new Map([[codec.group, codec]]),
    helmFor: () => helm.driver,
    uninstallerFor: () => helm.driver,
    readValues: async () => ({ version: '' }),
    readChartCrds: createCrdReader(testParser()),
    reservations,
    finalizers: false,
    syncIntervalMs: 600_000,
    reportIntervalMs: 5_000,
    logDiffs: false,
  }
  const key = formatKey({ group: codec.group, namespace: helm.namespace, name: 'web' })
  const status = (): Status => decodeStatus(deps.cache.get(key)!['status'])
  const bench = {
    ...helm,
    ...{ deps, queue, key, rollouts, records, events, artifact, status },
    write: async (spec: object) => {
      const object = await writeRelease(helm, spec)
      deps.cache.put(key, object)
      queue.add(key)
    },
    settled: (what: string, is: (status: Status) => boolean) =>
      until(what, () => is(status()) && status()),
    history: async () =>
      (await helm.storage.history(helm.namespace, `${helm.namespace}-web`)).map(
        ({ revision, status }) => `${revision} ${status}`,
      ),
  }
  return bench
}

async function writeRelease(helm: HelmBench, wanted: object): Promise<KubeObject> {
  const { cluster, namespace } = helm
  const source = { repository: 'http://charts', name: 'web', version: '1.0.0' }
  const spec = { chart: source, ...wanted }
  if ((await cluster.get(codec, 'web', namespace)) !== undefined) {
    // Whatever the operator writes into its status meanwhile.
    const body = [{ op: 'replace', path: '/spec', value: spec }]
    return await cluster.patch(codec, { name: 'web', namespace }, { type: 'json', body })
  }
  const apiVersion = `${codec.group}/${codec.version}`
  const metadata = { name: 'web', namespace }
  return await cluster.create(codec, { apiVersion, kind: 'HelmRelease', metadata, spec })
}
