// How long somebody is waited for, and who may end the wait before.
import { followAbort } from '../util/abort.ts'
import { timerMs } from '../util/duration.ts'

export type Deadline = {
  signal: AbortSignal
  // Starts the time anew.
  restart(timeoutMs: number, message: string): void
  abort(): void
  // Must be called when the wait is over.
  close(): void
}

/** A signal that is aborted with the caller's, or with a TimeoutError of this message when the time is over. */
export function openDeadline(
  signal: AbortSignal | undefined,
  timeoutMs: number,
  message = `no answer within ${timeoutMs / 1_000} s`,
): Deadline {
  const stop = new AbortController()
  const start = (ms: number, why: string): NodeJS.Timeout =>
    setTimeout(() => {
      stop.abort(Object.assign(new Error(why), { name: 'TimeoutError' }))
    }, timerMs(ms))
  let timer = start(timeoutMs, message)
  const unfollow = signal && followAbort(stop, signal)
  return {
    signal: stop.signal,
    restart: (ms, why) => {
      clearTimeout(timer)
      timer = start(ms, why)
    },
    abort: () => stop.abort(),
    close: () => {
      clearTimeout(timer)
      unfollow?.()
    },
  }
}
