// A sleep that somebody may cut short.
import type { Clock } from '../model/ports.ts'
import { followAbort } from '../util/abort.ts'

export type Nap = {
  // Resolves after ms, or when woken, also if that was just before; rejects when aborted.
  sleep(ms: number, signal: AbortSignal): Promise<void>
  wake(): void
}

export function createNap(clock: Clock): Nap {
  let isWoken = false
  let current: AbortController | undefined
  return {
    sleep: async (ms, signal) => {
      const end = new AbortController()
      const unfollow = followAbort(end, signal)
      current = end
      if (!isWoken && !signal.aborted) await clock.sleep(ms, end.signal).catch(() => {})
      unfollow()
      isWoken = false
      current = undefined
      if (signal.aborted) throw signal.reason
    },
    wake: () => {
      isWoken = true
      current?.abort()
    },
  }
}
