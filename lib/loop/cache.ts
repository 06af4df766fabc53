// The newest version of every HelmRelease, from the stream and from our own writes, whichever is later.
import type { KubeObject } from '../model/json.ts'

export class ReleaseCache {
  readonly #objects = new Map<string, KubeObject>()

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
    return known
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
