// Where the objects are: one collection per resource, one counter of versions for all of them, and who wants to know.
// Objects in the store are never changed in place: whoever holds one may keep it.
import { createEventLog, type EventLog } from './eventlog.ts'
import type { ReportError } from './failure.ts'
import { expired } from './status.ts'
import type { ChangeEvent, Obj, ResourceDefinition } from './types.ts'

export type Collection = {
  readonly log: EventLog
  get(namespace: string | undefined, name: string): Obj | undefined
  // In the order of Kubernetes: by namespace, then name.
  keys(namespace?: string): readonly string[]
  at(key: string): Obj | undefined
  readonly size: number
  // Calls once, after the next change; returns the function that takes the call back.
  onChange(wake: () => void): () => void
  // Calls those who wait for a change without one.
  wake(): void
}

export interface Store {
  readonly version: number
  collection(definition: ResourceDefinition): Collection
  collections(): Iterable<Collection>
  // Give the object its resourceVersion, keep it, tell everybody.
  put(definition: ResourceDefinition, object: Obj): Obj
  remove(definition: ResourceDefinition, object: Obj): Obj
  // Where an owner lives, by its uid.
  ofUid(uid: string): Obj | undefined
  subscribe(listener: (event: ChangeEvent) => void): () => void
}

// Two API groups show the same events, so they are kept in one place.
const sharedStorage: Record<string, string> = { 'events.k8s.io/events': '/events' }

function storageKey({ group, plural }: ResourceDefinition): string {
  const key = `${group}/${plural}`
  return sharedStorage[key] ?? key
}

export function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`
}

/** An empty store. A watch that starts more than `window` changes ago in a collection is told that it is too late. */
export function createStore({
  window,
  now,
  report,
}: {
  window: number
  now: () => number
  report: ReportError
}): Store {
  const collections = new Map<string, OwnCollection>()
  const uids = new Map<string, Obj>()
  const announce = createAnnouncer(report)
  // A fresh etcd starts at 1, and 0 means "any version" to clients.
  let version = 1
  const collection = (definition: ResourceDefinition): OwnCollection => {
    const key = storageKey(definition)
    const known = collections.get(key) ?? createCollection(window, now)
    collections.set(key, known)
    return known
  }
  const stamped = (object: Obj): Obj => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(++version) },
  })
  return {
    get version() {
      return version
    },
    collection,
    collections: () => collections.values(),
    put(definition, unstamped) {
      const object = stamped(unstamped)
      const before = collection(definition).put(object, version)
      if (object.metadata.uid !== undefined) uids.set(object.metadata.uid, object)
      announce.tell(
        before === undefined
          ? { type: 'ADDED', definition, object }
          : { type: 'MODIFIED', definition, object, before },
      )
      return object
    },
    remove(definition, unstamped) {
      const object = stamped(unstamped)
      const before = collection(definition).remove(object, version) ?? unstamped
      if (object.metadata.uid !== undefined) uids.delete(object.metadata.uid)
      announce.tell({ type: 'DELETED', definition, object, before })
      return object
    },
    ofUid: (uid) => uids.get(uid),
    subscribe: (listener) => announce.subscribe(listener),
  }
}

// Listeners change the store themselves; everybody still hears of the changes in the order in which they happened, whatever
// goes wrong in another listener.
function createAnnouncer(report: ReportError): {
  tell(event: ChangeEvent): void
  subscribe(listener: (event: ChangeEvent) => void): () => void
} {
  const listeners = new Set<(event: ChangeEvent) => void>()
  const waiting: ChangeEvent[] = []
  let busy = false
  return {
    tell(event) {
      waiting.push(event)
      if (busy) return
      busy = true
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        for (const listener of listeners)
          try {
            listener(next)
          } catch (error) {
            report(error)
          }
      busy = false
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

type OwnCollection = Collection & {
  put(object: Obj, version: number): Obj | undefined
  remove(object: Obj, version: number): Obj | undefined
}

function createCollection(window: number, now: () => number): OwnCollection {
  const objects = new Map<string, Obj>()
  const log = createEventLog(window)
  const wakers = new Set<() => void>()
  // Made when somebody lists first; from then on replaced, never changed, so that whoever walks through it may go on.
  let sorted: readonly string[] | undefined
  const wake = (): void => {
    const calls = [...wakers]
    wakers.clear()
    for (const call of calls) call()
  }
  const keyOfObject = ({ metadata }: Obj): string => keyOf(metadata.namespace, metadata.name)
  return {
    log,
    get: (namespace, name) => objects.get(keyOf(namespace, name)),
    at: (key) => objects.get(key),
    keys(namespace) {
      sorted ??= [...objects.keys()].sort()
      return namespace === undefined ? sorted : withPrefix(sorted, `${namespace}/`)
    },
    get size() {
      return objects.size
    },
    wake,
    onChange(call) {
      wakers.add(call)
      return () => wakers.delete(call)
    },
    put(object, version) {
      const key = keyOfObject(object)
      const before = objects.get(key)
      objects.set(key, object)
      if (before === undefined) sorted = sorted?.toSpliced(firstNotBelow(sorted, key), 0, key)
      log.append(
        before === undefined
          ? { version, at: now(), type: 'ADDED', object }
          : { version, at: now(), type: 'MODIFIED', object, before },
      )
      wake()
      return before
    },
    remove(object, version) {
      const key = keyOfObject(object)
      const before = objects.get(key)
      if (objects.delete(key)) sorted = sorted?.toSpliced(firstNotBelow(sorted, key), 1)
      log.append({ version, at: now(), type: 'DELETED', object, before: before ?? object })
      wake()
      return before
    },
  }
}

function withPrefix(sorted: readonly string[], prefix: string): readonly string[] {
  const first = firstNotBelow(sorted, prefix)
  // '0' follows '/' and no name contains either.
  return sorted.slice(first, firstNotBelow(sorted, `${prefix.slice(0, -1)}0`))
}

export function firstNotBelow(sorted: readonly string[], wanted: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}

/** The collection as it was at an earlier version, as keys in order and objects; throws 410 when that is forgotten. */
export function snapshotAt(
  collection: Collection,
  version: number,
): { keys: readonly string[]; at: (key: string) => Obj | undefined } {
  if (version < collection.log.forgotten)
    throw expired(`The provided continue parameter is too old to display a consistent list result`)
  const past = new Map<string, Obj | undefined>()
  for (const { object, before } of collection.log.since(version))
    past.set(keyOf(object.metadata.namespace, object.metadata.name), before)
  if (past.size === 0) return { keys: collection.keys(), at: collection.at }
  const keys = new Set(collection.keys())
  for (const [key, object] of past) {
    if (object === undefined) keys.delete(key)
    else keys.add(key)
  }
  return {
    keys: [...keys].sort(),
    at: (key) => (past.has(key) ? past.get(key) : collection.at(key)),
  }
}
