// How much of the disk the caches may take: all of them together, each kind of content, and each source and namespace among its
// kind. Room is made before anything is written, by throwing away what was used longest ago, but never what is in use right now.
import { ReconcileError } from '../../model/errors.ts'
import type { Clock, Log } from '../../model/ports.ts'
import { createLru } from '../../util/lru.ts'

export type CacheKind = 'archives' | 'exports' | 'indexes' | 'mirrors'
/** In bytes. */
export type CacheLimits = { total: number } & Record<CacheKind, number>

export type CacheItem = {
  kind: CacheKind
  // Whose it is: a repository as certain credentials show it. Empty if that is not known any more.
  source: string
  bytes: number
  usedAt: number
  // Takes it off the disk.
  remove(): Promise<void>
}
export type Reservation = {
  // Makes room for so many bytes more. Throws ReconcileError QuotaExceeded.
  grow(bytes: number): Promise<void>
  // What was written is an item by now, or gone.
  end(): void
}
export type Claim = {
  kind: CacheKind
  source: string
  // What it is for, as in: Cannot keep …
  what: string
  // The item that grows, if it is there already.
  path?: string
}

export interface CacheQuota {
  // Somebody in a namespace asks for what a source has. What only one namespace asks for counts as its own.
  ask(source: string, namespace: string): void
  // What stands at a path, as long as nobody says otherwise.
  put(path: string, item: CacheItem): void
  drop(path: string): void
  // Used now. A source that was not known is from now on.
  touch(path: string, source?: string): void
  // In use until the answer is called.
  hold(path: string): () => void
  reserve(claim: Claim): Reservation
  // For a disk that is full in spite of all: false if there is nothing left that could go.
  makeRoom(): Promise<boolean>
}

// No source takes more than this part of its kind, so that one that floods leaves the others what they have.
const sourceShare = 1 / 2
// The same for all the sources that only one namespace asks for, however many these are.
const namespaceShare = 3 / 4
// Sources whose namespaces are remembered, and namespaces of each: with two, it is nobody's own.
const mostSources = 10_000
const mostNamespaces = 2
// Of a full disk, this part of the overall quota is freed at least, so that the next one need not ask again.
const spareShare = 1 / 10

type Held = { claim: Claim; bytes: number }

/** A quota of these limits, of which nothing is used yet. */
export function createCacheQuota({
  limits,
  clock,
  log,
}: {
  limits: CacheLimits
  clock: Clock
  log: Log
}): CacheQuota {
  const items = new Map<string, CacheItem>()
  const holds = new Map<string, number>()
  const reserved = new Set<Held>()
  const namespaces = createLru<Set<string>>(mostSources)
  // The only namespace that asks for a source.
  const ownerOf = (source: string): string | undefined => {
    const [only, ...others] = namespaces.get(source) ?? []
    return others.length === 0 ? only : undefined
  }

  const usage = (matches: (one: Pick<CacheItem, 'kind' | 'source'>) => boolean): number => {
    let sum = 0
    for (const item of items.values()) if (matches(item)) sum += item.bytes
    for (const { claim, bytes } of reserved) if (matches(claim)) sum += bytes
    return sum
  }
  const oldest = (
    matches: (item: CacheItem) => boolean,
    spared: string | undefined,
  ): [string, CacheItem] | undefined => {
    let found: [string, CacheItem] | undefined
    for (const entry of items) {
      const [path, item] = entry
      if (holds.has(path) || path === spared || !matches(item)) continue
      if (found === undefined || item.usedAt < found[1].usedAt) found = entry
    }
    return found
  }
  const evict = async ([path, item]: [string, CacheItem]): Promise<void> => {
    items.delete(path)
    await item.remove()
  }
  // The bytes are counted before anything is awaited: two that ask at once are not given the same room.
  const fit = async (held: Held, bytes: number): Promise<void> => {
    const { kind, source, path, what } = held.claim
    const owner = ownerOf(source)
    held.bytes += bytes
    const rules = [
      {
        most: limits[kind] * sourceShare,
        matches: (one: Pick<CacheItem, 'kind' | 'source'>) =>
          one.kind === kind && one.source === source,
        why: (most: string) => `it needs more than the ${most} that one source may have of ${kind}`,
        flag: `--cache-quota-${kind}`,
      },
      {
        most: owner === undefined ? Infinity : limits[kind] * namespaceShare,
        matches: (one: Pick<CacheItem, 'kind' | 'source'>) =>
          one.kind === kind && ownerOf(one.source) === owner,
        why: (most: string) =>
          `all of the ${most} that one namespace may have of ${kind} are in use`,
        flag: `--cache-quota-${kind}`,
      },
      {
        most: limits[kind],
        matches: (one: Pick<CacheItem, 'kind'>) => one.kind === kind,
        why: (most: string) => `all of the ${most} for ${kind} are in use right now`,
        flag: `--cache-quota-${kind}`,
      },
      {
        most: limits.total,
        matches: () => true,
        why: (most: string) => `all of the ${most} for caches are in use right now`,
        flag: '--cache-quota',
      },
    ]
    for (const { most, matches, why, flag } of rules)
      while (usage(matches) > most) {
        const victim = oldest(matches, path)
        if (victim !== undefined) await evict(victim)
        else {
          held.bytes -= bytes
          const state = `${why(showBytes(most))}; raise ${flag}, and the volume it is on`
          throw new ReconcileError('QuotaExceeded', `Cannot keep ${what}: ${state}`)
        }
      }
  }
  return {
    ask: (source, namespace) => {
      const known = namespaces.get(source) ?? new Set()
      if (known.size < mostNamespaces) known.add(namespace)
      namespaces.set(source, known, 1)
    },
    put: (path, item) => void items.set(path, item),
    drop: (path) => void items.delete(path),
    touch: (path, source) => {
      const item = items.get(path)
      if (item) Object.assign(item, { usedAt: clock.now(), source: item.source || (source ?? '') })
    },
    hold: (path) => {
      holds.set(path, (holds.get(path) ?? 0) + 1)
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        const left = (holds.get(path) ?? 1) - 1
        if (left > 0) holds.set(path, left)
        else holds.delete(path)
      }
    },
    reserve: (claim) => {
      const held = { claim, bytes: 0 }
      reserved.add(held)
      return { grow: (bytes) => fit(held, bytes), end: () => void reserved.delete(held) }
    },
    makeRoom: async () => {
      let freed = 0
      for (const wanted = limits.total * spareShare; freed < wanted;) {
        const victim = oldest(() => true, undefined)
        if (victim === undefined) break
        freed += victim[1].bytes
        await evict(victim)
      }
      if (freed > 0) log.warn('disk is full: what was used longest ago goes', { freed })
      return freed > 0
    },
  }
}

/** Runs work(); when the disk is full, makes room and runs it once more. */
export async function withRoom<T>(quota: CacheQuota, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isFull = error instanceof ReconcileError && error.code === 'DiskFull'
    if (!isFull || !(await quota.makeRoom())) throw error
    return await work()
  }
}

/** "512 MiB". */
export function showBytes(bytes: number): string {
  const mib = bytes / 1024 / 1024
  return mib >= 1 ? `${Math.round(mib)} MiB` : `${bytes} bytes`
}
