// Which changes of a HelmRelease are worth a pass? All but those of its status, which are our own.
import type { KubeObject } from '../model/json.ts'
import { formatKey, type ReleaseKey } from '../model/key.ts'
import type { ReleaseStream } from '../model/ports.ts'
import { canonicalJson } from '../util/digest.ts'
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
  signal: AbortSignal
}

/** Feeds the cache and the queue from one group's stream until aborted. */
export async function watchReleases(watch: Watch): Promise<void> {
  for await (const { type, object } of watch.stream.events(watch.signal)) {
    const key = formatKey(keyOf(watch.group, object))
    if (type === 'DELETED') {
      watch.onDeleted(key, lastKnown(object, watch.cache.delete(key)))
      continue
    }
    const before = watch.cache.put(key, object)
    if (before !== 'stale') watch.onSeen(key, object)
    if (before === 'stale' || (before !== undefined && !isWorthAPass(before, object))) continue
    if (isGoing(object) && !(before && isGoing(before))) watch.onDeleting(key)
    if (before !== undefined) watch.cache.asked.add(key)
    watch.queue.add(key)
  }
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
  return canonicalJson(wishOf(before)) !== canonicalJson(wishOf(after))
}

// What people and other tools say about an object; status, versions and bookkeeping of fields are not wishes.
function wishOf({ metadata, spec }: KubeObject): unknown {
  const { uid, deletionTimestamp, labels, annotations } = metadata
  return { uid, deletionTimestamp, labels, annotations, spec }
}
