// What a registry (OCI distribution API) says of a repository: its tags, and which manifest a tag means now.
import { createHash } from 'node:crypto'
import { ReconcileError, type ErrorCode } from '../../model/errors.ts'
import {
  readBody,
  type Credentials,
  type GetOptions,
  type HttpClient,
  type HttpResponse,
} from '../http.ts'
import { sayWhy } from './location.ts'
import type { RegistryAccess } from './secret.ts'

export type RegistryPlace = RegistryAccess & {
  // "ghcr.io", "localhost:5000".
  host: string
  // "stefanprodan/charts/podinfo".
  repository: string
  // Does it speak HTTP without TLS?
  isPlain?: boolean
}
export type Registry = {
  // Does it speak no TLS? Tells by asking it.
  isPlain(place: RegistryPlace): Promise<boolean>
  tags(place: RegistryPlace): Promise<readonly string[]>
  // "sha256:…"; undefined when there is no such tag.
  digest(place: RegistryPlace, tag: string): Promise<string | undefined>
  // The digest of the chart's archive that the manifest with this digest names; undefined if it names none.
  archiveDigest(place: RegistryPlace, manifest: string): Promise<string | undefined>
}

const maxBytes = 8 * 1024 * 1024
const timeoutMs = 60_000
const maxPages = 100
const manifests = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

const archiveTypes = [
  'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  // Of Helm before 3.7.
  'application/tar+gzip',
]

/** A client that answers challenges for Basic and Bearer. Throws ReconcileError Repository… or ChartNotFound. */
export function createRegistry({
  http,
  signal,
}: {
  http: HttpClient
  signal: AbortSignal
}): Registry {
  const get = async (
    place: RegistryPlace,
    url: string,
    over: Pick<GetOptions, 'credentials' | 'headers' | 'method'> = {},
  ): Promise<HttpResponse> => {
    try {
      return await http.get(url, { maxBytes, timeoutMs, signal, ...tlsFor(place, url), ...over })
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const why = sayWhy(error)
      const hint = / does not speak TLS$/.test(why)
        ? '; name it with oci+http:// if it need not'
        : ''
      throw fail(place, 'RepositoryUnreachable', why + hint, error)
    }
  }
  const ask = async (
    place: RegistryPlace,
    path: string,
    over: Pick<GetOptions, 'headers' | 'method'> = {},
  ): Promise<HttpResponse> => {
    const url = new URL(path, apiOrigin(place)).href
    const first = await get(place, url, over)
    if (first.status !== 401) return first
    const credentials = await answerChallenge(place, first, get)
    return credentials ? await get(place, url, { ...over, credentials }) : first
  }
  return {
    isPlain: async (place) => {
      try {
        await get(place, `https://${place.host}/v2/`, { method: 'HEAD' })
        return false
      } catch (error) {
        const url = `http://${place.host}/v2/`
        const plain = await get(place, url, { method: 'HEAD' }).catch(() => undefined)
        // One that speaks TLS answers others with 400, if at all.
        if (plain && plain.status !== 400) return true
        throw error
      }
    },
    tags: async (place) => {
      const tags: string[] = []
      let path: string | undefined = `/v2/${place.repository}/tags/list?n=1000`
      for (let page = 0; path !== undefined && page < maxPages; page++) {
        const response: HttpResponse = await ask(place, path)
        checkStatus(place, response)
        const text = String(await readBody(response))
        tags.push(...readTags(place, text))
        path = nextPage(response, place)
      }
      return tags
    },
    digest: async (place, tag) => {
      const path = `/v2/${place.repository}/manifests/${tag}`
      const headers = { accept: manifests.join(', ') }
      // Registries that count what anybody takes, as Docker's does, do not count this.
      const head = await ask(place, path, { headers, method: 'HEAD' })
      const { 'docker-content-digest': digest } = head.headers
      if (head.status === 404) return undefined
      if (head.status === 200 && typeof digest === 'string') return digest
      // The header is optional in the API, though every registry sends it.
      const response = await ask(place, path, { headers })
      checkStatus(place, response)
      return digestOf(await readBody(response))
    },
    archiveDigest: async (place, manifest) => {
      const path = `/v2/${place.repository}/manifests/${manifest}`
      const response = await ask(place, path, { headers: { accept: manifests.join(', ') } })
      checkStatus(place, response)
      const body = await readBody(response)
      if (manifest.startsWith('sha256:') && digestOf(body) !== manifest)
        throw fail(place, 'ChartInvalid', `the registry sends something else than ${manifest}`)
      return findArchive(String(body))
    },
  }
}

// Whoever hands out its tokens may be somebody else, to whom our certificate is none of his business.
function tlsFor({ host, tls }: RegistryPlace, url: string): Pick<RegistryAccess, 'tls'> {
  if (!tls || new URL(url).host === host) return tls ? { tls } : {}
  return tls.ca ? { tls: { ca: tls.ca } } : {}
}

// Docker's registry is not where its name says.
function apiOrigin({ host, isPlain }: RegistryPlace): string {
  const isDocker = host === 'docker.io' || host === 'index.docker.io'
  return `${isPlain ? 'http' : 'https'}://${isDocker ? 'registry-1.docker.io' : host}`
}

type Get = (
  place: RegistryPlace,
  url: string,
  over?: { credentials?: Credentials },
) => Promise<HttpResponse>

async function answerChallenge(
  place: RegistryPlace,
  { headers }: HttpResponse,
  get: Get,
): Promise<Credentials | undefined> {
  const challenge = String(headers['www-authenticate'] ?? '')
  const { credentials } = place
  if (/^basic/i.test(challenge)) return credentials
  const fields = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  )
  const realm = fields.get('realm')
  if (!/^bearer/i.test(challenge) || realm === undefined || !URL.canParse(realm)) return undefined
  const url = new URL(realm)
  // A token for anything more than reading is none of our business, whatever the challenge says.
  url.searchParams.set('scope', `repository:${place.repository}:pull`)
  const service = fields.get('service')
  if (service !== undefined) url.searchParams.set('service', service)
  // Whom we speak to without TLS may name somebody without; nobody else gets a password that way.
  if (url.protocol !== 'https:' && !place.isPlain) return undefined
  const response = await get(place, url.href, credentials ? { credentials } : {})
  if (response.status !== 200) return undefined
  const { token, access_token: other } = parseObject(String(await readBody(response)))
  const found = typeof token === 'string' ? token : other
  return typeof found === 'string' ? { token: found } : undefined
}

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

function findArchive(manifest: string): string | undefined {
  const { layers } = parseObject(manifest)
  const found: unknown = (Array.isArray(layers) ? layers : []).find(
    (layer: { mediaType?: unknown } | null) => archiveTypes.includes(String(layer?.mediaType)),
  )
  const { digest } = (found ?? {}) as { digest?: unknown }
  return typeof digest === 'string' ? digest : undefined
}

function readTags(place: RegistryPlace, text: string): string[] {
  const { tags } = parseObject(text)
  if (tags === null) return []
  if (Array.isArray(tags)) return tags.filter((tag) => typeof tag === 'string')
  throw fail(place, 'RepositoryIndexInvalid', 'the answer is no list of tags')
}

function nextPage({ headers }: HttpResponse, place: RegistryPlace): string | undefined {
  const [, target] = /<([^>]+)>;\s*rel="?next/.exec(String(headers.link ?? '')) ?? []
  if (target === undefined) return undefined
  const base = apiOrigin(place)
  const next = new URL(target, base)
  return next.origin === new URL(base).origin ? next.pathname + next.search : undefined
}

function checkStatus(place: RegistryPlace, { status }: HttpResponse): void {
  if (status === 200) return
  if (status === 401 || status === 403)
    throw fail(
      place,
      'RepositoryRefused',
      place.credentials
        ? `the registry refuses these credentials (${status})`
        : `the registry wants credentials (${status}); name a Secret with them`,
    )
  if (status === 404) throw fail(place, 'ChartNotFound', 'the registry has no such repository')
  throw fail(place, 'RepositoryUnreachable', `the registry answers ${status}`)
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}

function fail(
  { host, repository }: RegistryPlace,
  code: ErrorCode,
  state: string,
  cause?: unknown,
): ReconcileError {
  const message = `Cannot find chart "oci://${host}/${repository}": ${state}`
  return new ReconcileError(code, message, { cause })
}
