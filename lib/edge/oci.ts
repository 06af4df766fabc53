// Charts from OCI registries: which tag is meant, which manifest it is now, and its archive by "helm pull".
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { chooseVersion } from '../helm/constraint.ts'
import { encodeDockerConfig } from '../helm/dockerconfig.ts'
import { ReconcileError } from '../model/errors.ts'
import type { Clock, HelmDriver } from '../model/ports.ts'
import type { Artifact } from '../model/source.ts'
import { didYouMean } from '../util/nearest.ts'
import { digestJson } from '../util/digest.ts'
import type { Env } from './child.ts'
import { showUrl } from './http.ts'
import { digestFile } from './parser/charts.ts'
import { diskUsage, withGrowth } from './quota/growth.ts'
import type { CacheQuota } from './quota/quota.ts'
import type { RepositorySource } from './repository.ts'
import type { Archives } from './source/archives.ts'
import type { Make } from './source/cache.ts'
import { withFiles } from './source/files.ts'
import { createFlights } from './source/flight.ts'
import { isPlainRegistry, registryUrl } from './source/location.ts'
import { createMemo } from './source/memo.ts'
import { pullFile } from './source/pull.ts'
import type { Registry, RegistryPlace } from './source/registry.ts'
import type { RegistryAccess } from './source/secret.ts'
import { readTrustedRoots } from './trust.ts'
import type { Workdir } from './workdir.ts'

export type OciOptions = {
  registry: Registry
  archives: Archives
  quota: CacheQuota
  workdir: Workdir
  // Names the certificates that are trusted besides a registry's own.
  env: Env
  clock: Clock
  refreshMs: number
  // Of the operator.
  signal: AbortSignal
}
export type OciCall = RegistryAccess & {
  helm: HelmDriver
  namespace: string
  signal: AbortSignal
}

type Known<T> = { value: T; at: number }
// What a tag means now: empty when there is none. A registry that refuses us may let in helm, which knows more ways to log in.
type Manifest = { digest?: string; refusal?: ReconcileError }

const newsMs = 5_000
const maxKnown = 1_000

/** Fetches from registries. Throws ReconcileError Chart… or Repository…. */
export function createOciFetcher(options: OciOptions) {
  const { registry, archives, clock, refreshMs } = options
  const flights = createFlights()
  const tags = createMemo<Known<readonly string[]>>(maxKnown)
  const manifests = createMemo<Known<Manifest>>(maxKnown)
  const schemes = createMemo<Known<boolean>>(maxKnown)

  // Asks once for all, and again when the answer is too old.
  const recall = async <T>(
    memo: { get(key: string): Known<T> | undefined; set(key: string, value: Known<T>): Known<T> },
    key: string,
    { freshMs, signal }: { freshMs: number; signal: AbortSignal },
    ask: () => Promise<T>,
  ): Promise<T> => {
    const known = memo.get(key)
    if (known && clock.now() - known.at < freshMs) return known.value
    return await flights.share(key, signal, async () => {
      try {
        return memo.set(key, { value: await ask(), at: clock.now() }).value
      } catch (error) {
        // A registry that is down for a while does not disturb who has got its charts.
        if (known && (error as ReconcileError).code === 'RepositoryUnreachable') return known.value
        throw error
      }
    })
  }
  const resolve = async (
    source: RepositorySource,
    place: RegistryPlace,
    call: { freshMs: number; signal: AbortSignal },
  ): Promise<string> => {
    if (isExact(source.version)) return source.version.trim()
    const key = `tags ${keyOf(place)}`
    const found = await recall(tags, key, call, () => registry.tags(place))
    // A tag cannot hold a plus, so Helm writes an underscore.
    const versions = found.map((tag) => ({ version: tag.replaceAll('_', '+') }))
    const version = chooseVersion(versions, source.version)?.version
    if (version !== undefined) return version
    if (call.freshMs > newsMs) return await resolve(source, place, { ...call, freshMs: newsMs })
    throw explainAbsence(source, versions)
  }
  // As with Docker, a registry on this machine need not have a certificate.
  const reach = async (
    place: RegistryPlace,
    options: { freshMs: number; signal: AbortSignal },
  ): Promise<RegistryPlace> => {
    if (place.isPlain || !isLoopback(place.host)) return place
    const key = `scheme ${place.host}`
    const isPlain = await recall(schemes, key, options, () => registry.isPlain(place))
    return isPlain ? { ...place, isPlain } : place
  }
  return async (source: RepositorySource, call: OciCall): Promise<Artifact> => {
    const { signal } = call
    const place = await reach(placeOf(source, call), { freshMs: refreshMs, signal })
    options.quota.ask(keyOf(place), call.namespace)
    const version = await resolve(source, place, { freshMs: refreshMs, signal })
    const key = `digest ${keyOf(place)} ${version}`
    const ask = (): Promise<Manifest> => askManifest(registry, place, version)
    const read = (freshMs: number) => recall(manifests, key, { freshMs, signal }, ask)
    let known = await read(refreshMs)
    // What is not there may have been pushed a moment ago.
    if (known.digest === undefined) known = await read(newsMs)
    const { digest = known.refusal?.code, refusal } = known
    if (digest === undefined) throw await explainMissing(source, { registry, place, version })
    const bring = (digest: string): Promise<Artifact> => {
      const name = `oci-${createHash('sha256').update(`${key} ${digest}`).digest('hex')}.tgz`
      const what = `"${source.name}" ${version}`
      const make: Make = async (draft, room) => {
        const growth = {
          room,
          known: 0,
          measure: () => diskUsage(dirname(draft)),
          signal: options.signal,
        }
        const pull = { source, place, version, call, draft }
        await withGrowth(growth, (signal) => pullArchive({ ...options, signal }, pull)).catch(
          (error) => {
            const isHelms = error instanceof ReconcileError && error.code !== 'QuotaExceeded'
            // The registry says better than helm what it minds.
            throw isHelms ? (refusal ?? error) : error
          },
        )
        if (!refusal) await checkArchive(registry, { place, digest, draft, what })
      }
      return archives.bring({ name, what, source: keyOf(place), make }, signal)
    }
    try {
      return await bring(digest)
    } catch (error) {
      if ((error as ReconcileError).code !== 'ChartInvalid') throw error
      // The tag may have been moved while helm pulled it.
      const again = await read(0)
      if (again.digest === undefined || again.digest === digest) throw error
      return await bring(again.digest)
    }
  }
}

// Helm pulls a tag, which may mean another manifest by now than the one whose digest the archive is to be known by.
async function checkArchive(
  registry: Registry,
  pulled: { place: RegistryPlace; digest: string; draft: string; what: string },
): Promise<void> {
  const { place, digest, draft, what } = pulled
  const promised = await registry.archiveDigest(place, digest)
  if (promised === undefined) return
  const found = await digestFile(draft)
  if (found === promised) return
  throw new ReconcileError(
    'ChartInvalid',
    `Cannot fetch chart ${what}: its digest is ${found}, but the manifest ${digest} says ${promised}`,
  )
}

async function askManifest(
  registry: Registry,
  place: RegistryPlace,
  version: string,
): Promise<Manifest> {
  try {
    const digest = await registry.digest(place, version.replaceAll('+', '_'))
    return digest === undefined ? {} : { digest }
  } catch (error) {
    if ((error as ReconcileError).code !== 'RepositoryRefused') throw error
    return { refusal: error as ReconcileError }
  }
}

function placeOf({ url, name }: RepositorySource, call: OciCall): RegistryPlace {
  const { host, pathname } = registryUrl(url)
  const repository = [...pathname.split('/'), name].filter((part) => part !== '').join('/')
  const { credentials, tls } = call
  const isPlain = isPlainRegistry(url)
  return {
    ...{ host, repository },
    ...(isPlain ? { isPlain } : {}),
    ...(credentials ? { credentials } : {}),
    ...(tls ? { tls } : {}),
  }
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/.test(host)
}

// Others may be shown other charts.
function keyOf(place: RegistryPlace): string {
  return digestJson(place)
}

// A "v" may be part of the tag or not: the list of tags tells.
function isExact(version: string): boolean {
  return /^\d+\.\d+\.\d+(?:[-+][\w.+-]*)?$/.test(version.trim())
}

type Pull = {
  source: RepositorySource
  place: RegistryPlace
  version: string
  call: OciCall
  draft: string
}

async function pullArchive({ workdir, env, signal }: OciOptions, pull: Pull): Promise<void> {
  const { place, version, call, draft } = pull
  const { helm, credentials, tls, isExclusive } = call
  const contents = {
    registryConfig: credentials
      ? encodeDockerConfig(place.host, credentials)
      : isExclusive
        ? '{}'
        : undefined,
    // Helm believes nobody else then, and the archive may be kept at yet another host.
    caFile: tls?.ca && [...(await readTrustedRoots(env)), tls.ca].join('\n'),
    certFile: tls?.cert,
    keyFile: tls?.key,
  }
  const plainHttp = place.isPlain ?? false
  const chart = `oci://${place.host}/${place.repository}`
  const secrets = credentials ? [credentials.password] : []
  // Behind its own file, helm looks into Docker's.
  const docker = isExclusive ? { dockerConfig: await workdir.directory('no-docker') } : {}
  await withFiles(workdir, contents, (files) =>
    pullFile({ helm, chart, version, plainHttp, signal, secrets, ...files, ...docker }, draft),
  )
}

function explainAbsence(
  { url, name, version }: RepositorySource,
  versions: readonly { version: string }[],
): ReconcileError {
  const near = didYouMean(
    version,
    versions.map((one) => one.version),
  )
  const newest = chooseVersion(versions, '*') ?? chooseVersion(versions, '*-0')
  const instead = near || (newest ? `; the newest is "${newest.version}"` : '')
  return new ReconcileError(
    'ChartVersionNotFound',
    `Cannot find version "${version}" of chart "${name}" in "${showUrl(url)}": no version matches${instead}`,
  )
}

async function explainMissing(
  source: RepositorySource,
  { registry, place }: { registry: Registry; place: RegistryPlace; version: string },
): Promise<ReconcileError> {
  try {
    const tags = await registry.tags(place)
    return explainAbsence(
      source,
      tags.map((tag) => ({ version: tag.replaceAll('_', '+') })),
    )
  } catch (error) {
    return error as ReconcileError
  }
}
