// Programs write as much as they like. What they write to is looked at while they run, and they are ended when it is too much.
import { Buffer } from 'node:buffer'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ReconcileError } from '../../model/errors.ts'
import { followAbort } from '../../util/abort.ts'
import type { Reservation } from './quota.ts'

export type Growth = {
  room: Reservation
  // The bytes that stand there now; throws what is wrong with them otherwise.
  measure: () => Promise<number>
  // What of that is accounted for already.
  known: number
  signal: AbortSignal
}

const everyMs = 100

/** Runs a program, whose signal is aborted when there is no more room. Throws ReconcileError QuotaExceeded then. */
export async function withGrowth<T>(
  { room, measure, known, signal }: Growth,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController()
  const unfollow = followAbort(ended, signal)
  let accounted = known
  let excess: unknown
  const look = async (): Promise<void> => {
    const bytes = await measure()
    const more = bytes - accounted
    if (more <= 0) return
    accounted = bytes
    await room.grow(more)
  }
  let looking: Promise<void> = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => {
      excess ??= error
      ended.abort(error)
    })
  }, everyMs)
  try {
    const result = await run(ended.signal)
    clearInterval(timer)
    await looking
    if (excess === undefined) await look()
    if (excess !== undefined) throw excess
    return result
  } catch (error) {
    throw excess ?? error
  } finally {
    clearInterval(timer)
    unfollow()
  }
}

// What a small file takes on most disks.
const blockBytes = 4_096

/** What so many bytes take as a file of their own. */
export function fileUsage(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes
}

/** What all files below a directory take, or one file does; 0 if there is nothing. */
export async function diskUsage(path: string): Promise<number> {
  const info = await stat(path).catch(() => undefined)
  if (!info?.isDirectory()) return fileUsage(info?.size ?? 0)
  let bytes = 0
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries)
    if (entry.isFile()) {
      const file = await stat(join(entry.parentPath, entry.name)).catch(() => undefined)
      bytes += fileUsage(file?.size ?? 0)
    }
  return bytes
}

// Git needs some hundred bytes of memory for each, while it unpacks what it was sent.
const maxObjects = 2_000_000

/**
 * The bytes of the packs of a bare repository, where everything goes that git receives. Throws ReconcileError QuotaExceeded when
 * one that is on its way says that it has too many objects.
 */
export async function packUsage(repository: string, what: string): Promise<number> {
  const directory = join(repository, 'objects/pack')
  let bytes = 0
  for (const name of await readdir(directory).catch(() => [])) {
    const path = join(directory, name)
    bytes += (await stat(path).catch(() => undefined))?.size ?? 0
    if (!name.startsWith('tmp_pack_')) continue
    if ((await countObjects(path)) > maxObjects)
      throw new ReconcileError(
        'QuotaExceeded',
        `Cannot keep ${what}: it has more than ${maxObjects} objects; name a smaller repository`,
      )
  }
  return bytes
}

// A pack begins with "PACK", its version, and the number of its objects.
async function countObjects(pack: string): Promise<number> {
  const file = await open(pack).catch(() => undefined)
  try {
    const { buffer, bytesRead } = (await file?.read({ buffer: Buffer.alloc(12) })) ?? {}
    return bytesRead === 12 ? buffer!.readUInt32BE(8) : 0
  } finally {
    await file?.close()
  }
}
