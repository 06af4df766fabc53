// The few places for helm processes. Nothing waits for one with its hands full: a pass that finds none free ends, and its key is
// woken when a place is its own, so that the next pass gathers its facts anew.
import { Parked, type Wait } from '../model/errors.ts'
import { FairQueue, type Urgency } from '../util/fair-queue.ts'

export type PlacesOptions = {
  for: Wait['for']
  total: number
  // Keys of one group take turns with those of another: the namespace.
  groupOf: (key: string) => string
  // Asks for a pass over a key that has a place now.
  wake: (key: string) => void
}

type Place = { urgency: Urgency; isUsed: boolean }

export class Places {
  readonly #options: PlacesOptions
  readonly #queue = new FairQueue()
  readonly #held = new Map<string, Place>()

  constructor(options: PlacesOptions) {
    this.#options = options
  }

  /** How many keys wait for a place. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Does nobody hold a place, or wait for one? */
  get isIdle(): boolean {
    return this.#held.size === 0 && this.#queue.length === 0
  }

  /** Does the key hold a place, or wait for one? */
  concerns(key: string): boolean {
    return this.#held.has(key) || this.#queue.has(key)
  }

  /** A pass over the key begins: the place that was kept for it, if there is one, is in use. */
  begin(key: string): void {
    const place = this.#held.get(key)
    if (place !== undefined) place.isUsed = true
  }

  /** Takes a place for the pass that runs, until end(). Throws Parked when none is free for it. */
  claim(key: string, urgency: Urgency): void {
    if (this.#held.has(key) || this.#isFree(urgency)) {
      this.#queue.delete(key)
      this.#held.set(key, { urgency, isUsed: true })
      return
    }
    this.#queue.add(key, { group: this.#options.groupOf(key), urgency })
    const { for: what, total } = this.#options
    throw new Parked({ for: what, places: total, before: this.#queue.before(key) })
  }

  /** The pass is over: the key holds no place, and waits for none. */
  end(key: string): void {
    this.#queue.delete(key)
    this.#free(key)
  }

  /** The pass has parked, or needs no place any more: it holds no place, but one that was kept for it meanwhile stays its own, and it goes on waiting. */
  park(key: string): void {
    if (this.#held.get(key)?.isUsed) this.#free(key)
  }

  /** The key is gone. If a pass over it is at work, that one ends by itself. */
  drop(key: string): void {
    if (!this.#held.get(key)?.isUsed) this.end(key)
  }

  #free(key: string): void {
    if (!this.#held.delete(key)) return
    for (;;) {
      const next = this.#queue.take(({ urgency }) => this.#isFree(urgency))
      if (next === undefined) return
      this.#held.set(next.key, { urgency: next.urgency, isUsed: false })
      this.#options.wake(next.key)
    }
  }

  // What has failed before never takes the last place, where there are several: that one is for what people ask for.
  #isFree(urgency: Urgency): boolean {
    const { total } = this.#options
    if (this.#held.size >= total) return false
    if (urgency !== 'later' || total === 1) return true
    const patient = [...this.#held.values()].filter((place) => place.urgency === 'later')
    return patient.length < total - 1
  }
}
