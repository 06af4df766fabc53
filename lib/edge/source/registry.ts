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
import { isLittleJson } from '../parser/little.ts'
import type { Parser } from '../parser/parser.ts'
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

export type RegistryOptions = { http: HttpClient; parser: Parser; signal: AbortSignal }

const maxBytes = 8 * 1024 * 1024
// As many as there may be versions of a chart in an index.
const maxTags = 20_000
// Of a header: what is longer is no challenge and no link that a registry means.
const maxHeader = 2_048
const timeoutMs = 60_000
const maxPages = 100
const manifests = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

/** A client that answers challenges for Basic and Bearer. Throws ReconcileError Repository… or ChartNotFound. */
export function createRegistry({ http, parser, signal }: RegistryOptions): Registry {
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
    const credentials = await answerChallenge(place, first, { get, read })
    return credentials ? await get(place, url, { ...over, credentials }) : first
  }
  const read = <Name extends RegistryTask>(place: RegistryPlace, name: Name, body: Uint8Array) =>
    parser.run(name, String(body), {
      isLittle: isLittleJson(body),
      identity: () => digestOf(body),
      refuse: (why) => fail(place, 'RepositoryIndexInvalid', why),
    })
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
        const found = await read(place, 'registryTags', await readBody(response))
        if (found === undefined)
          throw fail(place, 'RepositoryIndexInvalid', 'the answer is no list of tags')
        if (tags.length + found.length > maxTags)
          throw fail(place, 'RepositoryIndexInvalid', `there are more than ${maxTags} tags`)
        tags.push(...found)
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
      return await read(place, 'registryArchive', body)
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

type RegistryTask = 'registryTags' | 'registryArchive' | 'registryToken'
type Read = (
  place: RegistryPlace,
  name: 'registryToken',
  body: Uint8Array,
) => Promise<string | undefined>
type Get = (
  place: RegistryPlace,
  url: string,
  over?: { credentials?: Credentials },
) => Promise<HttpResponse>

async function answerChallenge(
  place: RegistryPlace,
  { headers }: HttpResponse,
  { get, read }: { get: Get; read: Read },
): Promise<Credentials | undefined> {
  const challenge = String(headers['www-authenticate'] ?? '').slice(0, maxHeader)
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
  const token = await read(place, 'registryToken', await readBody(response))
  return token === undefined ? undefined : { token }
}

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

function nextPage({ headers }: HttpResponse, place: RegistryPlace): string | undefined {
  const [, target] =
    /<([^>]+)>;\s*rel="?next/.exec(String(headers.link ?? '').slice(0, maxHeader)) ?? []
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

function fail(
  { host, repository }: RegistryPlace,
  code: ErrorCode,
  state: string,
  cause?: unknown,
): ReconcileError {
  const message = `Cannot find chart "oci://${host}/${repository}": ${state}`
  return new ReconcileError(code, message, { cause })
}
