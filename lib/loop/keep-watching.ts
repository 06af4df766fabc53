// Runs a watch for as long as somebody needs it. A watch that the cluster forbids is not asked for in a loop: its absence only
// means that changes are noticed later, and somebody may have granted it meanwhile.
import { ApiError } from '../model/errors.ts'
import type { Clock, Log } from '../model/ports.ts'

// Long enough to be no load, however many service accounts may not watch.
const askAgainMs = 300_000
// What is no answer of the cluster is a fault of ours: the watch must not stay deaf for long.
const afterFaultMs = 15_000

export type WatchRun = {
  clock: Clock
  log: Log
  // Said once, with `fields`, when it cannot be watched.
  warning: string
  fields: Readonly<Record<string, unknown>>
  signal: AbortSignal
}

/** Calls `watch` until aborted, with long pauses after it has ended. Never throws. */
export async function keepWatching(
  { clock, log, warning, fields, signal }: WatchRun,
  watch: () => Promise<void>,
): Promise<void> {
  for (let isNews = true; !signal.aborted; isNews = false) {
    let pauseMs = askAgainMs
    try {
      await watch()
    } catch (error) {
      if (signal.aborted) return
      const isAnswer = error instanceof ApiError
      if (!isAnswer) pauseMs = afterFaultMs
      const why = isAnswer ? { error: error.message } : { error, stack: (error as Error).stack }
      if (isNews || !isAnswer) log.warn(warning, { ...fields, ...why })
    }
    await clock.sleep(pauseMs, signal).catch(() => undefined)
  }
}
