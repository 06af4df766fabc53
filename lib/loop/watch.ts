// From the stream into the cache, and from the cache into the queue: which changes of a HelmRelease are worth a pass?
import type { KubeObject } from '../model/json.ts'
import { formatKey, type ReleaseKey } from '../model/key.ts'
import type { ReleaseStream, WatchEvent } from '../model/ports.ts'
import type { Urgency } from '../util/fair-queue.ts'
import type { ReleaseCache } from './cache.ts'
import type { WorkQueue } from './queue.ts'

type Watch = {
  group: string
  stream: ReleaseStream
  cache: ReleaseCache
  // Called when an object is gone, with what was last known of it.
  onDeleted: (key: string, last: KubeObject) => void
  // Called when one of these, or this watch itself, cannot cope with an object.
  onFault: (key: string, error: unknown) => void
  signal: AbortSignal
}

type Wiring = {
  cache: ReleaseCache
  queue: WorkQueue
  // Called with every new version of an object.
  onSeen: (key: string, object: KubeObject) => void
  // Called when the deletion of an object has been asked for: its running work is of no use any more.
  onDeleting: (key: string) => void
}

/** Feeds the cache from one group's stream until aborted. */
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
  if (type === 'DELETED') watch.onDeleted(key, lastKnown(object, watch.cache.delete(key)))
  else watch.cache.put(key, object)
}

/** Has a pass made for every edit, whether the stream tells of it first or the answer to a write of our own. */
export function queueEdits({ cache, queue, onSeen, onDeleting }: Wiring): void {
  cache.listen({
    onSeen,
    onEdited: (key, object, told) => {
      if (object.metadata.deletionTimestamp !== undefined && !told?.isDeleting) onDeleting(key)
      if (told !== undefined) {
        cache.asked.add(key)
        // What somebody has changed fails for the first time.
        queue.forget(key)
      }
      queue.add(key, urgencyOf(object, told !== undefined))
    },
  })
}

// What the operator before us has come to already, a start only looks at anew.
function urgencyOf({ metadata, status }: KubeObject, isEdit: boolean): Urgency {
  if (isEdit || metadata.deletionTimestamp !== undefined) return 'asked'
  const { observedGeneration } = (status ?? {}) as { observedGeneration?: number }
  return observedGeneration === metadata.generation ? 'later' : 'first'
}

function keyOf(group: string, { metadata }: KubeObject): ReleaseKey {
  return { group, namespace: metadata.namespace ?? 'default', name: metadata.name }
}

// A stream that was down when an object went tells its name only.
function lastKnown(told: KubeObject, cached: KubeObject | undefined): KubeObject {
  const isIt = cached?.metadata.uid === told.metadata.uid
  return cached !== undefined && isIt && !('spec' in told) ? cached : told
}
