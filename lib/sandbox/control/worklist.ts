// Work that changes of the store bring about, done just after them, each piece once however often it was asked for.
import { StatusError } from '../types.ts'
import type { World } from '../world.ts'

export type Worklist<T> = { add(key: string, item: T): void; stop(): void }

// A real controller notices a little later too.
const soonMs = 1
const retryMs = 50

/** Runs `work` for each added item soon; a StatusError means that somebody else was faster, and is tried again. */
export function createWorklist<T>(world: World, work: (item: T) => void): Worklist<T> {
  const waiting = new Map<string, T>()
  let cancel: (() => void) | undefined
  const schedule = (ms: number): void => {
    cancel ??= world.clock.after(ms, () => {
      cancel = undefined
      flush()
    })
  }
  const flush = (): void => {
    const items = [...waiting]
    waiting.clear()
    for (const [key, item] of items)
      try {
        work(item)
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        waiting.set(key, item)
        schedule(retryMs)
      }
  }
  return {
    add(key, item) {
      waiting.set(key, item)
      schedule(soonMs)
    },
    stop: () => cancel?.(),
  }
}
