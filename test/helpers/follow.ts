// Reading a watch in the background while a test changes the world.
import type { WatchEvent } from '../../lib/model/ports.ts'
import { until } from './until.ts'

export type Follower = {
  events: WatchEvent[]
  // "ADDED shop/a", in the order of arrival.
  told: string[]
  // Waits until this has been told (times times).
  until(what: string, times?: number): Promise<void>
  stop(): Promise<void>
}

/** Starts reading; the watch must end by itself when the signal is aborted. */
export function follow(watch: (signal: AbortSignal) => AsyncIterable<WatchEvent>): Follower {
  const end = new AbortController()
  const events: WatchEvent[] = []
  const told: string[] = []
  let failure: unknown
  const read = async (): Promise<void> => {
    for await (const event of watch(end.signal)) {
      const { namespace, name } = event.object.metadata
      events.push(event)
      told.push(`${event.type} ${namespace === undefined ? '' : `${namespace}/`}${name}`)
    }
  }
  const done = read().catch((error: unknown) => (failure = error))
  const check = (): void => {
    if (failure !== undefined) throw failure
  }
  return {
    events,
    told,
    until: async (what, times = 1) => {
      const isTold = (): boolean => {
        check()
        return told.filter((one) => one === what).length >= times
      }
      await until(`"${what}" is told (so far: ${told.join(', ')})`, isTold)
    },
    stop: async () => {
      end.abort()
      await done
      check()
    },
  }
}
