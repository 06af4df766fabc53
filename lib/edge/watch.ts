// Everything there is and everything that changes: list, then watch from there, and again from where it broke off.
// Deletions that happened meanwhile come as DELETED; a server in trouble is not stormed.
import { ApiError, tooLarge } from '../model/errors.ts'
import type { KubeObject } from '../model/json.ts'
import type { Clock, Cluster, Log, ResourceType, WatchEvent } from '../model/ports.ts'
import { backoffMs } from '../util/backoff.ts'
import type { ApiClient } from './client.ts'
import { createKnownObjects, type KnownObjects } from './known.ts'
import { describeList, listAll, place, selectors } from './list.ts'
import { resourcePath } from './paths.ts'
import { createTrouble } from './trouble.ts'

export type WatchDeps = { client: ApiClient; clock: Clock; random: () => number; log: Log }
type Options = Parameters<Cluster['watch']>[1]
type Wire = {
  type: string
  object: KubeObject & { code?: number; reason?: string; message?: string }
}

// Few enough requests for a server in trouble, soon enough for those who wait until it is out of it.
const backoff = { firstMs: 500, maxMs: 15_000 }
// Having lived this long, a watch did not end because the server is in trouble.
const settledMs = 5_000
const metadataAccept =
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json'

/** Cluster.watch() over this client. */
export function createWatch(deps: WatchDeps): Cluster['watch'] {
  return (type, options) => watch(type, options, deps)
}

async function* watch(
  type: ResourceType,
  options: Options,
  deps: WatchDeps,
): AsyncGenerator<WatchEvent, void, undefined> {
  const { clock, random } = deps
  const { signal } = options
  const known = createKnownObjects()
  const trouble = createTrouble(deps.log, 'watch', { resource: describeList(type, options) })
  const position: Position = { resourceVersion: undefined }
  let failures = 0
  while (!signal?.aborted) {
    const startedAt = clock.now()
    try {
      if (position.resourceVersion === undefined) {
        yield* listOnce(type, options, known, position, deps)
        options.onSynced?.(known.keys())
      }
      trouble.end()
      yield* followOnce(type, options, known, position, deps)
    } catch (error) {
      if (signal?.aborted) return
      if (options.untilForbidden && error instanceof ApiError && error.status === 403) throw error
      // What the server remembers does not reach back to where we are: that is the course of things. Start anew.
      if (isExpired(error)) position.resourceVersion = undefined
      else trouble.begin(error)
    }
    failures = clock.now() - startedAt > settledMs ? 0 : failures + 1
    await clock.sleep(backoffMs(failures, backoff, random), signal).catch(() => {})
  }
}

// Where the next watch goes on; undefined asks for a list first.
type Position = { resourceVersion: string | undefined }

async function* listOnce(
  type: ResourceType,
  options: Options,
  known: KnownObjects,
  position: Position,
  { client }: WatchDeps,
): AsyncGenerator<WatchEvent, void, undefined> {
  const { items, resourceVersion } = await listAll(client, type, options)
  const strip = options.metadataOnly ? metadataOf : (object: KubeObject) => object
  yield* known.replace(items.map(strip))
  position.resourceVersion = resourceVersion
}

async function* followOnce(
  type: ResourceType,
  options: Options,
  known: KnownObjects,
  position: Position,
  { client, random }: WatchDeps,
): AsyncGenerator<WatchEvent, void, undefined> {
  // The server ends it after this time; different for each, so that they do not all come back at once.
  const timeoutSeconds = Math.round(300 + 300 * random())
  const lines = client.lines({
    verb: 'watch',
    path: resourcePath(type, place(options), {
      ...selectors(options),
      watch: 1,
      allowWatchBookmarks: true,
      resourceVersion: position.resourceVersion,
      timeoutSeconds,
    }),
    about: describeList(type, options),
    ...(options.metadataOnly ? { accept: metadataAccept } : {}),
    // A connection that is dead without saying so ends then.
    timeoutMs: (timeoutSeconds + 30) * 1_000,
    signal: options.signal,
  })
  for await (const line of lines) {
    const { type: what, object } = parseLine(line, type, options)
    if (what === 'ERROR')
      throw new ApiError(object.code ?? 500, object.reason ?? 'Unknown', object.message ?? '')
    position.resourceVersion = object.metadata.resourceVersion ?? position.resourceVersion
    if (what !== 'ADDED' && what !== 'MODIFIED' && what !== 'DELETED') continue
    yield* known.apply({ type: what, object: options.metadataOnly ? metadataOf(object) : object })
  }
}

function parseLine(line: string, type: ResourceType, options: Options): Wire {
  try {
    return JSON.parse(line) as Wire
  } catch {
    // Not with the parser's message as the cause: it quotes the line, which may be a Secret's.
    const about = describeList(type, options)
    throw new ApiError(0, 'Unreachable', `Cannot watch ${about}: a line is not JSON`)
  }
}

function isExpired(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  return error.status === 410 || error.reason === tooLarge
}

// Also of a server that does not know how to leave out the rest.
function metadataOf({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata }
}
