// The operator's loop at work in this process, on a sandbox without sockets, and killed as a process would be: from one
// moment to the next nothing of it goes on.
import { codecs } from '../../lib/api/codec.ts'
import { apiFailure } from '../../lib/edge/apifailure.ts'
import type { ApiClient } from '../../lib/edge/client.ts'
import { systemClock } from '../../lib/edge/clock.ts'
import { createCluster } from '../../lib/edge/cluster.ts'
import { createDiscovery } from '../../lib/edge/discovery.ts'
import type { ApiRequest } from '../../lib/edge/exchange.ts'
import { createStorages } from '../../lib/edge/storage.ts'
import { ReleaseCache } from '../../lib/loop/cache.ts'
import { Claims } from '../../lib/loop/claims.ts'
import type { SharedDeps } from '../../lib/loop/deps.ts'
import { operate } from '../../lib/loop/operate.ts'
import { WorkQueue } from '../../lib/loop/queue.ts'
import { Reservations } from '../../lib/loop/reservations.ts'
import { ReconcileError } from '../../lib/model/errors.ts'
import type { Clock, EventRecorder, ReleaseStream } from '../../lib/model/ports.ts'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'
import { SecretBook } from '../../lib/util/secrets.ts'
import type { FakeHelm } from './fakehelm.ts'
import { recordLog } from './log.ts'
import { noMetrics } from './metrics.ts'
import { testParser } from './parser.ts'
import { observed } from './release.ts'

export type Turns = (count?: number) => Promise<void>
export type InProcess = {
  // Resolves when nothing runs, waits or is still to be told.
  quiet(): Promise<void>
  stop(): Promise<void>
  kill(): void
  log: string[]
}
export type Parts = {
  sandbox: Sandbox
  helm: FakeHelm
  finalizers: boolean
  // Waits for some turns of the event loop: how long each way of each request takes.
  delay: () => Promise<void>
  onEvent: (reason: string, message: string) => void
}

const codec = codecs[0]!
const kind = `${codec.plural}.${codec.group}`
// A retry that is due sooner is waited for by quiet().
const soonMs = 500
const quietTurns = 12
const patienceMs = 20_000

/** Lets the event loop turn so many times. */
export const turns: Turns = async (count = 1) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Starts an operator that knows nothing yet. */
export function startInProcess(parts: Parts): InProcess {
  const life = { isAlive: true }
  const gate = async (): Promise<void> => {
    if (life.isAlive) await parts.delay()
    // The process is gone: nobody goes on.
    if (!life.isAlive) await new Promise(() => {})
  }
  const abort = new AbortController()
  const { log, records } = recordLog()
  const clock = systemClock()
  const client = createInProcessClient(parts.sandbox, gate)
  const discovery = createDiscovery({ client, clock })
  const cluster = createCluster({ client, discovery, clock, random: () => 0.5, log })
  let isTold = false
  const onSynced = (): void => void (isTold = true)
  const stream: ReleaseStream = { events: (signal) => cluster.watch(codec, { signal, onSynced }) }
  const events: EventRecorder = {
    record: async (_, { reason, message }) => {
      await gate()
      parts.onEvent(reason, message)
    },
  }
  const storageAs = createStorages({ cluster, clock, parser: testParser() })
  const accessAs = () => ({ cluster, storage: storageAs(undefined) })
  const load = { running: 0, soon: 0 }
  const queue = new WatchedQueue(clock, load)
  const wake = (key: string): void => queue.add(key)
  const reservations = new Reservations({ total: 2, fetches: 4, groupOf: () => 'all', wake })
  const claims = new Claims([codec.group])
  const known = { claims, knowsAll: () => isTold }
  const world = { clock, log, own: cluster, accessAs, events, reservations, ...known }
  const deps = depsOf(parts, world, gate)
  const ended = operate({
    ...{ deps, queue, passes: 4, shutdownMs: 10_000, signal: abort.signal },
    streams: new Map([[codec.group, stream]]),
  })
  const isQuiet = (): boolean => {
    const objects = parts.sandbox.api.list(kind)
    const isTold = objects.every(({ metadata }) => {
      const known = deps.cache.get(`${codec.group}/${metadata.namespace}/${metadata.name}`)
      return known?.metadata.resourceVersion === metadata.resourceVersion
    })
    const isSame = deps.cache.keys().length === objects.length && deps.graves.size === 0
    return isTold && isSame && queue.length + load.running + load.soon === 0
  }
  return {
    quiet: () => untilQuiet(isQuiet, () => records.slice(-20)),
    stop: async () => {
      abort.abort()
      await ended
      life.isAlive = false
    },
    kill: () => {
      life.isAlive = false
      abort.abort()
    },
    get log() {
      return records.map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`)
    },
  }
}

async function untilQuiet(isQuiet: () => boolean, explain: () => unknown): Promise<void> {
  const endsAt = Date.now() + patienceMs
  for (let calm = 0; calm < quietTurns; calm = isQuiet() ? calm + 1 : 0) {
    await turns()
    if (Date.now() > endsAt) throw new Error(`never quiet: ${JSON.stringify(explain())}`)
  }
}

type World = Pick<
  SharedDeps,
  'clock' | 'log' | 'own' | 'accessAs' | 'events' | 'reservations' | 'claims' | 'knowsAll'
>

function depsOf({ helm, finalizers }: Parts, world: World, gate: () => Promise<void>): SharedDeps {
  return {
    ...world,
    metrics: noMetrics,
    fetcher: {
      fetch: async (source) => {
        await gate()
        if (source.kind !== 'repository' || source.version !== 'missing')
          return observed([]).artifact
        throw new ReconcileError('ChartVersionNotFound', 'there is no such chart')
      },
      newsInMs: () => Infinity,
    },
    readValues: async () => 'unchanged',
    readChartCrds: async () => [],
    ...{ secrets: new SecretBook(), cache: new ReleaseCache(), graves: new Map() },
    codecs: new Map([[codec.group, codec]]),
    helmFor: (desired) => helm.driverFor(desired, gate),
    uninstallerFor: (desired) => helm.driverFor(desired, gate),
    ...{ finalizers, syncIntervalMs: 3_600_000, reportIntervalMs: 5_000, logDiffs: false },
  }
}

type Load = { running: number; soon: number }

// Counts what runs, and what will run in a moment.
class WatchedQueue extends WorkQueue {
  readonly #load: Load

  constructor(clock: Clock, load: Load) {
    const sleep: Clock['sleep'] = async (ms, signal) => {
      const isSoon = ms < soonMs
      if (isSoon) load.soon += 1
      try {
        await clock.sleep(ms, signal)
      } finally {
        if (isSoon) load.soon -= 1
      }
    }
    super({
      ...{ clock: { ...clock, sleep }, backoff: () => 3 },
      ...{ groupOf: () => 'all', mostOfGroup: 4, mostUngranted: 4 },
    })
    this.#load = load
  }

  override async take(): Promise<string | undefined> {
    const key = await super.take()
    if (key !== undefined) this.#load.running += 1
    return key
  }

  override done(key: string): void {
    this.#load.running -= 1
    super.done(key)
  }
}

const methods = {
  ...{ get: 'GET', list: 'GET', watch: 'GET', create: 'POST' },
  ...{ update: 'PUT', patch: 'PATCH', delete: 'DELETE' },
} as const

function createInProcessClient({ handle }: Sandbox, gate: () => Promise<void>): ApiClient {
  const send = async ({ verb, path, accept, body, contentType }: ApiRequest): Promise<Response> => {
    const headers = {
      accept: accept ?? 'application/json',
      ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
    }
    const content = body === undefined ? {} : { body: JSON.stringify(body) }
    const init = { method: methods[verb], headers, ...content }
    return await handle(new Request(`http://sandbox${path}`, init))
  }
  return {
    request: async (request) => {
      await gate()
      const response = await send(request)
      const text = await response.text()
      await gate()
      if (response.status >= 400) throw apiFailure(request, response.status, text)
      return JSON.parse(text) as unknown
    },
    lines: async function* (request) {
      const response = await send(request)
      if (response.status >= 400) throw apiFailure(request, response.status, await response.text())
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
      const onAbort = (): void => void reader.cancel().catch(() => {})
      request.signal?.addEventListener('abort', onAbort, { once: true })
      if (request.signal?.aborted) onAbort()
      let text = ''
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        text += value
        for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
          await gate()
          yield text.slice(0, end)
          text = text.slice(end + 1)
        }
      }
    },
    close: () => {},
  }
}
