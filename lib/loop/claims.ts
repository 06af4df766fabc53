// Which HelmReleases want the same release of Helm? Several may: two generations of one object during a migration, or a mistake.
import { parseKey } from '../model/key.ts'

export class Claims {
  readonly #groups: readonly string[]
  readonly #keys = new Map<string, Set<string>>()
  readonly #releases = new Map<string, string>()

  /** groups: API groups, the one that wins over the others first. */
  constructor(groups: readonly string[]) {
    this.#groups = groups
  }

  /** The key wants this release ("namespace/name"), and no other any more. */
  set(key: string, release: string): void {
    if (this.#releases.get(key) === release) return
    this.delete(key)
    this.#releases.set(key, release)
    this.#keys.set(release, (this.#keys.get(release) ?? new Set()).add(key))
  }

  delete(key: string): void {
    const release = this.#releases.get(key)
    if (release === undefined) return
    this.#releases.delete(key)
    const keys = this.#keys.get(release)
    keys?.delete(key)
    if (keys?.size === 0) this.#keys.delete(release)
  }

  /** Every key that wants this release. */
  keysOf(release: string): readonly string[] {
    return [...(this.#keys.get(release) ?? [])]
  }

  /**
   * The same object in a newer generation's group, if it wants the same release: people migrate by creating the new object
   * beside the old one. undefined when there is none.
   */
  successorOf(key: string): string | undefined {
    const { group, namespace, name } = parseKey(key)
    const release = this.#releases.get(key)
    if (release === undefined) return undefined
    return this.keysOf(release).find((other) => {
      const it = parseKey(other)
      const isNewer = this.#groups.indexOf(it.group) < this.#groups.indexOf(group)
      return isNewer && it.namespace === namespace && it.name === name
    })
  }
}
