// The newest version of every HelmRelease, from the stream and from the answers to our own writes, whichever is later. An edit
// may come first with either of them, so both are compared with what was told before.
import type { KubeObject } from '../model/json.ts'
import type { Memory } from '../model/memory.ts'
import { digestJson } from '../util/digest.ts'
import { objectVersion } from '../util/version.ts'

// What the CRD of the operator before us does not keep of a status.
type Lost = Pick<Memory, 'history'> &
  Partial<Pick<Memory, 'lastAttempt' | 'journal' | 'installFailures' | 'releaseNamespace'>>

export type CacheListener = {
  // Called with every new version of an object.
  onSeen: (key: string, object: KubeObject) => void
  // Called when what is asked for differs from what was told last, if anything was.
  onEdited: (key: string, object: KubeObject, told: Told | undefined) => void
}
// What an object asked for when the listener was last called for it.
type Told = { digest: string; isDeleting: boolean }

export class ReleaseCache {
  /** Keys that somebody wants looked at: their spec or metadata was edited since the last pass. */
  readonly asked = new Set<string>()
  readonly #objects = new Map<string, KubeObject>()
  readonly #lost = new Map<string, { uid: string; lost: Lost }>()
  readonly #told = new Map<string, Told>()
  #listener: CacheListener | undefined

  /** Has the listener called from now on; there is one at a time. */
  listen(listener: CacheListener): void {
    this.#listener = listener
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key)
  }

  /** Keeps the object unless the same or a newer version of it is known. */
  put(key: string, object: KubeObject): void {
    const known = this.#objects.get(key)
    if (known !== undefined && !isNews(object, known)) return
    this.#objects.set(key, object)
    this.#listener?.onSeen(key, object)
    const digest = digestJson(wishOf(object))
    const told = this.#told.get(key)
    if (told?.digest === digest) return
    const isDeleting = object.metadata.deletionTimestamp !== undefined
    this.#told.set(key, { digest, isDeleting })
    this.#listener?.onEdited(key, object, told)
  }

  /** Forgets the object; a late write of ours to an object that is gone does not bring it back. */
  delete(key: string): KubeObject | undefined {
    const known = this.#objects.get(key)
    this.#objects.delete(key)
    this.#lost.delete(key)
    this.#told.delete(key)
    this.asked.delete(key)
    return known
  }

  /** Keeps this beside the object of that uid; nothing when there is nothing to keep. */
  remember(key: string, uid: string, lost: Lost | undefined): void {
    if (lost === undefined) this.#lost.delete(key)
    else this.#lost.set(key, { uid, lost })
  }

  recall(key: string, uid: string): Lost | undefined {
    const found = this.#lost.get(key)
    return found?.uid === uid ? found.lost : undefined
  }

  /** Only replaces: for what the API server answers to our own writes. */
  update(key: string, object: KubeObject): void {
    if (this.#objects.get(key)?.metadata.uid === object.metadata.uid) this.put(key, object)
  }

  keys(): string[] {
    return [...this.#objects.keys()]
  }

  values(): KubeObject[] {
    return [...this.#objects.values()]
  }
}

// What people and other tools ask for: neither the status nor versions and bookkeeping of fields. The generation counts every
// edit of the spec, also one that was undone before it was seen.
function wishOf({ metadata, spec }: KubeObject): unknown {
  const { uid, generation, deletionTimestamp, labels, annotations } = metadata
  return { uid, generation, deletionTimestamp, labels, annotations, spec }
}

// Versions of one object are comparable as numbers since Kubernetes 1.35 promises so, and were in fact ever before.
function isNews(object: KubeObject, known: KubeObject): boolean {
  if (objectVersion(object) === objectVersion(known)) return false
  return object.metadata.uid !== known.metadata.uid || versionOf(object) >= versionOf(known)
}

function versionOf({ metadata }: KubeObject): bigint {
  return /^\d+$/.test(metadata.resourceVersion ?? '') ? BigInt(metadata.resourceVersion!) : 0n
}
