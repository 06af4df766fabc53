// One abort that follows another for a while.

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
