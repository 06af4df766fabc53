// The last so many things somebody asked for, and charts as far as there is room for them.
import type { Artifact } from '../../model/source.ts'
import { createLru } from '../../util/lru.ts'

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

// A hundred charts of usual size; the rest is read from disk again.
const maxChartsLength = 64 * 1024 * 1024

/** Keeps charts by the length of their templates, which is nearly all of them. */
export function createArtifactMemo(): Memo<Artifact> {
  const charts = createLru<Artifact>(maxChartsLength)
  return {
    get: (key) => charts.get(key),
    set: (key, artifact) => {
      const lengths = Object.values(artifact.chart.templates).map(({ length }) => length)
      charts.set(
        key,
        artifact,
        lengths.reduce((sum, length) => sum + length, 10_000),
      )
      return artifact
    },
  }
}
