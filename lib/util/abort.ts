// One abort that follows another for a while, and one that any number follow.
import { setMaxListeners } from 'node:events'

/** A controller whose signal may be followed by any number at once; Node warns of a leak where more than ten follow others. */
export function createSharedAbort(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}

/**
 * Aborts a controller as soon as a signal is aborted, with the same reason, until the returned function is called.
 * AbortSignal.any() would have the signal remember every follower for as long as it lives, on Node for ever.
 */
export function followAbort(controller: AbortController, signal: AbortSignal): () => void {
  const follow = (): void => controller.abort(signal.reason)
  if (signal.aborted) follow()
  else signal.addEventListener('abort', follow, { once: true })
  return () => signal.removeEventListener('abort', follow)
}
