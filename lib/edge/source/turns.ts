// Helm when it fetches: few at a time, and no two of them on the same cached indexes, which helm writes in place.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import type { ReconcileError } from '../../model/errors.ts'
import type { Clock, HelmDriver } from '../../model/ports.ts'
import { diskUsage, withGrowth } from '../quota/growth.ts'
import type { CacheQuota } from '../quota/quota.ts'
import { openPrivateDirectory } from './private.ts'

// Beside those that --workers counts: each takes a tenth of a second and 70 MB.
export const parallelHelms = 4
// Of repositories that only a chart's dependencies name; helm downloads all that it needs each time, and never removes any.
const anonymous = /^helm-manager-/
const unusedMs = 24 * 3_600_000

type TurnsOptions = { directory: string; quota: CacheQuota; clock: Clock }

/**
 * Makes drivers whose pull() and updateDependencies() wait for their turn. Indexes are kept below the directory, as far as the
 * quota has room for them.
 */
export async function openTurns({ directory, quota, clock }: TurnsOptions) {
  const limit = pLimit(parallelHelms)
  // As many as may run. They stay, because a repository that is down for a while then still has its last index.
  const slots = Array.from({ length: parallelHelms }, (_, slot) => join(directory, String(slot)))
  const count = async (slot: string, usedAt: number): Promise<number> => {
    const bytes = await diskUsage(slot)
    quota.put(slot, { kind: 'indexes', source: slot, bytes, usedAt, remove: () => clear(slot) })
    return bytes
  }
  // Those of an earlier operator may go before anybody needs them.
  for (const slot of slots) await count(slot, await lastUse(slot))
  const free = [...slots]
  const update = async (helm: HelmDriver, call: DependencyCall): Promise<void> => {
    // There are as many as may run.
    const slot = free.shift()!
    const release = quota.hold(slot)
    const what = `the indexes that the dependencies of the chart ${call.what ?? ''} need`
    const room = quota.reserve({ kind: 'indexes', source: slot, what, path: slot })
    try {
      await openPrivateDirectory(slot)
      await sweepIndexes(slot, clock.now())
      const known = await count(slot, clock.now())
      const measure = (): Promise<number> => diskUsage(slot)
      await withGrowth({ room, measure, known, signal: call.signal }, (signal) =>
        helm.updateDependencies({ ...call, signal, repositoryCache: slot }),
      )
    } catch (error) {
      // What there was no room for must not stay.
      if ((error as ReconcileError).code === 'QuotaExceeded') await clear(slot)
      throw error
    } finally {
      await sweepIndexes(slot, clock.now()).catch(() => {})
      await count(slot, clock.now())
      room.end()
      release()
      free.unshift(slot)
    }
  }
  return (helm: HelmDriver): HelmDriver => ({
    ...helm,
    pull: (call) => limit(() => helm.pull(call)),
    updateDependencies: (call) => limit(() => update(helm, call)),
  })
}

type DependencyCall = Parameters<HelmDriver['updateDependencies']>[0]

async function clear(slot: string): Promise<void> {
  for (const name of await readdir(slot).catch(() => []))
    await rm(join(slot, name), { recursive: true, force: true })
}

async function lastUse(slot: string): Promise<number> {
  const info = await stat(slot).catch(() => undefined)
  return info?.mtimeMs ?? 0
}

async function sweepIndexes(directory: string, now: number): Promise<void> {
  for (const name of (await readdir(directory)).filter((one) => anonymous.test(one))) {
    const file = join(directory, name)
    const info = await stat(file).catch(() => undefined)
    if (info && now - info.mtimeMs > unusedMs) await rm(file, { force: true })
  }
}
