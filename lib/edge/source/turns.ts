// Helm when it fetches: few at a time, and no two of them on the same cached indexes, which helm writes in place.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import type { Clock, HelmDriver } from '../../model/ports.ts'
import { diskUsage } from '../quota/growth.ts'
import { openPrivateDirectory } from './private.ts'

// Beside those that --workers counts: each takes a tenth of a second and 70 MB.
export const parallelHelms = 4
// Of repositories that only a chart's dependencies name; helm downloads all that it needs each time, and never removes any.
const anonymous = /^helm-manager-/
const unusedMs = 24 * 3_600_000

/** Makes drivers whose pull() and updateDependencies() wait for their turn. Indexes are kept below the directory. */
export function createTurns({ directory, clock }: { directory: string; clock: Clock }) {
  const limit = pLimit(parallelHelms)
  // As many as may run. They stay, because a repository that is down for a while then still has its last index.
  const free = Array.from({ length: parallelHelms }, (_, slot) => join(directory, String(slot)))
  const withIndexes = async (use: (repositoryCache: string) => Promise<void>): Promise<void> => {
    const slot = free.shift() ?? directory
    try {
      await openPrivateDirectory(slot)
      await sweepIndexes(slot, clock.now())
      await use(slot)
    } finally {
      await sweepIndexes(slot, clock.now()).catch(() => {})
      free.unshift(slot)
    }
  }
  return (helm: HelmDriver): HelmDriver => ({
    ...helm,
    pull: (call) => limit(() => helm.pull(call)),
    updateDependencies: (call) =>
      limit(() =>
        withIndexes((repositoryCache) => helm.updateDependencies({ ...call, repositoryCache })),
      ),
  })
}

// Four of them fit beside --cache-quota into the volume that the manifests give to the cache.
const maxSlotBytes = 64 * 1024 * 1024

async function sweepIndexes(directory: string, now: number): Promise<void> {
  if ((await diskUsage(directory)) > maxSlotBytes)
    for (const name of await readdir(directory))
      await rm(join(directory, name), { recursive: true, force: true })
  for (const name of (await readdir(directory)).filter((one) => anonymous.test(one))) {
    const file = join(directory, name)
    const info = await stat(file).catch(() => undefined)
    if (info && now - info.mtimeMs > unusedMs) await rm(file, { force: true })
  }
}
