// Charts from chart repositories over HTTP(S): which version is meant, and its archive on this machine's disk.
// We download such archives ourselves rather than with "helm pull": helm reads and parses the whole index again for every
// version, which for the large public ones means a gigabyte of memory, and does not compare the archive with the digest
// that the index promises. What only Helm can do (OCI, downloader plugins) is left to it: see source/pull.ts.
import { chooseVersion, parseConstraint } from '../helm/constraint.ts'
import type { ChartVersion } from '../helm/index.ts'
import { Parked, ReconcileError } from '../model/errors.ts'
import type { Log } from '../model/ports.ts'
import type { Artifact, ChartSource } from '../model/source.ts'
import { didYouMean } from '../util/nearest.ts'
import { showUrl } from './http.ts'
import type { Archives } from './source/archives.ts'
import type { Indexes, Offers } from './source/indexes.ts'
import { accessKey, type RepositoryAccess } from './source/location.ts'
import { createMemo } from './source/memo.ts'

export type RepositorySource = Extract<ChartSource, { kind: 'repository' }>

export type RepositoryOptions = {
  indexes: Indexes
  archives: Archives
  log: Log
  // How old what we know of a repository may be.
  refreshMs: number
}

// What is not there may have been published a moment ago; but a hundred releases must not ask for it a hundred times.
const newsMs = 5_000
const maxWrong = 1_000

/** Fetches from HTTP(S) repositories. Throws ReconcileError Chart… or Repository…. */
export function createRepositoryFetcher(options: RepositoryOptions) {
  const { indexes, archives, log, refreshMs } = options
  // Digests in indexes that no archive has, by repository and credentials: another index may promise the same and mean it.
  const wrong = createMemo<true>(maxWrong)
  const resolve = async (
    source: RepositorySource,
    access: RepositoryAccess,
    options: { freshMs: number; signal: AbortSignal },
  ): Promise<ChartVersion> => {
    const offers = await indexes.find(access, source.name, options)
    const version = chooseVersion(offers.versions ?? [], source.version)
    if (version) return version
    if (options.freshMs > newsMs)
      return await resolve(source, access, { ...options, freshMs: newsMs })
    throw explainAbsence(source, offers)
  }
  return async (
    source: RepositorySource,
    access: RepositoryAccess,
    signal: AbortSignal,
  ): Promise<Artifact> => {
    const wrongKey = (digest = ''): string => `${accessKey(access)} ${source.name} ${digest}`
    const get = (version: ChartVersion, anyDigest: boolean): Promise<Artifact> =>
      archives.get({ access, name: source.name, version, anyDigest }, signal)
    const getKnown = (version: ChartVersion): Promise<Artifact> =>
      get(version, wrong.get(wrongKey(version.digest)) !== undefined)
    const version = await resolve(source, access, { freshMs: refreshMs, signal })
    try {
      return await getKnown(version)
    } catch (error) {
      if (signal.aborted || error instanceof Parked) throw error
      // Published again since we looked: the index that belongs to it knows better.
      const again = await resolve(source, access, { freshMs: newsMs, signal })
      const { digest } = again
      if (again.version !== version.version || digest !== version.digest)
        return await getKnown(again)
      if ((error as ReconcileError).code !== 'ChartInvalid' || digest === undefined) throw error
      // Helm never looks, so repositories with such an index are many, and go unnoticed.
      const artifact = await get(again, true)
      wrong.set(wrongKey(digest), true)
      log.warn('archive is not what its index promises', { error })
      return artifact
    }
  }
}

function explainAbsence({ url, name, version }: RepositorySource, offers: Offers): ReconcileError {
  const repository = `repository "${showUrl(url)}"`
  if (!offers.versions || offers.versions.length === 0)
    return new ReconcileError(
      'ChartNotFound',
      `Cannot find chart "${name}" in ${repository}: it is not there${didYouMean(name, offers.names)}`,
    )
  const versions = offers.versions.map((one) => one.version)
  const cannot = `Cannot find version "${version}" of chart "${name}" in ${repository}`
  if (!parseConstraint(version.trim()))
    return new ReconcileError(
      'ChartVersionNotFound',
      `${cannot}: there is none, and it is no constraint${newest(offers.versions)}`,
    )
  const near = didYouMean(version, versions)
  return new ReconcileError(
    'ChartVersionNotFound',
    `${cannot}: no version matches${near === '' ? newest(offers.versions) : near}`,
  )
}

// Pre-releases are on offer only to those who ask for them.
function newest(versions: readonly ChartVersion[]): string {
  const found = chooseVersion(versions, '*') ?? chooseVersion(versions, '*-0')
  return found ? `; the newest is "${found.version}"` : ''
}
