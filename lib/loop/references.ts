// Which HelmReleases must be looked at when a ConfigMap or Secret changes? Keeps a watch on the metadata of those in the
// namespaces that somebody refers to, and tells what version each one is of, so that nobody has to read it to find out.
import { ApiError } from '../model/errors.ts'
import type { KubeObject } from '../model/json.ts'
import type { Clock, Cluster, Log, ResourceType } from '../model/ports.ts'
import { formatReference, type Reference } from '../plan/references.ts'
import { isLaterVersion, objectVersion } from '../util/version.ts'

export type ReferencesOptions = {
  cluster: Pick<Cluster, 'watch'>
  clock: Clock
  log: Log
  // Asks for a pass over this key.
  wake: (key: string) => void
}

/** What the values of a HelmRelease were put together from when they were last read, and the digest of what came of it. */
export type Reading = {
  // Of the part of the spec that says where values come from.
  of: string
  // By reference.
  versions: ReadonlyMap<string, string>
  digest: string
}

type Watch = {
  abort: AbortController
  place: Omit<Reference, 'name'>
  // The references in it that somebody follows, with those who do.
  keys: Map<string, Set<string>>
  // Of every object there is, by name.
  versions: Map<string, string>
  isSynced: boolean
}

// The version of what does not exist.
const absent = ''
// Somebody may have granted meanwhile what was forbidden.
const askAgainMs = 300_000

const core = { group: '', version: 'v1', namespaced: true }
// Helm's own Secrets come and go with every upgrade, and nobody takes values from them.
const kinds: Record<Reference['kind'], { type: ResourceType; fieldSelector?: string }> = {
  ConfigMap: { type: { ...core, plural: 'configmaps' } },
  Secret: {
    type: { ...core, plural: 'secrets' },
    fieldSelector: 'type!=helm.sh/release.v1',
  },
}

/** The ConfigMaps and Secrets that HelmReleases refer to. A key is followed from follow() to forget(). */
export class References {
  readonly #options: ReferencesOptions
  readonly #watches = new Map<string, Watch>()
  readonly #follows = new Map<string, readonly Reference[]>()
  readonly #readings = new Map<string, Reading>()
  #isClosed = false

  constructor(options: ReferencesOptions) {
    this.#options = options
  }

  /** The key refers to these, and to no others any more. Once closed, to none. */
  follow(key: string, wantedNow: readonly Reference[]): void {
    const references = this.#isClosed ? [] : wantedNow
    const before = this.#follows.get(key) ?? []
    const wanted = new Set(references.map(formatReference))
    this.#follows.set(key, references)
    for (const reference of references) this.#join(key, reference)
    for (const reference of before)
      if (!wanted.has(formatReference(reference))) this.#leave(key, reference)
  }

  /** The key is gone. */
  forget(key: string): void {
    this.follow(key, [])
    this.#follows.delete(key)
    this.#readings.delete(key)
  }

  /** The version that an object is of, empty when it does not exist; undefined when nobody watches it. */
  versionOf(reference: Reference): string | undefined {
    const watch = this.#watches.get(watchOf(reference))
    return watch?.isSynced ? (watch.versions.get(reference.name) ?? absent) : undefined
  }

  /** What a pass over the key has read: changes that lead there are no news. */
  note(key: string, reading: Reading): void {
    // A pass may end after its HelmRelease has gone.
    if (this.#follows.has(key)) this.#readings.set(key, reading)
  }

  noted(key: string): Reading | undefined {
    return this.#readings.get(key)
  }

  /** How many watches there are. */
  get size(): number {
    return this.#watches.size
  }

  /** Ends all watches, and opens none any more. */
  close(): void {
    this.#isClosed = true
    for (const key of [...this.#follows.keys()]) this.forget(key)
  }

  #join(key: string, reference: Reference): void {
    const id = watchOf(reference)
    const watch = this.#watches.get(id) ?? this.#open(id, reference)
    const text = formatReference(reference)
    watch.keys.set(text, (watch.keys.get(text) ?? new Set()).add(key))
  }

  #leave(key: string, reference: Reference): void {
    const id = watchOf(reference)
    const watch = this.#watches.get(id)
    const text = formatReference(reference)
    const keys = watch?.keys.get(text)
    keys?.delete(key)
    if (keys?.size === 0) watch?.keys.delete(text)
    if (watch === undefined || watch.keys.size > 0) return
    this.#watches.delete(id)
    watch.abort.abort()
  }

  #open(id: string, { kind, namespace }: Reference): Watch {
    const watch: Watch = {
      abort: new AbortController(),
      place: { kind, namespace },
      keys: new Map(),
      versions: new Map(),
      isSynced: false,
    }
    this.#watches.set(id, watch)
    void this.#run(watch)
    return watch
  }

  async #run(watch: Watch): Promise<void> {
    const { clock, log } = this.#options
    const { signal } = watch.abort
    for (let isNews = true; !signal.aborted; isNews = false) {
      try {
        await this.#read(watch, signal)
      } catch (error) {
        if (isNews && !signal.aborted)
          log.warn('cannot watch what releases refer to: changes count at the next sync', {
            ...watch.place,
            error: error instanceof ApiError ? error.message : String(error),
          })
      }
      watch.isSynced = false
      watch.versions.clear()
      await clock.sleep(askAgainMs, signal).catch(() => undefined)
    }
  }

  async #read(watch: Watch, signal: AbortSignal): Promise<void> {
    const { kind, namespace } = watch.place
    const { type, ...selector } = kinds[kind]
    const events = this.#options.cluster.watch(type, {
      ...selector,
      namespace,
      metadataOnly: true,
      untilForbidden: true,
      onSynced: () => this.#onSynced(watch),
      signal,
    })
    for await (const { type: change, object } of events) this.#onChange(watch, change, object)
  }

  #onChange({ place, keys, versions }: Watch, change: string, object: KubeObject): void {
    const { name } = object.metadata
    const version = change === 'DELETED' ? absent : objectVersion(object)
    if (version === absent) versions.delete(name)
    else versions.set(name, version)
    const text = formatReference({ ...place, name })
    for (const key of keys.get(text) ?? []) {
      const read = this.#readings.get(key)?.versions.get(text)
      if (read === undefined || isNews(version, read)) this.#options.wake(key)
    }
  }

  // Of what went before it was watched, no event tells.
  #onSynced(watch: Watch): void {
    watch.isSynced = true
    for (const [text, keys] of watch.keys) {
      const isThere = watch.versions.has(text.slice(text.lastIndexOf('/') + 1))
      for (const key of isThere ? [] : keys)
        if (this.#readings.get(key)?.versions.get(text)) this.#options.wake(key)
    }
  }
}

// A pass may have read what the watch has yet to tell.
function isNews(version: string, read: string): boolean {
  return version !== read && !isLaterVersion(read, version)
}

function watchOf({ kind, namespace }: Reference): string {
  return `${kind}/${namespace}`
}
