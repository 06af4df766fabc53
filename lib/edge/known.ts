// What a watch has told so far, so that it can tell what changed while it was not looking.
import type { KubeObject } from '../model/json.ts'
import type { WatchEvent } from '../model/ports.ts'
import { objectVersion } from '../util/version.ts'

export type KnownObjects = {
  // What a reader has not been told yet: nothing for a repetition, two events when a name was used anew.
  apply(event: WatchEvent): WatchEvent[]
  // The same for a complete list, with a DELETED for everything that is in it no more.
  replace(items: readonly KubeObject[]): WatchEvent[]
  // Identity and version of each object by key.
  versions(): ReadonlyMap<string, string>
  // The objects of these keys, as far as they still are what they were then, are gone.
  remove(keys: readonly string[], then: ReadonlyMap<string, string>): WatchEvent[]
  keys(): string[]
}

/** The key of an object among others of its kind: "namespace/name", or "name". */
export function objectKey({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`
}

/** Starts knowing nothing; of each object, only what a DELETED needs is kept. */
export function createKnownObjects(): KnownObjects {
  const known = new Map<string, KubeObject>()
  const forget = (key: string, last?: KubeObject): WatchEvent[] => {
    const object = known.get(key)
    known.delete(key)
    return object ? [{ type: 'DELETED', object: last ?? object }] : []
  }
  const learn = (object: KubeObject): WatchEvent[] => {
    const key = objectKey(object)
    const before = known.get(key)
    if (before && objectVersion(before) === objectVersion(object)) return []
    const isAnother = before !== undefined && before.metadata.uid !== object.metadata.uid
    const gone = isAnother ? forget(key) : []
    known.set(key, stub(object))
    return [...gone, { type: before && !isAnother ? 'MODIFIED' : 'ADDED', object }]
  }
  return {
    apply: ({ type, object }) => {
      if (type !== 'DELETED') return learn(object)
      const key = objectKey(object)
      // The end of an earlier object of this name, told already when the later one came.
      if (known.get(key)?.metadata.uid !== object.metadata.uid) return []
      return forget(key, object)
    },
    replace: (items) => {
      const listed = new Set(items.map(objectKey))
      const gone = [...known.keys()].filter((key) => !listed.has(key))
      return [...gone.flatMap((key) => forget(key)), ...items.flatMap(learn)]
    },
    versions: () => new Map([...known].map(([key, object]) => [key, objectVersion(object)])),
    remove: (keys, then) =>
      keys.flatMap((key) => {
        const object = known.get(key)
        return object && objectVersion(object) === then.get(key) ? forget(key) : []
      }),
    keys: () => [...known.keys()],
  }
}

// kubectl apply writes a copy of the object into an annotation: for a Secret, what must not lie around in memory.
const copyOfObject = 'kubectl.kubernetes.io/last-applied-configuration'

function stub({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { managedFields: _, annotations, ...kept } = metadata
  if (annotations === undefined) return { apiVersion, kind, metadata: kept }
  const { [copyOfObject]: __, ...others } = annotations
  return { apiVersion, kind, metadata: { ...kept, annotations: others } }
}
