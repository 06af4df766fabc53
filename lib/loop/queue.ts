// Which HelmRelease is looked at next? Each key once, never twice at a time, failures ever later. What somebody has changed goes
// before what is only looked at anew, and namespaces take turns.
import type { Clock } from '../model/ports.ts'
import { FairQueue, isMoreUrgent, type Urgency } from '../util/fair-queue.ts'

export type QueueOptions = {
  clock: Clock
  // The delay before retry number n (from 0), in milliseconds.
  backoff: (retry: number) => number
  // Keys of one group take turns with those of another: the namespace.
  groupOf: (key: string) => string
  // How many keys of one group may be worked on at once, so that one whose sources hang leaves room for others.
  mostOfGroup: number
  // How many in all, but for those that are granted a place for helm: that one must not stand empty meanwhile.
  mostUngranted: number
}

export class WorkQueue {
  readonly #clock: Clock
  readonly #backoff: (retry: number) => number
  readonly #groupOf: (key: string) => string
  readonly #mostOfGroup: number
  readonly #mostUngranted: number
  readonly #ready = new FairQueue()
  readonly #running = new Map<string, Urgency>()
  readonly #runningOf = new Map<string, number>()
  // Added while running: run again as soon as the run is done.
  readonly #dirty = new Map<string, Urgency>()
  readonly #timers = new Map<string, { at: number; cancel: () => void }>()
  readonly #retries = new Map<string, number>()
  readonly #waiting: ((key: string | undefined) => void)[] = []
  #ungranted = 0
  #closed = false

  constructor({ clock, backoff, groupOf, mostOfGroup, mostUngranted }: QueueOptions) {
    this.#clock = clock
    this.#backoff = backoff
    this.#groupOf = groupOf
    this.#mostOfGroup = mostOfGroup
    this.#mostUngranted = mostUngranted
  }

  /** How many keys wait for a worker. */
  get length(): number {
    return this.#ready.length
  }

  /** Now, or right after the run that is under way. */
  add(key: string, urgency: Urgency = 'first'): void {
    if (this.#closed) return
    this.#cancelTimer(key)
    if (this.#running.has(key)) {
      const before = this.#dirty.get(key)
      if (before === undefined || isMoreUrgent(urgency, before)) this.#dirty.set(key, urgency)
      return
    }
    this.#ready.add(key, { group: this.#groupOf(key), urgency })
    this.#handOut()
  }

  /** In `ms`, unless the key is added earlier by something else. The earliest of several times counts. */
  addAfter(key: string, ms: number, urgency: Urgency = 'later'): void {
    if (this.#closed) return
    const at = this.#clock.now() + ms
    const planned = this.#timers.get(key)
    if (planned !== undefined && planned.at <= at) return
    this.#cancelTimer(key)
    const abort = new AbortController()
    this.#timers.set(key, { at, cancel: () => abort.abort() })
    this.#clock.sleep(ms, abort.signal).then(
      () => this.add(key, urgency),
      () => undefined,
    )
  }

  /** After a failure: later each time, until forget(). The delay of retry number n (from 0) is the queue's own, or this one. */
  retry(key: string, delayOf: (retry: number) => number = this.#backoff): void {
    const count = this.#retries.get(key) ?? 0
    this.#retries.set(key, count + 1)
    this.addAfter(key, delayOf(count))
  }

  /** The key is well again: its next failure starts with the shortest delay. */
  forget(key: string): void {
    this.#retries.delete(key)
  }

  /** The key is gone for good. */
  drop(key: string): void {
    this.forget(key)
    this.#cancelTimer(key)
    this.#ready.delete(key)
    this.#dirty.delete(key)
  }

  /** The next key, when there is one; undefined once the queue is closed. Every take() is followed by done(). */
  take(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#handOut()
    })
  }

  done(key: string): void {
    this.#countRunning(key, -1)
    this.#running.delete(key)
    const urgency = this.#dirty.get(key)
    this.#dirty.delete(key)
    if (urgency !== undefined) this.add(key, urgency)
    // There is room for another one of its group.
    this.#handOut()
  }

  /** Hands out no more keys and plans no more runs. */
  close(): void {
    this.#closed = true
    for (const key of [...this.#timers.keys()]) this.#cancelTimer(key)
    this.#handOut()
  }

  #handOut(): void {
    if (this.#closed) {
      for (const resolve of this.#waiting.splice(0)) resolve(undefined)
      return
    }
    while (this.#waiting.length > 0) {
      const taken = this.#ready.take(
        ({ group, urgency }) => urgency === 'granted' || this.#hasRoom(group),
      )
      if (taken === undefined) return
      this.#running.set(taken.key, taken.urgency)
      this.#countRunning(taken.key, 1)
      this.#waiting.shift()!(taken.key)
    }
  }

  #hasRoom(group: string): boolean {
    const ofGroup = this.#runningOf.get(group) ?? 0
    return ofGroup < this.#mostOfGroup && this.#ungranted < this.#mostUngranted
  }

  #countRunning(key: string, change: 1 | -1): void {
    if ((this.#running.get(key) ?? 'granted') === 'granted') return
    this.#ungranted += change
    const group = this.#groupOf(key)
    const count = (this.#runningOf.get(group) ?? 0) + change
    if (count === 0) this.#runningOf.delete(group)
    else this.#runningOf.set(group, count)
  }

  #cancelTimer(key: string): void {
    this.#timers.get(key)?.cancel()
    this.#timers.delete(key)
  }
}
