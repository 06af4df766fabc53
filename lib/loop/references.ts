// Which HelmReleases must be looked at when a ConfigMap or Secret changes? Keeps a watch on the metadata of those in the
// namespaces that HelmReleases refer to, one for each identity, and tells what version each object is of, so that it need not
// be read to find out.
import { formatIdentity, userOf, type Identity } from '../model/identity.ts'
import type { KubeObject } from '../model/json.ts'
import type { Clock, Cluster, Log, ResourceType } from '../model/ports.ts'
import { formatReference, type Reference } from '../plan/references.ts'
import { isLaterVersion, objectVersion } from '../util/version.ts'
import { keepWatching } from './keep-watching.ts'

export type ReferencesOptions = {
  accessAs: (identity: Identity) => { cluster: Pick<Cluster, 'watch'> }
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

type Place = Omit<Reference, 'name'> & { identity: Identity }
type Follow = { references: readonly Reference[]; identity: Identity }
type Watch = {
  abort: AbortController
  place: Place
  // The references in it that somebody follows, with those who do.
  keys: Map<string, Set<string>>
  // Of every object there is, by name.
  versions: Map<string, string>
  isSynced: boolean
}

// The version of what does not exist.
const absent = ''

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
  readonly #follows = new Map<string, Follow>()
  readonly #readings = new Map<string, Reading>()
  #isClosed = false

  constructor(options: ReferencesOptions) {
    this.#options = options
  }

  /** The key refers to these, and to no others any more; they are watched as this identity. Once closed, to none. */
  follow(key: string, wantedNow: readonly Reference[], identity: Identity): void {
    const references = this.#isClosed ? [] : wantedNow
    const before = this.#follows.get(key)
    this.#follows.set(key, { references, identity })
    for (const reference of references) this.#join(key, { ...reference, identity })
    const wanted = new Set(references.map((one) => objectOf({ ...one, identity })))
    for (const reference of before?.references ?? []) {
      const left = { ...reference, identity: before?.identity }
      if (!wanted.has(objectOf(left))) this.#leave(key, left)
    }
  }

  /** The key is gone. */
  forget(key: string): void {
    this.follow(key, [], undefined)
    this.#follows.delete(key)
    this.#readings.delete(key)
  }

  /** The version of an object as this identity sees it, empty when it does not exist; undefined when it is not watched. */
  versionOf(reference: Reference, identity: Identity): string | undefined {
    const watch = this.#watches.get(watchOf({ ...reference, identity }))
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

  #join(key: string, reference: Reference & Place): void {
    const id = watchOf(reference)
    const watch = this.#watches.get(id) ?? this.#open(id, reference)
    const text = formatReference(reference)
    watch.keys.set(text, (watch.keys.get(text) ?? new Set()).add(key))
  }

  #leave(key: string, reference: Reference & Place): void {
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

  #open(id: string, { kind, namespace, identity }: Place): Watch {
    const watch: Watch = {
      abort: new AbortController(),
      place: { kind, namespace, identity },
      keys: new Map(),
      versions: new Map(),
      isSynced: false,
    }
    this.#watches.set(id, watch)
    void this.#run(watch)
    return watch
  }

  async #run(watch: Watch): Promise<void> {
    const { kind, namespace, identity } = watch.place
    const run = {
      ...this.#options,
      warning: 'cannot watch what releases refer to: changes count at the next sync',
      fields: { kind, namespace, ...(identity && { as: userOf(identity) }) },
      signal: watch.abort.signal,
    }
    await keepWatching(run, async () => {
      try {
        await this.#read(watch)
      } finally {
        watch.isSynced = false
        watch.versions.clear()
      }
    })
  }

  async #read(watch: Watch): Promise<void> {
    const { kind, namespace, identity } = watch.place
    const { type, ...selector } = kinds[kind]
    const events = this.#options.accessAs(identity).cluster.watch(type, {
      ...selector,
      namespace,
      metadataOnly: true,
      untilForbidden: true,
      onSynced: () => this.#onSynced(watch),
      signal: watch.abort.signal,
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

function watchOf({ kind, namespace, identity }: Place): string {
  return `${formatIdentity(identity)} ${kind}/${namespace}`
}

function objectOf({ identity, ...reference }: Reference & Place): string {
  return `${formatIdentity(identity)} ${formatReference(reference)}`
}
