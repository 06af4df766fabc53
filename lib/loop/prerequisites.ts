// Which HelmReleases are worth another attempt when a kind or a namespace appears? Keeps a watch on the metadata of definitions,
// or of namespaces, as long as some release waits for one.
import { ApiError } from '../model/errors.ts'
import type { KubeObject } from '../model/json.ts'
import type { Clock, Cluster, Log, ResourceType } from '../model/ports.ts'
import type { Prerequisite } from '../model/memory.ts'
import { isSameJson } from '../util/equal.ts'

export type PrerequisitesOptions = {
  cluster: Pick<Cluster, 'watch' | 'resourceFor'>
  clock: Clock
  log: Log
  // Asks for an attempt.
  wake: (key: string) => void
}

type Place = 'definitions' | 'namespaces'
type Watch = {
  abort: AbortController
  // The names of what is there and not about to go.
  present: Set<string>
  isSynced: boolean
}
// What a key waits for, and whether it was woken for it already.
type Follow = { wanted: readonly Prerequisite[]; isWoken: boolean; isLooking: boolean }

const types: Record<Place, ResourceType> = {
  definitions: {
    ...{ group: 'apiextensions.k8s.io', version: 'v1' },
    ...{ plural: 'customresourcedefinitions', namespaced: false },
  },
  namespaces: { group: '', version: 'v1', plural: 'namespaces', namespaced: false },
}
// Somebody may have granted meanwhile what was forbidden; until then there is the next attempt.
const askAgainMs = 300_000
// A kind is served a moment after its definition was accepted.
const lookMs = 500
const mostLooks = 20

/** What releases wait for that is not there. A key is followed until it waits for nothing any more. */
export class Prerequisites {
  readonly #options: PrerequisitesOptions
  readonly #follows = new Map<string, Follow>()
  readonly #watches = new Map<Place, Watch>()
  #isClosed = false

  constructor(options: PrerequisitesOptions) {
    this.#options = options
  }

  /** The key waits for these, and for nothing else. It is woken once for them: if that does not help, time must. */
  follow(key: string, wanted: readonly Prerequisite[]): void {
    if (this.#isClosed) return
    const before = this.#follows.get(key)
    if (wanted.length === 0) this.#follows.delete(key)
    else if (before === undefined || !isSameJson(before.wanted, wanted))
      this.#follows.set(key, { wanted, isWoken: false, isLooking: false })
    this.#watchWhatIsWanted()
    const follow = this.#follows.get(key)
    if (follow !== undefined && follow !== before) this.#lookAtWhatIsThere(key, follow)
  }

  forget(key: string): void {
    this.follow(key, [])
  }

  /** How many watches there are. */
  get size(): number {
    return this.#watches.size
  }

  /** Ends all watches, and opens none any more. */
  close(): void {
    this.#isClosed = true
    this.#follows.clear()
    this.#watchWhatIsWanted()
  }

  #watchWhatIsWanted(): void {
    const wanted = new Set(
      [...this.#follows.values()].flatMap((follow) => follow.wanted.map(placeOf)),
    )
    for (const [place, watch] of this.#watches)
      if (!wanted.has(place)) {
        this.#watches.delete(place)
        watch.abort.abort()
      }
    for (const place of wanted) {
      if (this.#watches.has(place)) continue
      const watch = { abort: new AbortController(), present: new Set<string>(), isSynced: false }
      this.#watches.set(place, watch)
      void this.#run(place, watch)
    }
  }

  async #run(place: Place, watch: Watch): Promise<void> {
    const { clock, cluster, log } = this.#options
    const { signal } = watch.abort
    for (let isNews = true; !signal.aborted; isNews = false) {
      try {
        const onSynced = (): void => this.#onSynced(place, watch)
        const options = { metadataOnly: true, untilForbidden: true, onSynced, signal }
        for await (const { type, object } of cluster.watch(types[place], options))
          this.#onChange(place, watch, type === 'DELETED' ? 'gone' : 'there', object)
      } catch (error) {
        if (isNews && !signal.aborted)
          log.warn('cannot watch what releases wait for: they are tried again in time', {
            resource: types[place].plural,
            error: error instanceof ApiError ? error.message : String(error),
          })
      }
      watch.isSynced = false
      watch.present.clear()
      await clock.sleep(askAgainMs, signal).catch(() => undefined)
    }
  }

  #onSynced(place: Place, watch: Watch): void {
    watch.isSynced = true
    for (const [key, follow] of this.#follows) this.#lookAtWhatIsThere(key, follow, place)
  }

  #onChange(place: Place, watch: Watch, is: 'there' | 'gone', { metadata }: KubeObject): void {
    const { name } = metadata
    const isThere = is === 'there' && metadata.deletionTimestamp === undefined
    const isNew = isThere && !watch.present.has(name)
    if (isThere) watch.present.add(name)
    else watch.present.delete(name)
    // A definition tells by its changes, too, that it is accepted.
    if (!isThere || !watch.isSynced || (place === 'namespaces' && !isNew)) return
    for (const [key, follow] of this.#follows)
      for (const one of follow.wanted)
        if (placeOf(one) === place && concerns(one, name)) this.#look(key, follow, one, isNew)
  }

  // It may have come before anybody watched.
  #lookAtWhatIsThere(key: string, follow: Follow, at?: Place): void {
    for (const one of follow.wanted) {
      const place = placeOf(one)
      const watch = this.#watches.get(place)
      if ((at !== undefined && at !== place) || !watch?.isSynced || isAnyDefinition(one)) continue
      if ([...watch.present].some((name) => concerns(one, name))) this.#look(key, follow, one, true)
    }
  }

  #look(key: string, follow: Follow, wanted: Prerequisite, isNew: boolean): void {
    if (follow.isWoken || follow.isLooking) return
    if (wanted.name !== undefined) return this.#wake(key, follow)
    if (isAnyDefinition(wanted)) return isNew ? this.#options.wake(key) : undefined
    follow.isLooking = true
    this.#lookUntilServed(key, follow, wanted)
      .catch((error: unknown) =>
        this.#options.log.warn('cannot ask for a kind', { ...wanted, error }),
      )
      .finally(() => (follow.isLooking = false))
  }

  async #lookUntilServed(
    key: string,
    follow: Follow,
    { apiVersion, kind }: Prerequisite,
  ): Promise<void> {
    const { clock, cluster } = this.#options
    for (let look = 0; look < mostLooks && this.#follows.get(key) === follow; look += 1) {
      if (look > 0) await clock.sleep(lookMs)
      if ((await cluster.resourceFor(apiVersion, kind)) !== undefined)
        return this.#wake(key, follow)
    }
  }

  #wake(key: string, follow: Follow): void {
    if (this.#follows.get(key) !== follow) return
    follow.isWoken = true
    this.#options.wake(key)
  }
}

function placeOf({ name }: Prerequisite): Place {
  return name === undefined ? 'definitions' : 'namespaces'
}

function isAnyDefinition({ kind, name }: Prerequisite): boolean {
  return name === undefined && kind === 'CustomResourceDefinition'
}

// A definition is called "<plural>.<group>", and only its kind is known here.
function concerns(wanted: Prerequisite, name: string): boolean {
  if (wanted.name !== undefined) return wanted.name === name
  if (isAnyDefinition(wanted)) return true
  const [group] = wanted.apiVersion.split('/')
  return name.endsWith(`.${group}`)
}
