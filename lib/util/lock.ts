// One at a time for each name, in the order they came.

export type KeyedLock = <T>(name: string, run: () => Promise<T>) => Promise<T>

/** A lock for each name that anybody asks for; names nobody holds take no memory. */
export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>()
  return async (name, run) => {
    const before = tails.get(name)
    const turn = (before ?? Promise.resolve()).then(run, run)
    const tail = turn.catch(() => undefined)
    tails.set(name, tail)
    try {
      return await turn
    } finally {
      if (tails.get(name) === tail) tails.delete(name)
    }
  }
}
