// Puts files of a commit onto this machine's disk, once for all releases that need the same from the same mirror.
import { mkdir, rm } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { DiskCache } from './cache.ts'
import type { GitAccess } from './gitcommand.ts'
import type { Mirror } from './mirror.ts'
import { explainCacheError } from './private.ts'
import type { TreeEntry } from './commit-tree.ts'

/** The directory with these files in it. Throws ReconcileError Git… or DiskFull. */
export async function exportFiles(
  cache: DiskCache,
  options: { mirror: Mirror; access: GitAccess; entries: readonly TreeEntry[]; timeoutMs: number },
): Promise<string> {
  const listing = options.entries
    .map(({ mode, hash, path }) => `${mode} ${hash}\t${path}\0`)
    .sort()
    .join('')
  // A commit may name files that its repository has not got; they are not handed out because another one has.
  const origin = `${basename(options.mirror.directory)}\0${listing}`
  const name = `tree-${createHash('sha256').update(origin).digest('hex')}`
  return await cache.get(name, (draft) => checkOut(draft, listing, options))
}

// Reading a tree into an empty work tree downloads all missing files at once; to check them out one by one, or to
// archive them, would mean one download for each.
async function checkOut(
  draft: string,
  listing: string,
  { mirror, access, timeoutMs }: { mirror: Mirror; access: GitAccess; timeoutMs: number },
): Promise<void> {
  const index = `${draft}.index`
  const env = { GIT_INDEX_FILE: index }
  try {
    await mkdir(draft).catch((error: unknown) => {
      throw explainCacheError(error, `write "${draft}"`)
    })
    await mirror.git(access, ['update-index', '-z', '--index-info'], { env, stdin: listing })
    const tree = (await mirror.git(access, ['write-tree', '--missing-ok'], { env })).trim()
    await rm(index, { force: true })
    await mirror.git(
      access,
      [`--work-tree=${draft}`, 'read-tree', '--reset', '-u', '--no-sparse-checkout', tree],
      { env, verb: 'read files of', timeoutMs },
    )
  } finally {
    await rm(index, { force: true })
  }
}
