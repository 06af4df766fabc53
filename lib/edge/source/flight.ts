// Work that several ask for at once and that is done once: nobody who gives up waiting ends it for the others.

export type Flights = {
  // The result of work(), or of the same work that is under way. Rejects with the signal's reason when that is aborted.
  share<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** Shares work by key. */
export function createFlights(): Flights {
  const flying = new Map<string, Promise<unknown>>()
  return {
    share: async <T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
      let flight = flying.get(key) as Promise<T> | undefined
      if (!flight) {
        flight = work().finally(() => flying.delete(key))
        // Everybody may have left before it fails.
        flight.catch(() => {})
        flying.set(key, flight)
      }
      return await untilAborted(flight, signal)
    },
  }
}

/** The promise, or the signal's reason if that comes first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error)
    if (signal.aborted) return leave()
    signal.addEventListener('abort', leave, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
