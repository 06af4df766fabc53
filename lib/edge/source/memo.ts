// The last so many things somebody asked for.

export type Memo<T> = {
  get(key: string): T | undefined
  set(key: string, value: T): T
}

/** Keeps `most` values and forgets the one that was used least recently. */
export function createMemo<T>(most: number): Memo<T> {
  const values = new Map<string, T>()
  const put = (key: string, value: T): T => {
    values.delete(key)
    values.set(key, value)
    return value
  }
  return {
    get: (key) => {
      const value = values.get(key)
      return value === undefined ? undefined : put(key, value)
    },
    set: (key, value) => {
      put(key, value)
      const [oldest] = values.keys()
      if (values.size > most && oldest !== undefined) values.delete(oldest)
      return value
    },
  }
}
