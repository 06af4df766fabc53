// A bare copy of a git repository, shared by all releases from it. It is fetched when it is older than the poll interval and
// somebody asks; as long as fetching fails, the last good state is served.
import { rename, rm, utimes } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CommandError, ReconcileError } from '../../model/errors.ts'
import type { Clock, Log } from '../../model/ports.ts'
import { digestJson } from '../../util/digest.ts'
import { createKeyedLock } from '../../util/lock.ts'
import { diskUsage, packUsage, withGrowth } from '../quota/growth.ts'
import { withRoom, type CacheQuota } from '../quota/quota.ts'
import { isThere, openBareRepository, removeLitter } from './bare.ts'
import type { Git, GitAccess } from './gitcommand.ts'
import { showRemote } from './gitfailure.ts'
import { readRefs, readRevision, refFormat, type Refs } from './refs.ts'

export type Mirror = {
  readonly directory: string
  // Brings it up to date unless that was done within freshMs. Throws ReconcileError Git… if it was never possible.
  refresh(access: GitAccess, freshMs: number): Promise<void>
  // The commit that a ref means; undefined when there is none.
  resolve(access: GitAccess, ref: string): Promise<string | undefined>
  // What people may mean: branches and tags.
  names(): readonly string[]
  // Downloads everything there is, for servers that refuse to hand over single files later.
  complete(access: GitAccess): Promise<void>
  // Makes the next refresh look for news.
  expire(): void
  // When it was last tried to bring it up to date, with or without success.
  triedAt(): number
  // Did the last refresh bring it up to date?
  isUpToDate(): boolean
  usedAt(): number
  // Runs git in it.
  git(access: GitAccess, args: readonly string[], over?: GitOver): Promise<string>
}
export type GitOver = {
  verb?: string
  env?: Record<string, string>
  stdin?: string
  timeoutMs?: number
  maxOutputBytes?: number
}

export type MirrorOptions = {
  git: Git
  clock: Clock
  log: Log
  directory: string
  gitTimeoutMs: number
  quota: CacheQuota
  // Of the operator.
  signal: AbortSignal
}

// A first clone may take its time, as long as something arrives.
const cloneFactor = 15
const failureMs = 10_000
const gcMs = 600_000
// Longer than git may take for anything.
const abandonedMs = 6 * 3_600_000

/** A mirror in a directory of its own, which need not exist yet. */
export function createMirror(options: MirrorOptions): Mirror {
  const { clock, directory, log } = options
  let fetchedAt = -Infinity
  let expiries = 0
  let usedAt = clock.now()
  let triedAt = usedAt
  let failure: { error: ReconcileError; at: number; as: string } | undefined
  let refs: Refs | undefined
  let completing: Promise<void> | undefined
  // What brings refs beside branches and tags that somebody wants, such as refs/pull/1/head.
  const extra = new Set<string>()
  const resolved = new Map<string, string | undefined>()
  const lock = createKeyedLock()
  // Two gits that move the same refs get in each other's way.
  const alone = <T>(run: () => Promise<T>): Promise<T> => lock(directory, run)

  const git: Mirror['git'] = (access, args, over = {}) =>
    accounted(options, access, (signal) =>
      options.git({
        ...{ verb: 'read', access, signal, ...over },
        args: [`--git-dir=${directory}`, ...args],
      }),
    )
  const listRefs = async (access: GitAccess): Promise<Refs> =>
    readRefs(await git(access, ['for-each-ref', `--format=${refFormat}`]))
  const fetch = async (access: GitAccess, specs: readonly string[]): Promise<void> => {
    const isNew = !refs
    // The first download may take its time, but only from a host that is there.
    if (isNew) await git(access, ['ls-remote', '--quiet', 'origin', 'HEAD'], { verb: 'fetch' })
    await git(access, [...slowness(options.gitTimeoutMs), ...fetchArgs, ...specs], {
      verb: 'fetch',
      timeoutMs: options.gitTimeoutMs * (isNew ? cloneFactor : 1),
    })
    const before = refs
    refs = await listRefs(access)
    if (before?.text === refs.text) return
    resolved.clear()
    // Packs pile up with every fetch; nobody has to wait for them to be put in order.
    if (before) void git(access, ['gc', '--auto', '--quiet'], { timeoutMs: gcMs }).catch(() => {})
  }
  const startOver = async (
    access: GitAccess,
    specs: readonly string[],
    partial: boolean,
  ): Promise<void> => {
    await rm(directory, { recursive: true, force: true })
    await openBareRepository({ ...options, access, partial })
    refs = undefined
    await fetch(access, specs)
  }
  // Some of what it has may be all that is to be had.
  const completeOrKeep = async (access: GitAccess): Promise<void> => {
    const [kept, before] = [`${directory}-partial`, refs]
    await rm(kept, { recursive: true, force: true })
    await rename(directory, kept)
    try {
      await startOver(access, allSpecs(), false)
      await rm(kept, { recursive: true, force: true })
    } catch (error) {
      await rm(directory, { recursive: true, force: true })
      await rename(kept, directory)
      refs = before
      throw error
    }
  }
  // Somebody has cleaned up.
  const forget = (): void => {
    refs = undefined
    fetchedAt = -Infinity
    completing = undefined
    resolved.clear()
  }
  const takeOver = async (access: GitAccess): Promise<void> => {
    const found = await listRefs(access)
    if (found.text !== '') refs = found
  }
  const allSpecs = (): string[] => [...usualSpecs, ...extra]
  const update = async (access: GitAccess): Promise<void> => {
    const specs = allSpecs()
    const isTakenOver = !refs && (await openBareRepository({ ...options, access, partial: true }))
    // Good enough if the server happens to be away just now.
    if (isTakenOver) await takeOver(access).catch(() => {})
    await fetch(access, specs).catch(async (error: unknown) => {
      // What a killed predecessor left may be beyond repair.
      if (!isTakenOver || (error as ReconcileError).code !== 'Unexpected') throw error
      await startOver(access, specs, true)
    })
  }
  const refresh: Mirror['refresh'] = async (access, freshMs) => {
    const now = clock.now()
    usedAt = now
    options.quota.touch(directory)
    if (refs && !(await isThere(directory))) forget()
    if (now - fetchedAt < freshMs) return
    triedAt = now
    // Whoever comes with other credentials than those that failed need not wait.
    const as = digestJson(access)
    const isYoung = failure?.as === as && now - failure.at < failureMs
    if (failure && isYoung && !refs) throw failure.error
    if (isYoung) return
    try {
      const asked = expiries
      await withRoom(options.quota, () => update(access))
      // What was announced while git was at work may have come too late for it.
      if (asked === expiries) fetchedAt = clock.now()
      failure = undefined
      // Tells whoever sweeps after a restart that it is in use.
      await utimes(directory, now / 1_000, now / 1_000).catch(() => {})
    } catch (error) {
      if (!(error instanceof ReconcileError)) throw error
      const isNews = !failure
      failure = { error, at: clock.now(), as }
      // Only the first download is alone here: later, files may be on their way for an export.
      await removeLitter(directory, refs ? now - abandonedMs : Infinity)
      if (!refs || !(await isThere(directory))) throw error
      if (isNews) log.warn('git mirror is not up to date', { url: showRemote(access.url), error })
    } finally {
      triedAt = clock.now()
    }
  }
  const lookUp = async (access: GitAccess, ref: string): Promise<string | undefined> => {
    const revision = readRevision(ref)
    if (!revision) return undefined
    const { base, spec, local } = revision
    const isMissing = spec !== undefined && refs?.find(base) === undefined
    if (isMissing && !extra.has(spec)) await alone(() => fetch(access, [spec]))
    const args = ['rev-parse', '--verify', '--quiet', `${local}^{commit}`]
    const text = await git(access, args).catch(ifNoSuchRevision)
    const found = /^[0-9a-f]{40,64}$/.exec(text.trim())?.[0]
    if (isMissing && found !== undefined) extra.add(spec)
    return found
  }
  return {
    directory,
    git,
    names: () => refs?.names ?? [],
    complete: (access) => {
      // All charts of the repository find out at the same time.
      completing ??= alone(() => completeOrKeep(access)).catch((error: unknown) => {
        completing = undefined
        throw error
      })
      return completing
    },
    usedAt: () => usedAt,
    expire: () => void ((fetchedAt = -Infinity), expiries++),
    isUpToDate: () => failure === undefined,
    triedAt: () => triedAt,
    refresh: (access, freshMs) => alone(() => refresh(access, freshMs)),
    resolve: async (access, ref) => {
      const known = refs?.find(ref) ?? resolved.get(ref)
      if (known !== undefined || resolved.has(ref)) return known
      const found = await lookUp(access, ref)
      resolved.set(ref, found)
      return found
    },
  }
}

// Runs git in the mirror, which may receive more than there is room for.
async function accounted(
  { directory, quota, clock, signal }: MirrorOptions,
  { url }: GitAccess,
  run: (signal: AbortSignal) => Promise<string>,
): Promise<string> {
  const what = `the git mirror of "${showRemote(url)}"`
  const source = basename(directory)
  const room = quota.reserve({ kind: 'mirrors', source, what, path: directory })
  const measure = (): Promise<number> => packUsage(directory, what)
  const known = await measure()
  const release = quota.hold(directory)
  try {
    return await withGrowth({ room, measure, known, signal }, run)
  } catch (error) {
    if ((error as ReconcileError).code === 'QuotaExceeded') await giveBack(quota, directory, known)
    throw error
  } finally {
    if ((await packUsage(directory, '').catch(() => 0)) !== known)
      await countMirror(quota, directory, clock.now())
    release()
    room.end()
  }
}

// What was too much goes. If it has come in whole before anybody could look, refs may need it, and all of the mirror goes.
async function giveBack(quota: CacheQuota, directory: string, before: number): Promise<void> {
  await removeLitter(directory, Infinity)
  if ((await packUsage(directory, '').catch(() => Infinity)) <= before) return
  quota.drop(directory)
  await removeMirror(directory)
}

/** Tells the quota what a mirror takes on the disk. */
export async function countMirror(
  quota: CacheQuota,
  directory: string,
  usedAt: number,
): Promise<void> {
  const bytes = await diskUsage(directory)
  if (bytes === 0) return quota.drop(directory)
  const remove = (): Promise<void> => removeMirror(directory)
  quota.put(directory, { kind: 'mirrors', source: basename(directory), bytes, usedAt, remove })
}

// Whatever ends us here must not leave half of it under its name.
async function removeMirror(directory: string): Promise<void> {
  const gone = join(dirname(directory), `.draft-gone-${basename(directory)}`)
  await rename(directory, gone).catch(() => {})
  await rm(gone, { recursive: true, force: true })
}

const fetchArgs = [
  // What comes is kept as it comes: one pack, which is where it is measured.
  ...['-c', 'fetch.unpackLimit=1'],
  ...['fetch', '--quiet', '--force', '--prune', '--no-auto-gc', '--no-write-fetch-head', 'origin'],
]
const usualSpecs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*']

// A server that sends nothing for as long as git may take for everything is given up.
function slowness(ms: number): string[] {
  return ['-c', 'http.lowSpeedLimit=1', '-c', `http.lowSpeedTime=${Math.ceil(ms / 1_000)}`]
}

function ifNoSuchRevision(error: unknown): string {
  const { cause } = error as ReconcileError
  const isSilent = cause instanceof CommandError && cause.reason === 'exit' && cause.stderr === ''
  const isMissing =
    cause instanceof CommandError &&
    /not our ref|bad object|expected commit type/.test(cause.stderr)
  if (isSilent || isMissing) return ''
  throw error
}
