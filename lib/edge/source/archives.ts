// Chart archives on this machine's disk: each is downloaded once for each repository and credentials, read once, and known by
// the digest of its bytes.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { ChartVersion } from '../../helm/index.ts'
import { Parked, ReconcileError, type ErrorCode } from '../../model/errors.ts'
import type { Artifact } from '../../model/source.ts'
import { showUrl } from '../http.ts'
import type { ChartReader } from '../parser/charts.ts'
import type { Reservation } from '../quota/quota.ts'
import { withinRoom } from '../quota/download.ts'
import type { DiskCache, Make } from './cache.ts'
import { createFlights } from './flight.ts'
import {
  accessKey,
  archiveAccess,
  archiveUrl,
  isRegistry,
  sayWhy,
  type RepositoryAccess,
  type Transport,
} from './location.ts'
import { createArtifactMemo } from './memo.ts'
import { explainCacheError } from './private.ts'

export type Offer = {
  access: RepositoryAccess
  name: string
  version: ChartVersion
  // Is an archive taken whose digest is not the one that the index promises?
  anyDigest?: boolean
}
export type Archives = {
  // Throws ReconcileError Chart… or Repository….
  get(offer: Offer, signal: AbortSignal): Promise<Artifact>
  // The same for an archive that somebody else has to bring; `name` is unique for its content and who may read it.
  bring(archive: Archive, signal: AbortSignal): Promise<Artifact>
}
export type Archive = {
  name: string
  what: string
  // Whose it is: see Claim.
  source: string
  make: Make
  // Of its bytes, if that is known beforehand.
  digest?: string
}
export type ArchivesOptions = {
  transport: Transport
  cache: DiskCache
  charts: ChartReader
  // Of the operator: ends downloads.
  signal: AbortSignal
}

// Far more than Helm can store of a release.
const maxArchiveBytes = 100 * 1024 * 1024
const downloadMs = 300_000

/** Archives in a cache. */
export function createArchives({
  transport,
  cache,
  charts,
  signal: ended,
}: ArchivesOptions): Archives {
  const known = createArtifactMemo()
  const flights = createFlights()
  const open = async (archive: Archive): Promise<Artifact> => {
    const { name, what, source, make, digest } = archive
    let isNew = false
    const origin = { source, what: `chart ${what}` }
    const path = await cache.get(name, origin, (draft, room) => ((isNew = true), make(draft, room)))
    try {
      const artifact = await readArtifact(charts, path, what)
      if (isNew || digest === undefined || artifact.digest === `sha256:${digest}`) return artifact
    } catch (error) {
      // What cannot be read must not stay: it may be whole the next time.
      if (isNew) await cache.remove(name)
      if (isNew) throw error
    }
    // What an earlier operator kept has suffered since.
    await cache.remove(name)
    return await open(archive)
  }
  const bring: Archives['bring'] = async (archive, signal) => {
    const { name } = archive
    const artifact = known.get(name)
    const isIt = archive.digest === undefined || artifact?.digest === `sha256:${archive.digest}`
    if (artifact && isIt && (await cache.has(name))) return artifact
    return await flights.share(name, signal, async () => known.set(name, await open(archive)))
  }
  return {
    bring,
    get: async (offer, signal) => {
      const what = `"${offer.name}" ${offer.version.version}`
      const make: Make = (draft, room) => download(transport, { offer, what, draft, room, ended })
      const archive = { name: archiveName(offer), what, source: accessKey(offer.access), make }
      return await bring({ ...archive, ...digestOf(offer) }, signal)
    },
  }
}

// A digest stands in the name if the archive was compared with it. In any case the name tells who may read it, and everything
// that the index says of it: "created" and another digest tell a version that was published again.
function archiveName(offer: Offer): string {
  const { access, version, name } = offer
  const origin = JSON.stringify([accessKey(access), name, version])
  const key = createHash('sha256').update(origin).digest('hex')
  const { digest } = digestOf(offer)
  return digest === undefined ? `url-${key}.tgz` : `${digest}-${key.slice(0, 32)}.tgz`
}

// Of what is kept in a registry, indexes give all sorts of digests.
function digestOf({ version, anyDigest }: Offer): { digest?: string } {
  const { digest, urls } = version
  return digest === undefined || anyDigest || urls.some(isRegistry) ? {} : { digest }
}

async function readArtifact(charts: ChartReader, path: string, what: string): Promise<Artifact> {
  const { chart, hookEvents, schemaUrls, digest } = await charts.archive(path, what)
  const urls = schemaUrls.length > 0 ? { schemaUrls } : {}
  return { revision: chart.version, digest, path, chart, hookEvents, ...urls }
}

type Download = {
  offer: Offer
  what: string
  draft: string
  room: Reservation
  ended: AbortSignal
}

async function download(transport: Transport, task: Download): Promise<void> {
  const { offer, what, ended } = task
  const { access, version } = offer
  const fail = (code: ErrorCode, state: string, cause?: unknown): ReconcileError =>
    new ReconcileError(code, `Cannot fetch chart ${what}: ${state}`, { cause })
  // Mirrors are tried in their order; what is wrong with the first is what is said.
  let first: unknown
  for (const reference of version.urls) {
    try {
      const from = archiveAccess(access, archiveUrl(access.url, reference, version.version))
      const digest = await downloadFrom(transport, from, task, fail)
      // What a registry keeps is named by a digest of its own, which helm has compared.
      const isVouchedFor = isRegistry(from.url) || offer.anyDigest
      if (version.digest === undefined || isVouchedFor || digest === version.digest) return
      throw fail(
        'ChartInvalid',
        `the digest of "${showUrl(from.url)}" is ${digest}, but the repository's index says ${version.digest}; the repository must be indexed again`,
      )
    } catch (error) {
      if (ended.aborted) throw ended.reason
      if (error instanceof Parked) throw error
      const isUrl = error instanceof ReconcileError
      first ??= isUrl ? error : fail('ChartInvalid', "its URL in the repository's index is none")
    }
  }
  throw first ?? fail('ChartNotFound', "the repository's index names no URL for it")
}

async function downloadFrom(
  transport: Transport,
  from: RepositoryAccess,
  { draft, room, ended }: Download,
  fail: (code: ErrorCode, state: string, cause?: unknown) => ReconcileError,
): Promise<string> {
  const shown = showUrl(from.url)
  const limits = { maxBytes: maxArchiveBytes, timeoutMs: downloadMs, signal: ended }
  const unreachable = (error: unknown): Error =>
    error instanceof ReconcileError || error instanceof Parked
      ? error
      : fail('RepositoryUnreachable', sayWhy(error), error)
  const { status, headers, body } = await transport
    .get(from.url, { ...from, ...limits })
    .catch((error) => {
      throw unreachable(error)
    })
  if (status === 401 || status === 403)
    throw fail('RepositoryRefused', `the server refuses access to "${shown}" (${status})`)
  if (status === 404) throw fail('ChartNotFound', `there is no "${shown}" (404)`)
  if (status !== 200) throw fail('RepositoryUnreachable', `"${shown}" answers ${status}`)
  const hash = createHash('sha256')
  const hashed = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of withinRoom(room, { headers, body })) {
      hash.update(chunk)
      yield chunk
    }
  }
  await pipeline(hashed, createWriteStream(draft, { mode: 0o600 })).catch((error: unknown) => {
    // What the network does wrong comes in other words.
    throw (error as NodeJS.ErrnoException).syscall
      ? explainCacheError(error, `write "${draft}"`)
      : unreachable(error)
  })
  return hash.digest('hex')
}
