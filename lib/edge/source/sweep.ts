// Mirrors of repositories that nobody fetches any more go, whether this process made them or an earlier one.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { CacheQuota } from '../quota/quota.ts'
import { countMirror, type Mirror } from './mirror.ts'
import { openPrivateDirectory } from './private.ts'

// Longer than any sync interval that makes sense.
const unusedMs = 24 * 3_600_000

/** Opens the directory of mirrors. Removes what was not used for a day from it, and from the map of those that are open. */
export async function sweepMirrors(
  directory: string,
  mirrors: Map<string, Mirror>,
  now: number,
): Promise<void> {
  await openPrivateDirectory(directory)
  for (const [key, mirror] of mirrors) if (now - mirror.usedAt() > unusedMs) mirrors.delete(key)
  for (const name of await readdir(directory)) {
    if (mirrors.has(name)) continue
    const info = await stat(join(directory, name)).catch(() => undefined)
    if (info && now - info.mtimeMs > unusedMs)
      await rm(join(directory, name), { recursive: true, force: true })
  }
}

/** Counts the mirrors that an earlier operator left, which may go before anybody asks for them. */
export async function countMirrors(directory: string, quota: CacheQuota): Promise<void> {
  await openPrivateDirectory(directory)
  for (const name of await readdir(directory)) {
    const info = await stat(join(directory, name)).catch(() => undefined)
    if (info?.isDirectory()) await countMirror(quota, join(directory, name), info.mtimeMs)
  }
}
