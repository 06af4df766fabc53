// What a pass must have for itself before it goes on: the release of Helm that it is about, one of the places for helm, and
// while a helm fetches for it, one of the places for those. A pass that cannot have one of them ends with Parked, holds none,
// and its key is woken when it is its turn.
import type { Urgency } from '../util/fair-queue.ts'
import { Places, type PlacesOptions } from './places.ts'

export type ReservationsOptions = Omit<PlacesOptions, 'for' | 'total'> & {
  // Helm processes at once, and beside them those that fetch charts.
  total: number
  fetches: number
}

export class Reservations {
  readonly #options: ReservationsOptions
  readonly #helm: Places
  readonly #fetches: Places
  // By release ("namespace/name"), while some pass is at work on it: one place each.
  readonly #releases = new Map<string, Places>()
  readonly #claimed = new Map<string, Set<string>>()
  readonly #failing = new Set<string>()

  constructor(options: ReservationsOptions) {
    this.#options = options
    this.#helm = new Places({ ...options, for: 'helm' })
    this.#fetches = new Places({ ...options, for: 'fetch', total: options.fetches })
  }

  /** How many keys wait for a place of helm. */
  get waiting(): number {
    return this.#helm.waiting
  }

  /** A pass over the key begins. */
  begin(key: string): void {
    for (const places of this.#of(key)) places.begin(key)
  }

  /** Has the release to itself until the pass ends. Throws Parked while another pass is at work on it. */
  claimRelease(key: string, release: string): void {
    const places =
      this.#releases.get(release) ?? new Places({ ...this.#options, for: 'release', total: 1 })
    this.#releases.set(release, places)
    this.#claimed.set(key, (this.#claimed.get(key) ?? new Set()).add(release))
    places.claim(key, 'first')
  }

  /** Has a place for helm until the pass ends. Throws Parked when none is free. */
  claimHelm(key: string, urgency: Urgency): void {
    this.#helm.claim(key, this.#failing.has(key) ? 'later' : urgency)
  }

  /** Has a place for helms that fetch until endFetch(). Throws Parked when none is free. */
  claimFetch(key: string, urgency: Urgency): void {
    this.#fetches.claim(key, urgency)
  }

  /** What was to be fetched is there, or the pass waits for a place to fetch it. */
  endFetch(key: string): void {
    this.#fetches.park(key)
  }

  /** The pass is over, and everything it had is free. */
  end(key: string): void {
    for (const places of this.#of(key)) places.end(key)
    this.#forget(key)
  }

  /** The pass has parked: what it had is free, what it waits for it goes on waiting for. */
  park(key: string): void {
    for (const places of this.#of(key)) places.park(key)
    this.#forget(key)
  }

  /** The key is gone. */
  drop(key: string): void {
    this.#failing.delete(key)
    for (const places of this.#of(key)) places.drop(key)
    this.#forget(key)
  }

  /** Passes over the key have failed, or do not any more: until then it gives way to others. */
  setFailing(key: string, isFailing: boolean): void {
    if (isFailing) this.#failing.add(key)
    else this.#failing.delete(key)
  }

  #of(key: string): Places[] {
    const releases = [...(this.#claimed.get(key) ?? [])].map((one) => this.#releases.get(one)!)
    return [this.#helm, this.#fetches, ...releases]
  }

  // Of a release that nobody is at work on, nothing is kept.
  #forget(key: string): void {
    const claimed = this.#claimed.get(key) ?? new Set()
    for (const release of claimed) {
      const places = this.#releases.get(release)!
      if (!places.concerns(key)) claimed.delete(release)
      if (places.isIdle) this.#releases.delete(release)
    }
    if (claimed.size === 0) this.#claimed.delete(key)
  }
}
