// Archives and exported charts, which can be had again but had better not be: named by what is in them and who may read it,
// made once however many ask at the same time, and thrown away by the quota, those first that nobody has used for longest.
import { mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../model/ports.ts'
import { diskUsage } from '../quota/growth.ts'
import { withRoom, type CacheQuota, type Reservation } from '../quota/quota.ts'
import { unlessParked } from './flight.ts'
import { explainCacheError, openPrivateDirectory } from './private.ts'

export type DiskCache = {
  // The path of what has this name. make() writes it to the path it is given, once; others wait for the same. Before it writes, it
  // says how much to the room it is given.
  get(name: string, origin: Origin, make: Make): Promise<string>
  // Whether it is there; asking counts as use.
  has(name: string): Promise<boolean>
  remove(name: string): Promise<void>
  path(name: string): string
}
// Whose it is, and what it is called in "Cannot keep …".
export type Origin = { source: string; what: string }
export type Make = (draft: string, room: Reservation) => Promise<void>
export type DiskCacheOptions = { directory: string; quota: CacheQuota; clock: Clock }

const draftPrefix = '.draft-'
// Younger ones may be another operator's, at work in the same directory.
const draftMs = 10 * 60_000
// Use is written through, so that age survives a restart, but not at every glance.
const noteMs = 360_000

/** Opens the directory, 0700, with what an earlier operator left there; its unfinished drafts are swept. */
export async function openDiskCache(options: DiskCacheOptions): Promise<DiskCache> {
  const { directory, clock, quota } = options
  await openPrivateDirectory(directory)
  const noted = new Map<string, number>()
  const making = new Map<string, Promise<string>>()
  const path = (name: string): string => join(directory, name)
  const remove = async (name: string): Promise<void> => {
    noted.delete(name)
    // Whatever ends us here must not leave half of it under its name.
    const gone = join(directory, `${draftPrefix}gone-${name}`)
    await rename(path(name), gone).catch(() => {})
    await rm(gone, { recursive: true, force: true })
  }
  const put = async (name: string, source: string, usedAt: number): Promise<void> =>
    quota.put(path(name), {
      ...{ kind: kindOf(name), source, usedAt, bytes: await diskUsage(path(name)) },
      remove: () => remove(name),
    })
  for (const { name, usedAt } of await readEntries(directory, clock.now())) {
    noted.set(name, usedAt)
    await put(name, '', usedAt)
  }

  const use = async (name: string, source?: string): Promise<boolean> => {
    if (!(await stat(path(name)).catch(() => undefined))) {
      noted.delete(name)
      quota.drop(path(name))
      return false
    }
    const now = clock.now()
    // Another operator may have made it.
    if (!noted.has(name)) await put(name, source ?? '', now)
    if (now - (noted.get(name) ?? 0) > noteMs) {
      noted.set(name, now)
      await utimes(path(name), now / 1_000, now / 1_000).catch(() => {})
    }
    quota.touch(path(name), source)
    return true
  }
  const make = async (name: string, origin: Origin, write: Make): Promise<string> => {
    const room = quota.reserve({ kind: kindOf(name), ...origin })
    // Whoever cleans up may have taken all of it.
    await openPrivateDirectory(directory)
    const draft = await mkdtemp(join(directory, draftPrefix)).catch((error: unknown) => {
      throw explainCacheError(error, `write to the cache "${directory}"`)
    })
    try {
      await write(join(draft, 'content'), room).catch((error: unknown) => {
        throw isFull(error) ? explainCacheError(error, `write "${draft}"`) : error
      })
      await rename(join(draft, 'content'), path(name)).catch(ifThere(path(name)))
      const now = clock.now()
      await utimes(path(name), now / 1_000, now / 1_000).catch(() => {})
      noted.set(name, now)
      await put(name, origin.source, now)
    } finally {
      room.end()
      await rm(draft, { recursive: true, force: true })
    }
    return path(name)
  }
  const get: DiskCache['get'] = async (name, origin, write) => {
    const running = making.get(name)
    if (running) {
      const ended = await unlessParked(running)
      return ended === undefined ? await get(name, origin, write) : ended.value
    }
    const made = use(name, origin.source).then((there) =>
      there ? path(name) : withRoom(quota, () => make(name, origin, write)),
    )
    making.set(name, made)
    try {
      return await made
    } finally {
      making.delete(name)
    }
  }
  return {
    path,
    has: use,
    get,
    remove: async (name) => {
      quota.drop(path(name))
      await remove(name)
    },
  }
}

function kindOf(name: string): 'archives' | 'exports' {
  return name.endsWith('.tgz') ? 'archives' : 'exports'
}

function isFull(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}

async function readEntries(
  directory: string,
  now: number,
): Promise<{ name: string; usedAt: number }[]> {
  const entries: { name: string; usedAt: number }[] = []
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const { mtimeMs } = await stat(path)
    if (!name.startsWith(draftPrefix)) entries.push({ name, usedAt: mtimeMs })
    else if (now - mtimeMs > draftMs) await rm(path, { recursive: true, force: true })
  }
  return entries
}

// Another operator on the same directory may have been quicker; its content has the same name, so it is the same.
function ifThere(path: string): (error: NodeJS.ErrnoException) => Promise<void> {
  return async (error) => {
    if (!(await stat(path).catch(() => undefined)))
      throw explainCacheError(error, `write "${path}"`)
  }
}
