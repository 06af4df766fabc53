// Work that changes of the store bring about, done just after them, each piece once however often it was asked for.
import { backoffMs } from '../../util/backoff.ts'
import { StatusError } from '../types.ts'
import type { World } from '../world.ts'

export type Worklist<T> = { add(key: string, item: T): void; stop(): void }

// A real controller notices a little later too.
const soonMs = 1
const retries = { firstMs: 50, maxMs: 10_000 }

/**
 * Runs `work` for each added item soon; after a StatusError, because somebody else was faster, again, ever later. Any other
 * error is reported, and the item left until it is added again.
 */
export function createWorklist<T>(
  world: Pick<World, 'clock' | 'report'>,
  work: (item: T) => void,
): Worklist<T> {
  const waiting = new Map<string, T>()
  const tries = new Map<string, number>()
  const timers = new Set<() => void>()
  const after = (ms: number, run: () => void): void => {
    const cancel = world.clock.after(ms, () => {
      timers.delete(cancel)
      run()
    })
    timers.add(cancel)
  }
  const add = (key: string, item: T): void => {
    if (waiting.size === 0) after(soonMs, flush)
    waiting.set(key, item)
  }
  const flush = (): void => {
    const items = [...waiting]
    waiting.clear()
    for (const [key, item] of items) attempt(key, item)
  }
  const attempt = (key: string, item: T): void => {
    try {
      work(item)
      tries.delete(key)
    } catch (error) {
      if (!(error instanceof StatusError)) return world.report(error)
      const failed = tries.get(key) ?? 0
      tries.set(key, failed + 1)
      after(
        backoffMs(failed, retries, () => 1),
        () => add(key, item),
      )
    }
  }
  return {
    add,
    stop() {
      for (const cancel of timers) cancel()
    },
  }
}
