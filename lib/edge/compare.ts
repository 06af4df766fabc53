// What a complete list says about a stream: which objects are gone without a word, and whether it still tells anything.
import type { KubeObject } from '../model/json.ts'
import type { WatchEvent } from '../model/ports.ts'
import { objectVersion } from '../util/version.ts'
import { objectKey, type KnownObjects } from './known.ts'

// Identity and version by key.
export type Versions = ReadonlyMap<string, string>

/** A DELETED for each object that was known when the list was asked for, has not changed since, and is not in it. */
export function findGone(
  known: KnownObjects,
  then: Versions,
  items: readonly KubeObject[],
): WatchEvent[] {
  const listed = new Set(items.map(objectKey))
  const missing = [...then.keys()].filter((key) => !listed.has(key))
  return known.remove(missing, then)
}

/** What the list holds and the stream has not told, as yet or at all. */
export function findUntold(known: KnownObjects, items: readonly KubeObject[]): Versions {
  const told = known.versions()
  const untold = items.filter((item) => told.get(objectKey(item)) !== objectVersion(item))
  return new Map(untold.map((item) => [objectKey(item), objectVersion(item)]))
}

/** Whether something that was untold before is still untold: the stream is deaf, not slow. */
export function isDeaf(untold: Versions, before: Versions): boolean {
  return [...untold].some(([key, version]) => before.get(key) === version)
}
