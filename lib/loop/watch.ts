// Which changes of a HelmRelease are worth a pass? All but those of its status, which are our own.
import type { KubeObject } from '../model/json.ts'
import { formatKey, type ReleaseKey } from '../model/key.ts'
import type { ReleaseStream, WatchEvent } from '../model/ports.ts'
import { isSameJson } from '../util/equal.ts'
import type { ReleaseCache } from './cache.ts'
import type { WorkQueue } from './queue.ts'

type Watch = {
  group: string
  stream: ReleaseStream
  cache: ReleaseCache
  queue: WorkQueue
  // Called with every new version of an object.
  onSeen: (key: string, object: KubeObject) => void
  // Called when somebody asked for the deletion of an object: its running work is of no use any more.
  onDeleting: (key: string) => void
  // Called when an object is gone, with what was last known of it.
  onDeleted: (key: string, last: KubeObject) => void
  // Called when one of these, or this watch itself, cannot cope with an object.
  onFault: (key: string, error: unknown) => void
  signal: AbortSignal
}

/** Feeds the cache and the queue from one group's stream until aborted. */
export async function watchReleases(watch: Watch): Promise<void> {
  for await (const event of watch.stream.events(watch.signal)) {
    try {
      take(watch, event)
    } catch (error) {
      // Whatever is wrong with this object, the others are told of after it.
      watch.onFault(formatKey(keyOf(watch.group, event.object)), error)
    }
  }
}

function take(watch: Watch, { type, object }: WatchEvent): void {
  const key = formatKey(keyOf(watch.group, object))
  if (type === 'DELETED') {
    watch.onDeleted(key, lastKnown(object, watch.cache.delete(key)))
    return
  }
  const before = watch.cache.put(key, object)
  if (before !== 'stale') watch.onSeen(key, object)
  if (before === 'stale' || (before !== undefined && !isWorthAPass(before, object))) return
  if (isGoing(object) && !(before && isGoing(before))) watch.onDeleting(key)
  if (before !== undefined) watch.cache.asked.add(key)
  watch.queue.add(key)
}

function keyOf(group: string, { metadata }: KubeObject): ReleaseKey {
  return { group, namespace: metadata.namespace ?? 'default', name: metadata.name }
}

// A stream that was down when an object went tells its name only.
function lastKnown(told: KubeObject, cached: KubeObject | undefined): KubeObject {
  const isIt = cached?.metadata.uid === told.metadata.uid
  return cached !== undefined && isIt && !('spec' in told) ? cached : told
}

function isGoing({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined
}

function isWorthAPass(before: KubeObject, after: KubeObject): boolean {
  return !isSameJson(wishOf(before), wishOf(after))
}

// What people and other tools say about an object; status, versions and bookkeeping of fields are not wishes.
function wishOf({ metadata, spec }: KubeObject): unknown {
  const { uid, deletionTimestamp, labels, annotations } = metadata
  return { uid, deletionTimestamp, labels, annotations, spec }
}
