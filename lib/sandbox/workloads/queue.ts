// Which objects wait to be looked at, and when: each key once, the earliest time wins.
import type { SandboxClock } from '../types.ts'
import { createHeap } from './heap.ts'

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
  // Holds appointments that were brought forward a second time: those count that `due` knows.
  const heap = createHeap<Appointment>((a, b) => a.at - b.at < 0 || (a.at === b.at && a.n < b.n))
  let count = 0
  let alarm: { at: number; cancel: () => void } | undefined

  const next = (): Appointment | undefined => {
    for (let first = heap.peek(); first; first = heap.peek()) {
      if (due.get(first.key) === first.at) return first
      heap.pop()
    }
    return undefined
  }
  const ring = (): void => {
    alarm = undefined
    const now = clock.now()
    const keys: string[] = []
    for (let first = next(); first && first.at <= now && keys.length < atOnce; first = next()) {
      due.delete(first.key)
      keys.push(first.key)
    }
    for (const key of keys) visit(key)
    const first = next()
    if (first) armAt(first.at)
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
      heap.push({ key, at, n: ++count })
      armAt(at)
    },
    stop() {
      alarm?.cancel()
      due.clear()
    },
  }
}

type Appointment = { key: string; at: number; n: number }
