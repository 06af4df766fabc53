// A binary heap: whatever is put in, the least of it comes out first.

export interface Heap<T> {
  push(item: T): void
  peek(): T | undefined
  pop(): T | undefined
}

/** An empty heap; `isLess` says which of two comes out first. */
export function createHeap<T>(isLess: (left: T, right: T) => boolean): Heap<T> {
  const items: T[] = []
  const swap = (left: number, right: number): void => {
    ;[items[left], items[right]] = [items[right]!, items[left]!]
  }
  const rise = (from: number): void => {
    for (let at = from; at > 0;) {
      const above = (at - 1) >> 1
      if (!isLess(items[at]!, items[above]!)) return
      swap(at, above)
      at = above
    }
  }
  const sink = (): void => {
    for (let at = 0; ;) {
      const below = [2 * at + 1, 2 * at + 2].filter((one) => one < items.length)
      const least = below.reduce((a, b) => (isLess(items[b]!, items[a]!) ? b : a), at)
      if (least === at) return
      swap(at, least)
      at = least
    }
  }
  return {
    push(item) {
      items.push(item)
      rise(items.length - 1)
    },
    peek: () => items[0],
    pop() {
      if (items.length > 1) swap(0, items.length - 1)
      const least = items.pop()
      sink()
      return least
    },
  }
}
