// Runs passes side by side, one at a time for each key, and decides what a failed one means for the next.
import {
  ApiError,
  type ErrorCode,
  Parked,
  ReconcileError,
  retryPolicy,
  tooLarge,
} from '../model/errors.ts'
import { parseKey } from '../model/key.ts'
import type { Log } from '../model/ports.ts'
import { retryDelayMs } from '../plan/budget.ts'
import { createSharedAbort } from '../util/abort.ts'
import { digestText } from '../util/digest.ts'
import { createLru, type Lru } from '../util/lru.ts'
import { releaseLog } from './account.ts'
import type { SharedDeps, SharedLoopDeps } from './deps.ts'
import { readDesired } from './desired.ts'
import type { WorkQueue } from './queue.ts'
import { reconcile } from './reconcile.ts'
import { reportError } from './report.ts'
import { Waits } from './waits.ts'

export type Worker = {
  // Ends the running pass of a key: its work is of no use any more.
  abort: (key: string) => void
  // Resolves when the queue is closed and the last pass has ended.
  ended: Promise<void>
}

// A timer may go off a moment early, and would have to be set again.
const lateMs = 5
// What keeps a release from being uninstalled may have gone with the rest of its namespace.
const soonMs = 1_000
const deepestCause = 5
// Releases whose last failure is remembered, to be logged once.
const mostSaid = 10_000

/** Starts as many workers as passes may run side by side; they end when the queue is closed. */
export function startWorkers(
  deps: SharedLoopDeps,
  { queue, passes, signal }: { queue: WorkQueue; passes: number; signal: AbortSignal },
): Worker {
  const running = new Map<string, AbortController>()
  const said: Said = createLru(mostSaid)
  const waits = new Waits(deps, queue)
  const abortAll = (): void => running.forEach((abort) => abort.abort(signal.reason))
  signal.addEventListener('abort', abortAll, { once: true })
  const work = async (): Promise<void> => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      const abort = createSharedAbort()
      if (signal.aborted) abort.abort(signal.reason)
      running.set(key, abort)
      deps.reservations.begin(key)
      let isParked = false
      try {
        isParked = await runPass(deps, { queue, key, said, waits, signal: abort.signal })
      } finally {
        running.delete(key)
        if (isParked) deps.reservations.park(key)
        else deps.reservations.end(key)
        if (!isParked) waits.end(key)
        queue.done(key)
      }
    }
  }
  return {
    abort: (key) => running.get(key)?.abort(),
    ended: Promise.all(Array.from({ length: passes }, work)).then(() => undefined),
  }
}

// What was logged of each key whose last pass has failed: a retry that fails in the same way is no news.
type Said = Lru<string>
type Pass = { queue: WorkQueue; key: string; said: Said; waits: Waits; signal: AbortSignal }

// Answers whether the pass has to go on later: then it has ended with nothing done, and nothing is to be said of it.
async function runPass(
  deps: SharedLoopDeps,
  { queue, key, said, waits, signal }: Pass,
): Promise<boolean> {
  try {
    const { requeueAfterMs, urgency } = await reconcile(deps, key, signal)
    queue.forget(key)
    said.delete(key)
    deps.reservations.setFailing(key, false)
    if (requeueAfterMs !== undefined)
      queue.addAfter(key, Math.min(requeueAfterMs, newsInMs(deps, key) + lateMs), urgency)
    return false
  } catch (error) {
    if (error instanceof Parked && !signal.aborted) {
      await waits.note(key, error.wait)
      return true
    }
    const failure = failureOf(error, signal)
    if (failure.code !== 'Interrupted') {
      deps.reservations.setFailing(key, failure.code === 'UninstallFailed')
      deps.metrics.countFailure(failure.code, retryPolicy(failure.code))
      await say(deps, key, failure, said)
    }
    planNext(deps, queue, key, failure)
    return false
  }
}

function planNext(deps: SharedDeps, queue: WorkQueue, key: string, failure: Failure): void {
  const { code, retryAt } = failure
  const isGoing = readDesired(deps, key)?.deletionRequestedAt !== undefined
  const spaced = (retry: number): number => retryDelayMs(retry + 1, { id: key })
  const soonThenSpaced = (retry: number): number => (retry === 0 ? soonMs : spaced(retry - 1))
  if (retryAt !== undefined && !isGoing) {
    // Something new from the source is worth a try at any time, and a look whether there is costs no helm.
    const leftMs = Math.min(retryAt - deps.clock.now(), newsInMs(deps, key))
    return queue.addAfter(key, Math.max(leftMs + lateMs, soonMs))
  }
  switch (retryPolicy(code)) {
    case 'never':
      return
    case 'late':
    case 'spaced':
      return queue.retry(key, isGoing ? soonThenSpaced : spaced)
    case 'interval': {
      // Whoever deletes it waits for it, and so may its whole namespace.
      if (isGoing) return queue.retry(key)
      // If news are due, this pass has not come as far as asking for them, and the next will not either.
      const atMostMs = Math.min(deps.syncIntervalMs, newsInMs(deps, key) || Infinity)
      return queue.retry(key, (retry) => Math.min(atMostMs, spaced(retry)))
    }
    case 'backoff':
      queue.retry(key)
  }
}

// All releases from one repository look again as soon as it may be asked: once for all of them.
function newsInMs(deps: SharedDeps, key: string): number {
  const source = readDesired(deps, key)?.source
  return source === undefined || source.kind === 'invalid'
    ? Infinity
    : deps.fetcher.newsInMs(source)
}

// The cluster may be the very thing that is broken: then the log is all there is.
async function say(deps: SharedDeps, key: string, failure: Failure, said: Said): Promise<void> {
  const log = logOf(deps, key)
  const message = deps.secrets.redactFor(key)(failure.message)
  const cause = digestText(`${failure.code} ${message}`)
  if (said.get(key) !== cause)
    log.error('sync failed', { code: failure.code, err: message, stack: failure.stack })
  said.set(key, cause, 1)
  try {
    await reportError(deps, key, { code: failure.code, message })
  } catch (error) {
    log.warn('cannot report a failed sync', { error: messageOf(error) })
  }
}

function logOf(deps: SharedDeps, key: string): Log {
  const object = deps.cache.get(key) ?? deps.graves.get(key)
  const desired = object && deps.codecs.get(parseKey(key).group)?.decode(object)
  return desired ? releaseLog(deps, desired) : deps.log.with({ resource: key })
}

// stack: only of what nobody has foreseen, and then it is all there is to find the mistake by.
type Failure = {
  code: ErrorCode
  message: string
  stack?: string
  // See ReconcileError.
  retryAt?: number | undefined
}

function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { code: 'Interrupted', message: 'the pass was ended' }
  if (error instanceof ReconcileError && error.code !== 'Unexpected')
    return { code: error.code, message: error.message, retryAt: error.retryAt }
  if (error instanceof ApiError) {
    if (error.reason === tooLarge) return { code: 'AnswerTooLarge', message: error.message }
    if (error.status === 0 || error.status >= 500)
      return {
        code: 'ClusterUnreachable',
        message: `Cannot reach the API server: ${error.message}`,
      }
    if (error.status === 403) return { code: 'Forbidden', message: error.message }
  }
  return { code: 'Unexpected', message: messageOf(error), stack: stackOf(error) }
}

function stackOf(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > deepestCause) return String(error)
  const { stack = error.message, cause } = error
  return cause === undefined ? stack : `${stack}\ncaused by ${stackOf(cause, depth + 1)}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
