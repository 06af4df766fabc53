// Watches Helm's storage where HelmReleases keep their releases, as the identity of each: a rollback or uninstall by hand is
// noticed at once. HelmReleases with one identity and namespace share a watch.
import { formatIdentity, userOf, type Identity } from '../model/identity.ts'
import type { Clock, Log } from '../model/ports.ts'
import type { SharedDeps } from './deps.ts'
import { keepWatching } from './keep-watching.ts'

export type StorageWatchesOptions = {
  accessAs: SharedDeps['accessAs']
  clock: Clock
  log: Log
  // keys: those that follow the watch. What one identity is told is no business of others.
  onChange: (namespace: string, releaseName: string, keys: ReadonlySet<string>) => void
}

// Without a namespace: all of them.
export type StoragePlace = { identity: Identity; namespace?: string }
type Watch = { abort: AbortController; keys: Set<string> }

/** A key is followed from follow() to forget(). */
export class StorageWatches {
  readonly #options: StorageWatchesOptions
  readonly #watches = new Map<string, Watch>()
  readonly #follows = new Map<string, string>()
  #isClosed = false

  constructor(options: StorageWatchesOptions) {
    this.#options = options
  }

  /** The release of this key is kept there, and nowhere else any more. Does nothing once closed. */
  follow(key: string, place: StoragePlace): void {
    if (this.#isClosed) return
    const id = idOf(place)
    const before = this.#follows.get(key)
    if (before === id) return
    const watch = this.#watches.get(id) ?? this.#open(id, place)
    watch.keys.add(key)
    this.forget(key)
    this.#follows.set(key, id)
  }

  forget(key: string): void {
    const id = this.#follows.get(key)
    if (id === undefined) return
    this.#follows.delete(key)
    const watch = this.#watches.get(id)
    watch?.keys.delete(key)
    if (watch === undefined || watch.keys.size > 0) return
    this.#watches.delete(id)
    watch.abort.abort()
  }

  /** How many watches there are. */
  get size(): number {
    return this.#watches.size
  }

  close(): void {
    this.#isClosed = true
    for (const key of [...this.#follows.keys()]) this.forget(key)
  }

  #open(id: string, { identity, namespace }: StoragePlace): Watch {
    const watch = { abort: new AbortController(), keys: new Set<string>() }
    this.#watches.set(id, watch)
    const { accessAs, clock, log } = this.#options
    const onChange = (where: string, releaseName: string): void =>
      this.#options.onChange(where, releaseName, watch.keys)
    const { signal } = watch.abort
    const place = namespace === undefined ? {} : { namespace }
    const run = {
      ...{ clock, log, signal },
      warning: "cannot watch Helm's storage: what others do to releases counts at the next sync",
      fields: { ...place, ...(identity && { as: userOf(identity) }) },
    }
    void keepWatching(run, () => accessAs(identity).storage.watch({ ...place, onChange, signal }))
    return watch
  }
}

function idOf({ identity, namespace = '' }: StoragePlace): string {
  return `${formatIdentity(identity)} ${namespace}`
}
