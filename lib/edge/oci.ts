// Charts from OCI registries: which tag is meant, which manifest it is now, and its archive by "helm pull".
import { createHash } from 'node:crypto'
import { chooseVersion } from '../helm/constraint.ts'
import { encodeDockerConfig, type RegistryCredentials } from '../helm/dockerconfig.ts'
import { ReconcileError } from '../model/errors.ts'
import type { Clock, HelmDriver } from '../model/ports.ts'
import type { Artifact } from '../model/source.ts'
import { didYouMean } from '../util/nearest.ts'
import type { RepositorySource } from './repository.ts'
import type { Archives } from './source/archives.ts'
import { createFlights } from './source/flight.ts'
import { createMemo } from './source/memo.ts'
import { pullFile } from './source/pull.ts'
import type { Registry, RegistryPlace } from './source/registry.ts'
import type { Workdir } from './workdir.ts'

export type OciOptions = {
  registry: Registry
  archives: Archives
  workdir: Workdir
  clock: Clock
  refreshMs: number
  // Of the operator.
  signal: AbortSignal
}
export type OciCall = {
  credentials?: RegistryCredentials
  helm: HelmDriver
  signal: AbortSignal
}

type Known<T> = { value: T; at: number }

const newsMs = 5_000
const maxKnown = 1_000

/** Fetches from registries. Throws ReconcileError Chart… or Repository…. */
export function createOciFetcher(options: OciOptions) {
  const { registry, archives, clock, refreshMs } = options
  const flights = createFlights()
  const tags = createMemo<Known<readonly string[]>>(maxKnown)
  const digests = createMemo<Known<string | undefined>>(maxKnown)

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
    if (isExact(source.version)) return source.version.trim().replace(/^v(?=\d)/, '')
    const key = `tags ${keyOf(place)}`
    const found = await recall(tags, key, call, () => registry.tags(place))
    // A tag cannot hold a plus, so Helm writes an underscore.
    const versions = found.map((tag) => ({ version: tag.replaceAll('_', '+') }))
    const version = chooseVersion(versions, source.version)?.version
    if (version !== undefined) return version
    if (call.freshMs > newsMs) return await resolve(source, place, { ...call, freshMs: newsMs })
    throw explainAbsence(source, versions)
  }
  return async (source: RepositorySource, call: OciCall): Promise<Artifact> => {
    const { signal } = call
    const place = placeOf(source, call)
    const version = await resolve(source, place, { freshMs: refreshMs, signal })
    const key = `digest ${keyOf(place)} ${version}`
    const tag = version.replaceAll('+', '_')
    // Helm knows ways to log in that we do not: if the registry refuses us, it may still let in helm.
    const ask = (): Promise<string | undefined> =>
      registry.digest(place, tag).catch((error: ReconcileError) => {
        if (error.code === 'RepositoryRefused') return 'unknown'
        throw error
      })
    const digest = await recall(digests, key, { freshMs: refreshMs, signal }, ask)
    if (digest === undefined) throw await explainMissing(source, { registry, place, version })
    const name = `oci-${createHash('sha256').update(`${key} ${digest}`).digest('hex')}.tgz`
    const what = `"${source.name}" ${version}`
    const make = (draft: string): Promise<void> =>
      pullArchive(options, { source, place, version, call, draft })
    return await archives.bring({ name, what, make }, signal)
  }
}

function placeOf({ url, name }: RepositorySource, call: OciCall): RegistryPlace {
  const { host, pathname } = new URL(url.replace(/^oci:/i, 'https:'))
  const repository = [...pathname.split('/'), name].filter((part) => part !== '').join('/')
  const { credentials } = call
  return { host, repository, ...(credentials ? { credentials } : {}) }
}

function keyOf({ host, repository, credentials }: RegistryPlace): string {
  return JSON.stringify([host, repository, credentials?.username, credentials?.password])
}

function isExact(version: string): boolean {
  return /^v?\d+\.\d+\.\d+(?:[-+][\w.+-]*)?$/.test(version.trim())
}

type Pull = {
  source: RepositorySource
  place: RegistryPlace
  version: string
  call: OciCall
  draft: string
}

async function pullArchive({ workdir, signal }: OciOptions, pull: Pull): Promise<void> {
  const { place, version, call, draft } = pull
  const chart = `oci://${place.host}/${place.repository}`
  const { helm, credentials } = call
  const target = {
    helm,
    chart,
    version,
    signal,
    secrets: credentials ? [credentials.password] : [],
  }
  if (!credentials) return await pullFile(workdir, target, draft)
  const config = encodeDockerConfig(place.host, credentials)
  await workdir.withFile('registry.json', config, (registryConfig) =>
    pullFile(workdir, { ...target, registryConfig }, draft),
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
    `Cannot find version "${version}" of chart "${name}" in "${url}": no version matches${instead}`,
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
