// Watches: a stream of one JSON event a line, read from the collection's log by a cursor, so that a slow reader costs no
// memory and thousands of watchers copy nothing. Pulled by whoever sends the stream: that is its back-pressure.
import { Buffer } from 'node:buffer'
import { isTrue, numberOf, type Ask } from './ask.ts'
import type { Presenter } from './present.ts'
import { readVersion, selectionOf, tooOld, type Selection } from './read.ts'
import type { LogEntry } from './eventlog.ts'
import { invalidOptions, statusOf } from './status.ts'
import { keyOf, type Collection } from './store.ts'
import type { Obj, ResourceDefinition } from './types.ts'
import { apiVersionOf } from './names.ts'
import { withMeta, type World } from './world.ts'

export type Watch = {
  definition: ResourceDefinition
  collection: Collection
  selection: Selection
  presenter: Presenter
  // Undefined: start with what is there now.
  from: number | undefined
  bookmarks: boolean
  // Mark the end of what was there at the start.
  markInitialEnd: boolean
  timeoutMs: number
}

const minute = 60_000
// A client that pulls gets what has gathered, up to about this much at once.
const chunkBytes = 64 * 1024

/** Reads from a request what to watch; throws StatusError for parameters that contradict each other. */
export function watchOf(world: World, ask: Ask, presenter: Presenter): Watch {
  const { query, definition } = ask
  const text = query.get('resourceVersion') ?? ''
  const bookmarks = isTrue(query.get('allowWatchBookmarks'))
  const initial = query.get('sendInitialEvents')
  checkInitial(initial, query.get('resourceVersionMatch') ?? '')
  // One that is still to come is waited for.
  const version = readVersion(text)
  const fromNow = initial === null ? version === undefined || version === 0 : isTrue(initial)
  const seconds = numberOf(query, 'timeoutSeconds')
  return {
    definition,
    collection: world.store.collection(definition),
    selection: selectionOf(ask),
    presenter,
    from: fromNow ? undefined : version || world.store.version,
    bookmarks,
    markInitialEnd: isTrue(initial) && bookmarks,
    // A real server lets watches run between 30 and 60 minutes, so that they spread out.
    timeoutMs: seconds ? seconds * 1000 : (30 + world.random() * 30) * minute,
  }
}

function checkInitial(initial: string | null, match: string): void {
  const wrong = (field: string, why: string): Error =>
    invalidOptions('ListOptions', {
      field,
      reason: 'FieldValueForbidden',
      message: `Forbidden: ${why}`,
    })
  if (initial === null && match !== '')
    throw wrong(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
    )
  if (initial !== null && match !== 'NotOlderThan')
    throw wrong(
      'resourceVersionMatch',
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    )
}

/** The events of a watch, until its time is over, the log has forgotten where it was, or the signal says so. */
export function streamWatch(
  world: World,
  watch: Watch,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const reader = createCursor(world, watch)
  const stops: (() => void)[] = []
  let wake: (() => void) | undefined
  let closed = false
  const stop = (): void => {
    closed = true
    for (const end of stops) end()
    signal.removeEventListener('abort', stop)
    wake?.()
  }
  const nudge = (): void => wake?.()
  return new ReadableStream<Uint8Array>(
    {
      start() {
        signal.addEventListener('abort', stop)
        stops.push(world.clock.after(watch.timeoutMs, () => (reader.end(), nudge())))
        stops.push(everyMinute(world, () => (reader.bookmark(), nudge())))
      },
      async pull(controller) {
        for (;;) {
          const chunk = closed ? undefined : reader.read()
          if (chunk) return controller.enqueue(Buffer.from(chunk))
          if (closed || reader.ended) {
            stop()
            return controller.close()
          }
          await new Promise<void>((resolve) => {
            const forget = watch.collection.onChange(resolve)
            wake = () => (forget(), resolve())
          })
        }
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  )
}

function everyMinute(world: World, run: () => void): () => void {
  let cancel = world.clock.after(minute, function again() {
    run()
    cancel = world.clock.after(minute, again)
  })
  return () => cancel()
}

type Cursor = {
  readonly ended: boolean
  // Text to send, empty when there is nothing new.
  read(): string
  bookmark(): void
  end(): void
}

function createCursor(world: World, watch: Watch): Cursor {
  const { collection, selection, presenter } = watch
  let version = watch.from ?? world.store.version
  let initial = watch.from === undefined ? initialObjects(watch) : undefined
  let [ended, over, bookmarkDue, first] = [false, false, false, true]
  const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`
  const event = (type: string, object: Obj): string => {
    const text = line(type, presenter.event(object, first))
    first = false
    return text
  }
  const bookmark = (annotations?: Record<string, string>): string => {
    const kind = { kind: watch.definition.kind, apiVersion: apiVersionOf(watch.definition) }
    const metadata = {
      resourceVersion: String(version),
      ...(annotations === undefined ? {} : { annotations }),
    }
    return event('BOOKMARK', { ...kind, metadata } as unknown as Obj)
  }
  const readInitial = (text: string, objects: Iterator<Obj>): string => {
    while (text.length < chunkBytes) {
      const next = objects.next()
      if (next.done) {
        initial = undefined
        return watch.markInitialEnd
          ? text + bookmark({ 'k8s.io/initial-events-end': 'true' })
          : text
      }
      text += event('ADDED', next.value)
    }
    return text
  }
  const readLog = (text: string): string => {
    // The kind is gone, and with it everything to watch.
    if (isRetired(world, watch.definition)) ended = true
    if (version < collection.log.forgotten) {
      ended = true
      return text + line('ERROR', statusOf(tooOld(version, collection.log.forgotten)))
    }
    for (let next = collection.log.after(version); next; next = collection.log.after(version)) {
      version = next.version
      const seen = visible(next, selection)
      if (seen !== undefined) text += event(seen.type, seen.object)
      if (text.length >= chunkBytes) return text
    }
    return text
  }
  return {
    get ended() {
      return ended
    },
    read() {
      if (ended) return ''
      let text = initial === undefined ? '' : readInitial('', initial)
      // A chunk that is full may leave some of what was there for the next one: changes come after all of that.
      if (text.length < chunkBytes) text = readLog(text)
      if (watch.bookmarks && (bookmarkDue || over) && !ended && text === '') {
        version = Math.max(version, world.store.version)
        text = bookmark()
      }
      bookmarkDue = false
      ended ||= over
      return text
    },
    bookmark: () => (bookmarkDue = true),
    end: () => (over = true),
  }
}

function isRetired(
  { registry }: World,
  { custom, group, version, plural }: ResourceDefinition,
): boolean {
  return custom && registry.find(group, version, plural) === undefined
}

// A snapshot of references: what changes while they are sent comes as changes afterwards.
function initialObjects({ collection, selection }: Watch): Iterator<Obj> {
  const { name, namespace } = selection
  const keys =
    name !== undefined && namespace !== undefined
      ? [keyOf(namespace, name)]
      : collection.keys(namespace)
  return keys
    .map((key) => collection.at(key))
    .filter((object) => object !== undefined && selection.matches(object))
    .values() as Iterator<Obj>
}

// An object that begins or ceases to match comes and goes, as far as the client can see.
function visible(
  { type, object, before }: LogEntry,
  { matches }: Selection,
): { type: string; object: Obj } | undefined {
  const now = type !== 'DELETED' && matches(object)
  const then = before !== undefined && matches(before)
  if (now) return { type: then ? 'MODIFIED' : 'ADDED', object }
  if (!then) return undefined
  if (type === 'DELETED') return { type, object }
  return {
    type: 'DELETED',
    object: withMeta(before, { resourceVersion: object.metadata.resourceVersion }),
  }
}
