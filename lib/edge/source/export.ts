// Puts files of a commit onto this machine's disk, once for all releases that need the same from the same mirror.
import { mkdir, rm } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { diskUsage, fileUsage, withGrowth } from '../quota/growth.ts'
import type { Reservation } from '../quota/quota.ts'
import type { DiskCache, Origin } from './cache.ts'
import type { TreeEntry } from './commit-tree.ts'
import type { GitAccess } from './gitcommand.ts'
import type { Mirror } from './mirror.ts'
import { explainCacheError } from './private.ts'

export type ExportOptions = {
  mirror: Mirror
  access: GitAccess
  entries: readonly TreeEntry[]
  what: string
  timeoutMs: number
  signal: AbortSignal
}

/** The directory with these files in it. Throws ReconcileError Git…, QuotaExceeded or DiskFull. */
export async function exportFiles(cache: DiskCache, options: ExportOptions): Promise<string> {
  const listing = options.entries
    .map(({ mode, hash, path }) => `${mode} ${hash}\t${path}\0`)
    .sort()
    .join('')
  // A commit may name files that its repository has not got; they are not handed out because another one has.
  const source = basename(options.mirror.directory)
  const name = `tree-${createHash('sha256').update(`${source}\0${listing}`).digest('hex')}`
  const origin: Origin = { source, what: `the chart ${options.what}` }
  return await cache.get(name, origin, (draft, room) =>
    checkOut({ ...options, draft, listing, room }),
  )
}

type CheckOut = ExportOptions & { draft: string; listing: string; room: Reservation }

async function checkOut(task: CheckOut): Promise<void> {
  const { mirror, access, draft, listing, room, timeoutMs, signal } = task
  const index = `${draft}.index`
  const env = { GIT_INDEX_FILE: index }
  try {
    await mkdir(draft).catch((error: unknown) => {
      throw explainCacheError(error, `write "${draft}"`)
    })
    await mirror.git(access, ['update-index', '-z', '--index-info'], { env, stdin: listing })
    const tree = (await mirror.git(access, ['write-tree', '--missing-ok'], { env })).trim()
    await rm(index, { force: true })
    await fetchMissing(task, tree)
    const known = await usageOf(task, tree)
    await room.grow(known)
    // Attributes in the tree can have git write more than there is in it.
    const measure = (): Promise<number> => diskUsage(dirname(draft))
    const args = ['read-tree', '--reset', '-u', '--no-sparse-checkout', tree]
    await withGrowth({ room, measure, known: known + fileUsage(listing.length), signal }, () =>
      mirror.git(access, [`--work-tree=${draft}`, ...args], {
        ...{ env, verb: 'read files of', timeoutMs },
      }),
    )
  } finally {
    await rm(index, { force: true })
  }
}

// All at once: git by itself would start one download for each file whose size it is asked for.
async function fetchMissing({ mirror, access, timeoutMs }: CheckOut, tree: string): Promise<void> {
  const look = ['rev-list', '--objects', '--no-object-names', '--missing=print', tree]
  const lines = (await mirror.git(access, look)).split('\n')
  const missing = lines.filter((line) => line.startsWith('?')).map((line) => line.slice(1))
  if (missing.length === 0) return
  const how = [
    '--no-tags',
    '--no-write-fetch-head',
    '--recurse-submodules=no',
    '--filter=blob:none',
  ]
  await mirror.git(
    access,
    ['-c', 'fetch.negotiationAlgorithm=noop', 'fetch', '--quiet', ...how, '--stdin', 'origin'],
    { verb: 'read files of', stdin: missing.join('\n'), timeoutMs },
  )
}

// What the files will take, each as often as it is in the tree.
async function usageOf({ mirror, access }: CheckOut, tree: string): Promise<number> {
  const text = await mirror.git(access, ['ls-tree', '-r', '-l', '-z', tree])
  let bytes = 0
  for (const [, size] of text.matchAll(/(?:^|\0)\d+ \w+ [0-9a-f]+ +(\d+)\t/g))
    bytes += fileUsage(Number(size))
  return bytes
}
