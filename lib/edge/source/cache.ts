// Files and directories that can be had again but had better not be: named by what is in them, made once however many ask
// at the same time, and thrown away when there are too many, those first that nobody has used for longest.
import { mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../model/ports.ts'
import { explainCacheError, openPrivateDirectory } from './private.ts'

export type DiskCache = {
  // The path of what has this name. make() writes it to the path it is given, once; others wait for the same.
  get(name: string, make: (draft: string) => Promise<void>): Promise<string>
  // Whether it is there; asking counts as use.
  has(name: string): Promise<boolean>
  remove(name: string): Promise<void>
  path(name: string): string
}
export type DiskCacheOptions = {
  directory: string
  maxBytes: number
  // Nothing that was used within this time is thrown away: a helm may be about to read it.
  keepMs: number
  clock: Clock
}

type Entry = { bytes: number; usedAt: number }

const draftPrefix = '.draft-'
// Younger ones may be another operator's, at work in the same directory.
const draftMs = 10 * 60_000

/** Opens the directory, 0700, with what an earlier operator left there; its unfinished drafts are swept. */
export async function openDiskCache(options: DiskCacheOptions): Promise<DiskCache> {
  const { directory, clock } = options
  await openPrivateDirectory(directory)
  const entries = await readEntries(directory, clock.now())
  const making = new Map<string, Promise<string>>()
  const path = (name: string): string => join(directory, name)

  const use = async (name: string): Promise<boolean> => {
    const info = await stat(path(name)).catch(() => undefined)
    if (!info) return entries.delete(name) && false
    const now = clock.now()
    const known = entries.get(name)
    // Written through, so that age survives a restart, but not at every glance.
    if (!known || now - known.usedAt > options.keepMs / 10)
      await utimes(path(name), now / 1_000, now / 1_000).catch(() => {})
    entries.set(name, { bytes: known?.bytes ?? (await sizeOf(path(name))), usedAt: now })
    return true
  }
  const make = async (name: string, write: (draft: string) => Promise<void>): Promise<string> => {
    // Whoever cleans up may have taken all of it.
    await openPrivateDirectory(directory)
    const draft = await mkdtemp(join(directory, draftPrefix)).catch((error: unknown) => {
      throw explainCacheError(error, `write to the cache "${directory}"`)
    })
    try {
      await write(join(draft, 'content'))
      await rename(join(draft, 'content'), path(name)).catch(ifThere(path(name)))
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
    await use(name)
    await evict(options, entries, (victim) => rm(path(victim), { recursive: true, force: true }))
    return path(name)
  }
  return {
    path,
    has: use,
    get: async (name, write) => {
      const running = making.get(name)
      if (running) return await running
      const made = use(name).then((there) => (there ? path(name) : make(name, write)))
      making.set(name, made)
      try {
        return await made
      } finally {
        making.delete(name)
      }
    },
    remove: async (name) => {
      entries.delete(name)
      await rm(path(name), { recursive: true, force: true })
    },
  }
}

async function readEntries(directory: string, now: number): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const { mtimeMs } = await stat(path)
    if (!name.startsWith(draftPrefix))
      entries.set(name, { bytes: await sizeOf(path), usedAt: mtimeMs })
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

async function evict(
  { maxBytes, keepMs, clock }: DiskCacheOptions,
  entries: Map<string, Entry>,
  discard: (name: string) => Promise<void>,
): Promise<void> {
  let total = [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  const oldestFirst = [...entries].sort(([, a], [, b]) => a.usedAt - b.usedAt)
  for (const [name, { bytes, usedAt }] of oldestFirst) {
    if (total <= maxBytes || clock.now() - usedAt < keepMs) return
    entries.delete(name)
    await discard(name)
    total -= bytes
  }
}

async function sizeOf(path: string): Promise<number> {
  const info = await stat(path).catch(() => undefined)
  if (!info?.isDirectory()) return info?.size ?? 0
  let bytes = 0
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const file = await stat(join(entry.parentPath, entry.name)).catch(() => undefined)
      bytes += file?.size ?? 0
    }
  return bytes
}
