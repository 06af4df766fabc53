// Who must be woken when an object changes? Keeps a watch on the kinds of object that some release waits for, and no longer.
import { formatIdentity, type Identity } from '../model/identity.ts'
import type { Clock, Cluster, Log, ResourceType } from '../model/ports.ts'
import type { Rollout } from '../model/rollout.ts'
import { keepWatching } from './keep-watching.ts'

// A rollout changes its objects in bursts; looking once at the end of each is enough.
const burstMs = 150

/** An object whose readiness takes time, and where it is served. */
export type Target = { type: ResourceType; namespace?: string; name: string }

export type RolloutsOptions = {
  accessAs: (identity: Identity) => { cluster: Pick<Cluster, 'watch'> }
  clock: Clock
  log: Log
  // The least time between two words about one release.
  reportIntervalMs: number
  // Asks for a pass over this key in so many milliseconds.
  wake: (key: string, afterMs: number) => void
}

export type Following = {
  // As whom the objects are watched.
  identity: Identity
  targets: readonly Target[]
  // How far the objects are by now.
  look: () => Promise<Rollout>
  // What the status says of it, and since when; empty when it was too early to say anything.
  said: string
  saidAt: number
}

type Follow = Following & { names: ReadonlySet<string>; isLooking: boolean; isDirty: boolean }
type Watch = { abort: AbortController; keys: Set<string> }
type Place = Omit<Target, 'name'> & { identity: Identity }

/** The rollouts that are waited for. A key is followed from follow() to forget(). */
export class Rollouts {
  readonly #options: RolloutsOptions
  readonly #follows = new Map<string, Follow>()
  readonly #watches = new Map<string, Watch>()
  #isClosed = false

  constructor(options: RolloutsOptions) {
    this.#options = options
  }

  /** Watches the objects of a release; whatever was followed for the key before is replaced. Does nothing once closed. */
  follow(key: string, following: Following): void {
    if (this.#isClosed) return
    const { identity } = following
    const names = new Set(following.targets.map((target) => nameOf(target, identity)))
    const before = this.#follows.get(key)
    const { isLooking = false } = before ?? {}
    const follow = { ...following, names, isLooking: false, isDirty: false }
    this.#follows.set(key, follow)
    const wanted = new Map(following.targets.map((target) => [watchOf(target, identity), target]))
    for (const [id, watch] of this.#watches) if (!wanted.has(id)) this.#leave(id, watch, key)
    for (const [id, target] of wanted) this.#join(id, { ...target, identity }, key)
    // Objects may have changed after they were read and before they were watched.
    if (before === undefined || isLooking) this.#touch(key, follow)
  }

  /** Nobody waits for this key any more. */
  forget(key: string): void {
    this.#follows.delete(key)
    for (const [id, watch] of this.#watches) this.#leave(id, watch, key)
  }

  /** Is there anything left that holds a connection? */
  get size(): number {
    return this.#watches.size
  }

  /** Ends all watches, and opens none any more: passes that are still under way may yet ask for one. */
  close(): void {
    this.#isClosed = true
    for (const key of [...this.#follows.keys()]) this.forget(key)
  }

  #join(id: string, place: Place, key: string): void {
    const running = this.#watches.get(id)
    if (running !== undefined) return void running.keys.add(key)
    const watch = { abort: new AbortController(), keys: new Set([key]) }
    this.#watches.set(id, watch)
    const run = {
      ...this.#options,
      warning: 'cannot watch what releases wait for: they are looked at now and then',
      fields: { resource: id },
      signal: watch.abort.signal,
    }
    void keepWatching(run, () => this.#run(id, watch, place))
  }

  #leave(id: string, watch: Watch, key: string): void {
    if (!watch.keys.delete(key) || watch.keys.size > 0) return
    this.#watches.delete(id)
    watch.abort.abort()
  }

  async #run(id: string, watch: Watch, { type, namespace, identity }: Place): Promise<void> {
    const { signal } = watch.abort
    const events = this.#options.accessAs(identity).cluster.watch(type, {
      ...(namespace === undefined ? {} : { namespace }),
      metadataOnly: true,
      untilForbidden: true,
      signal,
    })
    for await (const { object } of events)
      for (const key of watch.keys) {
        const follow = this.#follows.get(key)
        if (follow?.names.has(`${id} ${object.metadata.name}`)) this.#touch(key, follow)
      }
  }

  #touch(key: string, follow: Follow): void {
    follow.isDirty = true
    if (follow.isLooking) return
    follow.isLooking = true
    this.#lookWhileDirty(key, follow).catch((error: unknown) => {
      // The pass will meet the same trouble and say it where people look.
      this.#options.log.warn('cannot read what a release waits for', { resource: key, error })
      this.#options.wake(key, this.#options.reportIntervalMs)
    })
  }

  async #lookWhileDirty(key: string, follow: Follow): Promise<void> {
    const { clock, wake, reportIntervalMs } = this.#options
    try {
      while (follow.isDirty && this.#follows.get(key) === follow) {
        await clock.sleep(burstMs)
        follow.isDirty = false
        const { verdict, why } = await follow.look()
        if (this.#follows.get(key) !== follow) return
        if (verdict !== 'progressing') wake(key, 0)
        else if (why !== follow.said)
          wake(key, Math.max(0, follow.saidAt + reportIntervalMs - clock.now()))
      }
    } finally {
      follow.isLooking = false
    }
  }
}

function watchOf({ type, namespace = '' }: Target, identity: Identity): string {
  const { group, version, plural } = type
  const who = identity === undefined ? '' : ` as ${formatIdentity(identity)}`
  return `${group}/${version}/${plural}/${namespace}${who}`
}

function nameOf(target: Target, identity: Identity): string {
  return `${watchOf(target, identity)} ${target.name}`
}
