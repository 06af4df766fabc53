// The newest version of every HelmRelease, from the stream and from our own writes, whichever is later.
import type { KubeObject } from '../model/json.ts'
import type { Status } from '../model/status.ts'

// What the CRD of the operator before us does not keep of a status.
export type Memory = Pick<Status, 'history'> &
  Partial<Pick<Status, 'lastAttempt' | 'installFailures' | 'releaseNamespace'>>

export class ReleaseCache {
  /** Keys that somebody wants looked at: their spec or metadata was edited since the last pass. */
  readonly asked = new Set<string>()
  readonly #objects = new Map<string, KubeObject>()
  readonly #memories = new Map<string, { uid: string; memory: Memory }>()

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key)
  }

  /** Keeps the object unless a newer one is known; answers what was known before, or 'stale'. */
  put(key: string, object: KubeObject): KubeObject | undefined | 'stale' {
    const known = this.#objects.get(key)
    const isSame = known?.metadata.uid === object.metadata.uid
    if (known !== undefined && isSame && isOlder(object, known)) return 'stale'
    this.#objects.set(key, object)
    return known
  }

  /** Forgets the object; a late write of ours to an object that is gone does not bring it back. */
  delete(key: string): KubeObject | undefined {
    const known = this.#objects.get(key)
    this.#objects.delete(key)
    this.#memories.delete(key)
    this.asked.delete(key)
    return known
  }

  /** Keeps this beside the object of that uid; nothing when there is nothing to keep. */
  remember(key: string, uid: string, memory: Memory | undefined): void {
    if (memory === undefined) this.#memories.delete(key)
    else this.#memories.set(key, { uid, memory })
  }

  recall(key: string, uid: string): Memory | undefined {
    const found = this.#memories.get(key)
    return found?.uid === uid ? found.memory : undefined
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

// Versions of one object are comparable as numbers since Kubernetes 1.35 promises so, and were in fact ever before.
function isOlder(a: KubeObject, b: KubeObject): boolean {
  return versionOf(a) < versionOf(b)
}

function versionOf({ metadata }: KubeObject): bigint {
  return /^\d+$/.test(metadata.resourceVersion ?? '') ? BigInt(metadata.resourceVersion!) : 0n
}
