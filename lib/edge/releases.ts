// The stream of HelmReleases: `kubectl get --watch`, started again when it ends, and held against a list now and then,
// so that nothing is missed that happened while it was down, and a stream that has gone deaf is found out.
import { CommandError } from '../model/errors.ts'
import type { KubeObject } from '../model/json.ts'
import type { ReleaseStream, ResourceType, WatchEvent } from '../model/ports.ts'
import { followAbort } from '../util/abort.ts'
import { backoffMs } from '../util/backoff.ts'
import { findGone, findUntold, isDeaf, type Versions } from './compare.ts'
import { createKnownObjects, type KnownObjects } from './known.ts'
import { kubectlCommand, kubectlEnv, type KubectlAccess } from './kubectl.ts'
import { lastWords } from './lastwords.ts'
import { listAll } from './list.ts'
import { createMailbox, type Mailbox } from './mailbox.ts'
import { resourceName } from './paths.ts'
import { whenServed, type Kind, type ServedDeps } from './served.ts'
import type { Lines } from './stream.ts'
import { createTrouble, type Trouble } from './trouble.ts'

export type ReleaseStreamOptions = ServedDeps &
  KubectlAccess &
  Kind & {
    // All namespaces without.
    namespace?: string
    // Where kubectl keeps what it knows of the server; different for each cluster.
    cacheDirectory: string
    lines: Lines
    random: () => number
  }

export type RunningStream = ReleaseStream & {
  // Has it once told everything there is, or found that there is no such kind?
  hasTold(): boolean
}

type Message =
  | { kind: 'line'; line: string }
  | { kind: 'list'; items: readonly KubeObject[]; then: Versions }
  | { kind: 'noList' }
  | { kind: 'end'; error?: unknown }

const backoff = { firstMs: 500, maxMs: 15_000 }
// Having lived this long, a stream did not end because of how it was started.
const settledMs = 5_000
// The list that belongs to a new stream waits until the stream has told what there is.
const firstListMs = 1_000
const listMs = 300_000
// What looks like a deaf stream may be a slow one.
const relistMs = 10_000

/** The HelmReleases of one API group, as long as the server serves it. */
export function createReleaseStream(options: ReleaseStreamOptions): RunningStream {
  let hasTold = false
  const onTold = (): void => void (hasTold = true)
  return {
    events: (signal) => follow({ ...options, onTold, onUnserved: onTold }, signal),
    hasTold: () => hasTold,
  }
}

type Following = ReleaseStreamOptions & { onTold: () => void }

async function* follow(
  options: Following,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent, void, undefined> {
  const { clock, log, random, apiVersion, kind } = options
  const known = createKnownObjects()
  const trouble = createTrouble(log, 'stream', { apiVersion, kind })
  let failures = 0
  while (!signal.aborted) {
    const startedAt = clock.now()
    try {
      const type = await whenServed(options, options, signal)
      yield* streamOnce(type, known, trouble, options, signal)
    } catch (error) {
      if (signal.aborted) return
      trouble.begin(error instanceof CommandError ? lastWords(error) : error)
    }
    failures = clock.now() - startedAt > settledMs ? 0 : failures + 1
    await clock.sleep(backoffMs(failures, backoff, random), signal).catch(() => {})
  }
}

// One life of kubectl, and the lists beside it. Returns when kubectl ends well, throws when it does not.
async function* streamOnce(
  type: ResourceType,
  known: KnownObjects,
  trouble: Trouble,
  options: Following,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent, void, undefined> {
  const life = startLife(type, known, options, signal)
  let untold: Versions = new Map()
  try {
    for (;;) {
      const message = await life.take()
      if (message.kind === 'end' && message.error !== undefined) throw message.error
      if (message.kind === 'end') return
      if (message.kind === 'line' || (message.kind === 'list' && life.isSettled())) trouble.end()
      if (message.kind === 'line') yield* parseLine(message.line, known, options)
      if (message.kind === 'noList') life.listLater(relistMs)
      if (message.kind !== 'list') continue
      yield* findGone(known, message.then, message.items)
      const before = untold
      untold = findUntold(known, message.items)
      const told = known.versions()
      if ([...untold.keys()].every((key) => told.has(key))) options.onTold()
      if (isDeaf(untold, before)) throw new Error('kubectl told nothing of what has changed')
      life.listLater(untold.size > 0 || trouble.isOn ? relistMs : listMs)
    }
  } finally {
    await life.end()
  }
}

type Life = {
  take(): Promise<Message>
  listLater(pauseMs: number): void
  isSettled(): boolean
  end(): Promise<void>
}

function startLife(
  type: ResourceType,
  known: KnownObjects,
  options: ReleaseStreamOptions,
  outer: AbortSignal,
): Life {
  const mailbox = createMailbox<Message>()
  const stop = new AbortController()
  const unfollow = followAbort(stop, outer)
  const startedAt = options.clock.now()
  const reading = readLines(type, mailbox, options, stop.signal)
  const list = (pauseMs: number): Promise<void> =>
    listOnce(type, known, mailbox, pauseMs, options, stop.signal)
  let listing = list(firstListMs)
  return {
    take: mailbox.take,
    listLater: (pauseMs) => void (listing = list(pauseMs)),
    isSettled: () => options.clock.now() - startedAt > settledMs,
    end: async () => {
      unfollow()
      stop.abort()
      mailbox.close()
      await Promise.all([reading, listing])
    },
  }
}

async function readLines(
  type: ResourceType,
  mailbox: Mailbox<Message>,
  options: ReleaseStreamOptions,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, cacheDirectory, lines, log } = options
  const command = kubectlCommand(options, [
    'get',
    `${type.plural}.${type.version}.${type.group}`,
    ...(namespace === undefined ? ['--all-namespaces'] : [`--namespace=${namespace}`]),
    '--watch',
    '--output-watch-events',
    '--output=json',
    `--cache-dir=${cacheDirectory}`,
  ])
  const onTooLong = (): void =>
    log.warn('object too long, ignored', { resource: resourceName(type) })
  try {
    // It has nothing to put in order when it ends.
    const reading = { env: kubectlEnv, graceMs: 500, onTooLong, signal }
    for await (const line of lines(command, reading)) await mailbox.put({ kind: 'line', line })
    await mailbox.put({ kind: 'end' })
  } catch (error) {
    await mailbox.put({ kind: 'end', error })
  }
}

async function listOnce(
  type: ResourceType,
  known: KnownObjects,
  mailbox: Mailbox<Message>,
  pauseMs: number,
  { client, clock, random, namespace }: ReleaseStreamOptions,
  signal: AbortSignal,
): Promise<void> {
  // Several streams, and several operators, do not all ask at once.
  await clock.sleep(pauseMs * (0.75 + random() / 2), signal).catch(() => {})
  if (signal.aborted) return
  const then = known.versions()
  try {
    const scope = namespace === undefined ? {} : { namespace }
    const { items } = await listAll(client, type, { ...scope, metadataOnly: true, signal })
    await mailbox.put({ kind: 'list', items, then })
  } catch {
    // Says nothing about the stream; that the server is away is said by whoever needs it.
    await mailbox.put({ kind: 'noList' })
  }
}

function parseLine(
  line: string,
  known: KnownObjects,
  { log, apiVersion }: ReleaseStreamOptions,
): WatchEvent[] {
  try {
    const { type, object } = JSON.parse(line) as { type: string; object: KubeObject }
    return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED'
      ? known.apply({ type, object })
      : []
  } catch {
    // The next list finds out what it would have said. The line itself may hold secrets.
    log.warn('line not understood, ignored', { apiVersion, bytes: line.length })
    return []
  }
}
