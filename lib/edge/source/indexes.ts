// What chart repositories offer. Each index is downloaded once for all releases, asked for changes no more often than every
// refreshMs, kept on disk because it may be large, and in memory only as far as charts in use are concerned.
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { ChartVersion } from '../../helm/index.ts'
import { Parked, ReconcileError, type ErrorCode } from '../../model/errors.ts'
import type { Clock, Log } from '../../model/ports.ts'
import { showUrl, type HttpResponse } from '../http.ts'
import { digestFile } from '../parser/charts.ts'
import type { Parser } from '../parser/parser.ts'
import { withinRoom } from '../quota/download.ts'
import { diskUsage } from '../quota/growth.ts'
import { withRoom, type CacheQuota } from '../quota/quota.ts'
import { createFlights } from './flight.ts'
import {
  prepareDirectory,
  readValidators,
  removeIndexFile,
  storeIndexFile,
  type Validators,
} from './indexfile.ts'
import { accessKey, indexUrl, sayWhy, type RepositoryAccess, type Transport } from './location.ts'

export type Offers = { versions: readonly ChartVersion[] | undefined; names: readonly string[] }
export type Indexes = {
  // What the repository offers of a chart. freshMs: how old the answer may be at most.
  find(access: RepositoryAccess, chart: string, options: FindOptions): Promise<Offers>
}
export type FindOptions = { freshMs: number; signal: AbortSignal }

export type IndexesOptions = {
  transport: Transport
  clock: Clock
  log: Log
  parser: Parser
  directory: string
  quota: CacheQuota
  // Of the operator: ends downloads.
  signal: AbortSignal
}

type Repository = {
  access: RepositoryAccess
  file: string
  usedAt: number
  checkedAt: number
  // What the server said of the file on disk, for conditional requests; absent while there is none.
  validators?: Validators
  // A failure that is still young is not asked for again by every release.
  failure?: { error: ReconcileError; at: number }
  // When each chart was last asked for.
  wanted: Map<string, number>
  charts: Map<string, readonly ChartVersion[] | undefined>
  names: readonly string[]
}

// The largest public index has a third of it.
const maxIndexBytes = 256 * 1024 * 1024
const downloadMs = 300_000
const failureMs = 10_000
// Whoever is still interested asks far more often.
const forgetMs = 3_600_000
const unusedMs = 24 * 3_600_000

/** Indexes kept below a directory. Throws ReconcileError Repository… when one cannot be had and never was. */
export async function openIndexes(options: IndexesOptions): Promise<Indexes> {
  const { clock, directory } = options
  await prepareDirectory(directory, clock.now())
  await countIndexes(options)
  const repositories = new Map<string, Repository>()
  const flights = createFlights()
  const open = async (key: string, access: RepositoryAccess): Promise<Repository> => {
    const repository = await openRepository(join(directory, key), access)
    repositories.set(key, repository)
    return repository
  }
  // Whoever has just come is not among them.
  const forget = async (): Promise<void> => {
    for (const [key, { usedAt, file }] of repositories)
      if (clock.now() - usedAt > unusedMs) {
        repositories.delete(key)
        options.quota.drop(file)
        await removeIndexFile(file)
      }
  }
  return {
    find: async (access, chart, { freshMs, signal }) => {
      const key = accessKey(access)
      const repository =
        repositories.get(key) ??
        (await flights.share(`open ${key}`, signal, () => open(key, access)))
      repository.usedAt = clock.now()
      options.quota.touch(repository.file, key)
      repository.wanted.set(chart, clock.now())
      await forget()
      if (clock.now() - repository.checkedAt >= freshMs)
        await flights.share(`refresh ${key}`, signal, () => refresh(options, repository, access))
      // Whoever asks while charts are being cut out waits for the next round, together with all others.
      while (!repository.charts.has(chart)) {
        const isThere = await flights.share(`cut ${key}`, signal, () =>
          cut(options.parser, repository),
        )
        if (!isThere)
          await flights.share(`refresh ${key}`, signal, () => refresh(options, repository, access))
      }
      return { versions: repository.charts.get(chart), names: repository.names }
    },
  }
}

async function openRepository(file: string, access: RepositoryAccess): Promise<Repository> {
  const validators = await readValidators(file)
  return {
    ...{
      access,
      file,
      usedAt: Infinity,
      checkedAt: -Infinity,
      wanted: new Map(),
      charts: new Map(),
    },
    ...(validators ? { validators } : {}),
    names: [],
  }
}

// As this call has it: helm belongs to the pass that asks.
async function refresh(
  options: IndexesOptions,
  repository: Repository,
  access: RepositoryAccess,
): Promise<void> {
  const { clock, log } = options
  const { failure, validators } = repository
  if (failure && clock.now() - failure.at < failureMs) {
    if (!validators || !isPassing(failure.error)) throw failure.error
    return
  }
  try {
    await withRoom(options.quota, () => download(options, repository, access))
    repository.checkedAt = clock.now()
    delete repository.failure
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error
    repository.failure = { error, at: clock.now() }
    if (!validators || !isPassing(error)) throw error
    // What was true a minute ago is better than nothing, and releases in sync need not know.
    if (!failure)
      log.warn('repository index is not up to date', { url: showUrl(access.url), error })
  }
}

// A server that is down or shows an error page comes back; one that refuses means it.
function isPassing({ code }: ReconcileError): boolean {
  return code === 'RepositoryUnreachable' || code === 'RepositoryIndexInvalid'
}

async function download(
  options: IndexesOptions,
  repository: Repository,
  access: RepositoryAccess,
): Promise<void> {
  const { validators, file, wanted } = repository
  const response = await request(options, access, validators)
  if (response.status === 304 && validators) return
  checkStatus(response, access)
  const { quota, clock } = options
  const what = `the index of repository "${showUrl(access.url)}"`
  // The one before stays until the new one is there, and counts until then.
  const room = quota.reserve({ kind: 'indexes', source: basename(file), what, path: file })
  const stored = { body: withinRoom(room, unpacked(response)), validators: validatorsOf(response) }
  const offers = await storeIndexFile(file, stored, async (draft) => {
    const now = options.clock.now()
    for (const [chart, at] of wanted) if (now - at > forgetMs) wanted.delete(chart)
    return await readOffers(options.parser, { file: draft, access, wanted: [...wanted.keys()] })
  })
    .catch((error: unknown) => {
      throw explain(options, access, error)
    })
    .finally(() => room.end())
  await countIndex(quota, file, clock.now())
  Object.assign(repository, offers, { validators: stored.validators })
}

// What the server says of a length is that of the packed content.
function unpacked({ headers, body }: HttpResponse): Pick<HttpResponse, 'headers' | 'body'> {
  return headers['content-encoding'] === undefined ? { headers, body } : { headers: {}, body }
}

async function countIndex(quota: CacheQuota, file: string, usedAt: number): Promise<void> {
  const [source, bytes] = [basename(file), await diskUsage(file)]
  const remove = (): Promise<void> => removeIndexFile(file)
  quota.put(file, { kind: 'indexes', source, bytes, usedAt, remove })
}

// Those of an earlier operator may go before anybody asks for them.
async function countIndexes({ directory, quota }: IndexesOptions): Promise<void> {
  const names = (await readdir(directory)).filter((name) => !name.includes('.'))
  for (const file of names.map((name) => join(directory, name))) {
    const info = await stat(file).catch(() => undefined)
    if (info) await countIndex(quota, file, info.mtimeMs)
  }
}

async function request(
  options: IndexesOptions,
  access: RepositoryAccess,
  validators: Validators | undefined,
): Promise<HttpResponse> {
  try {
    return await options.transport.get(indexUrl(access.url), {
      ...access,
      headers: conditions(validators),
      maxBytes: maxIndexBytes,
      timeoutMs: downloadMs,
      compressed: true,
      signal: options.signal,
    })
  } catch (error) {
    throw explain(options, access, error)
  }
}

function conditions({ etag, modified }: Validators = {}): Record<string, string> {
  return {
    ...(etag ? { 'if-none-match': etag } : {}),
    ...(modified ? { 'if-modified-since': modified } : {}),
  }
}

function validatorsOf({ headers }: HttpResponse): Validators {
  const { etag, 'last-modified': modified } = headers
  return {
    ...(typeof etag === 'string' ? { etag } : {}),
    ...(typeof modified === 'string' ? { modified } : {}),
  }
}

function checkStatus({ status }: HttpResponse, access: RepositoryAccess): void {
  const fail = (code: ErrorCode, state: string): ReconcileError => failure(code, access, state)
  if (status === 200) return
  if (status === 401 || status === 403)
    throw fail(
      'RepositoryRefused',
      access.credentials
        ? `the server refuses these credentials (${status})`
        : `the server wants credentials (${status}); name a Secret with "username" and "password"`,
    )
  if (status === 404 || status === 410)
    throw fail('RepositoryIndexInvalid', `there is none at this URL (${status})`)
  throw fail(
    status >= 500 || status === 429 ? 'RepositoryUnreachable' : 'RepositoryRefused',
    `the server answers ${status}`,
  )
}

// False when the copy on disk has gone: somebody has cleaned up. Then there is nothing but to download it again.
async function cut(parser: Parser, repository: Repository): Promise<boolean> {
  const { access, file, wanted, charts } = repository
  const missing = [...wanted.keys()].filter((chart) => !charts.has(chart))
  try {
    const found = await readOffers(parser, { file, access, wanted: missing })
    repository.names = found.names
    for (const chart of missing) charts.set(chart, found.charts.get(chart))
    return true
  } catch (error) {
    delete repository.validators
    repository.checkedAt = -Infinity
    if (error instanceof ReconcileError) throw error
    return false
  }
}

type Found = Pick<Repository, 'charts' | 'names'>

// A chart that is not there is remembered too: asking again would mean another scan.
async function readOffers(
  parser: Parser,
  { file, access, wanted }: { file: string; access: RepositoryAccess; wanted: string[] },
): Promise<Found> {
  const invalid = (why: string): ReconcileError => failure('RepositoryIndexInvalid', access, why)
  const call = { identity: () => digestFile(file), refuse: invalid }
  const reading = await parser.run('index', { file, charts: wanted }, call)
  if (reading.kind === 'invalid') throw invalid(`${reading.why}; check the URL`)
  const { charts, names } = reading.index
  return { charts: new Map(wanted.map((chart) => [chart, charts.get(chart)])), names }
}

function explain({ signal }: IndexesOptions, access: RepositoryAccess, error: unknown): unknown {
  if (signal.aborted) return signal.reason
  // Of a plugin's repository, helm says it as if the index were a chart.
  if (error instanceof ReconcileError && access.helm && error.code === 'ChartNotFound')
    return failure('RepositoryIndexInvalid', access, 'there is none at this URL', error)
  if (error instanceof ReconcileError || error instanceof Parked) return error
  return failure('RepositoryUnreachable', access, sayWhy(error), error)
}

function failure(
  code: ErrorCode,
  { url }: RepositoryAccess,
  state: string,
  cause?: unknown,
): ReconcileError {
  const message = `Cannot read the index of repository "${showUrl(url)}": ${state}`
  return new ReconcileError(code, message, { cause })
}
