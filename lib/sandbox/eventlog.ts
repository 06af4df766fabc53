// What changed lately in one collection: the window that watches read from and that consistent paging looks back through.
import type { Obj } from './types.ts'

export type LogEntry = {
  version: number
  // Milliseconds since the epoch.
  at: number
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

// As long as etcd keeps old versions for a real server.
const memoryMs = 300_000

/** A log that remembers the given number of changes, for a while twice as many, but none for long. */
export function createEventLog(window: number): EventLog {
  let entries: LogEntry[] = []
  let forgotten = 0
  return {
    get forgotten() {
      return forgotten
    },
    append(entry) {
      entries.push(entry)
      const cut = surplus(entries, window, entry.at)
      if (cut === 0) return
      forgotten = entries[cut - 1]!.version
      entries = entries.slice(cut)
    },
    after: (version) => entries[firstAfter(entries, version)],
    *since(version) {
      const first = firstAfter(entries, version)
      for (let index = entries.length - 1; index >= first; index--) yield entries[index]!
    },
  }
}

// How many of the oldest may go. They go in bulk: shifting a long array for every change would be quadratic.
function surplus(entries: readonly LogEntry[], window: number, now: number): number {
  if (entries.length >= window * 2) return window
  if (entries[0]!.at > now - 2 * memoryMs) return 0
  return entries.findIndex(({ at }) => at > now - memoryMs)
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
