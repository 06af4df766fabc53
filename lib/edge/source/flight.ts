// Work that several ask for at once and that is done once: nobody who gives up waiting ends it for the others.
import { Parked } from '../../model/errors.ts'

export type Flights = {
  // The result of work(), or of the same work that is under way. Rejects with the signal's reason when that is aborted.
  share<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** Shares work by key. Work that had to wait for its turn (Parked) is begun anew by whoever shared it. */
export function createFlights(): Flights {
  const flying = new Map<string, Promise<unknown>>()
  const share: Flights['share'] = async (key, signal, work) => {
    type Result = Awaited<ReturnType<typeof work>>
    const other = flying.get(key) as Promise<Result> | undefined
    if (other !== undefined) {
      const ended = await unlessParked(untilAborted(other, signal))
      return ended === undefined ? await share(key, signal, work) : ended.value
    }
    const flight = work().finally(() => flying.delete(key))
    // Everybody may have left before it fails.
    flight.catch(() => {})
    flying.set(key, flight)
    return await untilAborted(flight, signal)
  }
  return { share }
}

/** What others made; undefined where the pass that makes it had to wait for its turn. */
export async function unlessParked<T>(made: Promise<T>): Promise<{ value: T } | undefined> {
  try {
    return { value: await made }
  } catch (error) {
    if (error instanceof Parked) return undefined
    throw error
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
