// What changed lately in one collection: the window that watches read from and that consistent paging looks back through.
import type { Obj } from './types.ts'

export type LogEntry = {
  version: number
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: Obj
  // Absent for ADDED.
  before?: Obj
}

export interface EventLog {
  append(entry: LogEntry): void
  // The oldest remembered change after the given version; undefined when there is none yet.
  after(version: number): LogEntry | undefined
  // Everything remembered after the given version, newest first.
  since(version: number): Iterable<LogEntry>
  // Changes up to this version are forgotten: who knows no newer one must list again.
  readonly forgotten: number
}

/** A log that remembers at least the given number of changes, and at most twice as many. */
export function createEventLog(window: number): EventLog {
  let entries: LogEntry[] = []
  let forgotten = 0
  return {
    get forgotten() {
      return forgotten
    },
    append(entry) {
      entries.push(entry)
      // Cut in bulk: shifting a long array for every change would be quadratic.
      if (entries.length < window * 2) return
      forgotten = entries[window - 1]!.version
      entries = entries.slice(window)
    },
    after: (version) => entries[firstAfter(entries, version)],
    *since(version) {
      const first = firstAfter(entries, version)
      for (let index = entries.length - 1; index >= first; index--) yield entries[index]!
    },
  }
}

function firstAfter(entries: readonly LogEntry[], version: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (entries[middle]!.version > version) high = middle
    else low = middle + 1
  }
  return low
}
