// A cache that forgets what was used longest ago once its contents weigh too much.

export type Lru<T> = {
  get(key: string): T | undefined
  set(key: string, value: T, weight: number): void
  delete(key: string): void
  readonly weight: number
}

/** A cache of at most maxWeight; what is heavier than that by itself is not kept at all. */
export function createLru<T>(maxWeight: number): Lru<T> {
  // A Map keeps the order of insertion: the first one was used longest ago.
  const entries = new Map<string, { value: T; weight: number }>()
  let total = 0
  const drop = (key: string): void => {
    total -= entries.get(key)?.weight ?? 0
    entries.delete(key)
  }
  return {
    get weight() {
      return total
    },
    delete: drop,
    get: (key) => {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      entries.set(key, entry)
      return entry.value
    },
    set: (key, value, weight) => {
      drop(key)
      if (weight > maxWeight) return
      entries.set(key, { value, weight })
      total += weight
      for (const oldest of entries.keys()) {
        if (total <= maxWeight) break
        drop(oldest)
      }
    },
  }
}
