// Which objects wait to be looked at, and when: each key once, the earliest time wins.
import type { SandboxClock } from '../types.ts'

export interface DueQueue {
  // Look at the key in so many milliseconds of the clock; an earlier appointment stands.
  add(key: string, delayMs: number): void
  stop(): void
}

// A timer of more than 24 days rings at once.
const longestMs = 86_400_000
// Between two rounds the server answers requests.
const atOnce = 20

/** Calls `visit` for each key when it is due, one after the other, never within add(). */
export function createDueQueue(clock: SandboxClock, visit: (key: string) => void): DueQueue {
  const due = new Map<string, number>()
  let alarm: { at: number; cancel: () => void } | undefined

  const ring = (): void => {
    alarm = undefined
    const now = clock.now()
    for (const key of [...due].flatMap(([key, at]) => (at <= now ? [key] : [])).slice(0, atOnce)) {
      due.delete(key)
      visit(key)
    }
    arm()
  }
  const arm = (): void => {
    if (due.size > 0) armAt(Math.min(...due.values()))
  }
  const armAt = (at: number): void => {
    if (alarm && alarm.at <= at) return
    alarm?.cancel()
    const delayMs = Math.min(Math.max(0, at - clock.now()), longestMs)
    alarm = { at, cancel: clock.after(delayMs, ring) }
  }

  return {
    add(key, delayMs) {
      const at = clock.now() + Math.ceil(delayMs)
      if ((due.get(key) ?? Infinity) <= at) return
      due.set(key, at)
      armAt(at)
    },
    stop() {
      alarm?.cancel()
      due.clear()
    },
  }
}
