// An API server with one HelmRelease, whose answers and watch events take as long as a test says, in virtual time.
import { ApiError } from '../../lib/model/errors.ts'
import type { JsonObject, KubeObject } from '../../lib/model/json.ts'
import type { Clock, Cluster, Patch, ReleaseStream, WatchEvent } from '../../lib/model/ports.ts'

export type SlowServer = {
  cluster: Pick<Cluster, 'get' | 'patch'>
  stream: ReleaseStream
  // What is true by now; undefined when the object is gone.
  object(): KubeObject | undefined
  // What a person does: at once, and told by the watch like anything else.
  create(object: KubeObject): void
  edit(change: (object: KubeObject) => void): void
  remove(): void
  // Ends the watch: what it has not told yet is lost, and the next one begins with what is true then.
  interrupt(): void
  // Ends a watch whose signal was aborted.
  close(): void
}

type Told = { at: number; event: WatchEvent }

/** delayMs is asked for each way of each request, and for each watch event. */
export function createSlowServer(clock: Clock, delayMs: () => number): SlowServer {
  let object: KubeObject | undefined
  let version = 0
  let events: Told[] = []
  let wake = (): void => {}
  const tell = (type: WatchEvent['type'], told: KubeObject): void => {
    const at = Math.max(events.at(-1)?.at ?? 0, clock.now() + delayMs())
    events.push({ at, event: { type, object: structuredClone(told) } })
    wake()
  }
  const write = (next: KubeObject): KubeObject => {
    next.metadata.resourceVersion = String((version += 1))
    const { deletionTimestamp, finalizers = [] } = next.metadata
    const isGone = deletionTimestamp !== undefined && finalizers.length === 0
    const type = isGone ? 'DELETED' : object === undefined ? 'ADDED' : 'MODIFIED'
    object = isGone ? undefined : next
    tell(type, next)
    return structuredClone(next)
  }
  const answer = async <T>(work: () => T): Promise<T> => {
    await clock.sleep(delayMs())
    const result = work()
    await clock.sleep(delayMs())
    return result
  }
  return {
    cluster: {
      get: () => answer(() => structuredClone(object)),
      patch: (_type, _ref, patch) =>
        answer(() => {
          if (object === undefined) throw new ApiError(404, 'NotFound', 'gone')
          const next = patched(structuredClone(object), patch)
          return isSame(next, object) ? structuredClone(object) : write(next)
        }),
    },
    stream: {
      events: async function* (signal) {
        while (!signal.aborted) {
          const next = events[0]
          if (next !== undefined && next.at <= clock.now()) {
            events.shift()
            yield next.event
            continue
          }
          const more = new Promise<void>((resolve) => (wake = resolve))
          const due = next === undefined ? more : clock.sleep(next.at - clock.now())
          await Promise.race([more, due])
        }
      },
    },
    object: () => object,
    create: (first) => void write(structuredClone(first)),
    edit: (change) => {
      if (object === undefined) return
      const next = structuredClone(object)
      const spec = JSON.stringify(next['spec'])
      change(next)
      if (JSON.stringify(next['spec']) !== spec) next.metadata.generation! += 1
      write(next)
    },
    remove: () => {
      if (object === undefined || object.metadata.deletionTimestamp !== undefined) return
      const next = structuredClone(object)
      next.metadata.deletionTimestamp = '2026-01-01T12:00:00Z'
      write(next)
    },
    close: () => wake(),
    interrupt: () => {
      const lost = events
      events = []
      if (lost.length === 0) return
      if (object !== undefined) return tell('MODIFIED', object)
      const gone = lost.findLast(({ event }) => event.type === 'DELETED')
      if (gone !== undefined) tell('DELETED', gone.event.object)
    },
  }
}

function patched(object: KubeObject, { type, body }: Patch): KubeObject {
  if (type === 'json') {
    for (const { op, path, value } of body as { op: string; path: string; value: unknown }[])
      if (op === 'test' && path === '/metadata/uid' && value !== object.metadata.uid)
        throw new ApiError(422, 'Invalid', 'the test failed')
      else if (op === 'add' && path === '/status') object['status'] = value
    return object
  }
  const { metadata } = body as { metadata: KubeObject['metadata'] }
  const { resourceVersion, ...changed } = metadata
  if (resourceVersion !== undefined && resourceVersion !== object.metadata.resourceVersion)
    throw new ApiError(409, 'Conflict', 'changed meanwhile')
  Object.assign(object.metadata, structuredClone(changed as JsonObject))
  return object
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
