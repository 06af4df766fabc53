// Which HelmRelease is looked at next? Each key once, never twice at a time, failures ever later.
import type { Clock } from '../model/ports.ts'

type Options = {
  clock: Clock
  // The delay before retry number n (from 0), in milliseconds.
  backoff: (retry: number) => number
}

export class WorkQueue {
  readonly #clock: Clock
  readonly #backoff: (retry: number) => number
  readonly #ready = new Set<string>()
  readonly #running = new Set<string>()
  // Added while running: run again as soon as the run is done.
  readonly #dirty = new Set<string>()
  readonly #timers = new Map<string, { at: number; cancel: () => void }>()
  readonly #retries = new Map<string, number>()
  readonly #waiting: ((key: string | undefined) => void)[] = []
  #closed = false

  constructor({ clock, backoff }: Options) {
    this.#clock = clock
    this.#backoff = backoff
  }

  /** How many keys wait for a worker. */
  get length(): number {
    return this.#ready.size
  }

  /** Now, or right after the run that is under way. */
  add(key: string): void {
    if (this.#closed) return
    this.#cancelTimer(key)
    if (this.#running.has(key)) this.#dirty.add(key)
    else if (!this.#ready.has(key)) {
      this.#ready.add(key)
      this.#handOut()
    }
  }

  /** In `ms`, unless the key is added earlier by something else. The earliest of several times counts. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return
    const at = this.#clock.now() + ms
    const planned = this.#timers.get(key)
    if (planned !== undefined && planned.at <= at) return
    this.#cancelTimer(key)
    const abort = new AbortController()
    this.#timers.set(key, { at, cancel: () => abort.abort() })
    this.#clock.sleep(ms, abort.signal).then(
      () => this.add(key),
      () => undefined,
    )
  }

  /** After a failure: later each time, until forget(). Answers the delay in milliseconds. */
  retry(key: string): number {
    const count = this.#retries.get(key) ?? 0
    this.#retries.set(key, count + 1)
    const ms = this.#backoff(count)
    this.addAfter(key, ms)
    return ms
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
    this.#running.delete(key)
    if (this.#dirty.delete(key)) this.add(key)
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
    for (const key of this.#ready) {
      const resolve = this.#waiting.shift()
      if (resolve === undefined) return
      this.#ready.delete(key)
      this.#running.add(key)
      resolve(key)
    }
  }

  #cancelTimer(key: string): void {
    this.#timers.get(key)?.cancel()
    this.#timers.delete(key)
  }
}
