// An OCI registry in memory, over HTTPS, as far as helm push and helm pull speak to one: uploads, manifests, tags; open, or
// behind Basic or Bearer authentication.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { selfSigned } from './certificate.ts'
import { withWebServer, type WebServer } from './webserver.ts'

export type OciRegistry = Pick<WebServer, 'requests'> & {
  // "0.0.0.0:port": of 127.0.0.1, helm 3 expects plain HTTP.
  host: string
  // Its certificate, PEM.
  ca: string
  // Called once, behind the next answer that tells the digest of a manifest.
  onManifest: (call: () => Promise<void>) => void
  // From now on, what is asked for a blob is sent to this URL instead, as registries do that keep them elsewhere.
  redirectBlobs: (to: string) => void
}
export type RegistryLogin = { kind: 'basic' | 'bearer'; username: string; password: string }

type Manifest = { type: string; content: Buffer; digest: string }
type Store = {
  blobs: Map<string, Buffer>
  // By "repository tag" and "repository digest".
  manifests: Map<string, Manifest>
  tags: Map<string, string[]>
  onManifest?: () => Promise<void>
  redirect?: string
}

/** Runs `use` with a registry on a free port: over HTTPS, unless it is a plain one, by which name then is yours. */
export async function withRegistry<T>(
  use: (registry: OciRegistry) => Promise<T>,
  { login, plainAt }: { login?: RegistryLogin | undefined; plainAt?: string | undefined } = {},
): Promise<T> {
  const certificate = selfSigned('registry')
  const store: Store = { blobs: new Map(), manifests: new Map(), tags: new Map() }
  return await withWebServer(
    (request, response) => {
      void respond(store, login, request, response).catch(() => response.writeHead(500).end())
    },
    ({ port, requests }) =>
      use({
        ...{ host: `${plainAt ?? '0.0.0.0'}:${port}`, ca: certificate.cert, requests },
        onManifest: (call) => void (store.onManifest = call),
        redirectBlobs: (to) => void (store.redirect = to),
      }),
    plainAt === undefined ? certificate : undefined,
  )
}

const token = 'a-token'

async function respond(
  store: Store,
  login: RegistryLogin | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { authorization, host } = request.headers
  const isPlain = !('encrypted' in request.socket)
  const url = new URL(request.url ?? '/', `https://${host}`)
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const pair = login && Buffer.from(`${login.username}:${login.password}`).toString('base64')
  if (url.pathname === '/token')
    return void (authorization === `Basic ${pair}`
      ? response.end(JSON.stringify({ token }))
      : response.writeHead(401).end())
  const expected = login?.kind === 'bearer' ? `Bearer ${token}` : `Basic ${pair}`
  if (login && authorization !== expected) {
    const challenge =
      login.kind === 'basic'
        ? 'Basic realm="registry"'
        : `Bearer realm="${isPlain ? 'http' : 'https'}://${host}/token",service="registry"`
    return void response.writeHead(401, { 'www-authenticate': challenge }).end()
  }
  const { method = 'GET', headers } = request
  const isHead = method === 'HEAD' && url.pathname.includes('/manifests/')
  const { onManifest } = store
  if (!isHead || !onManifest) return serve(store, { method, url, body, type: headers }, response)
  delete store.onManifest
  // The answer is as of now, and reaches whoever asked when it is no longer true.
  const end = response.end.bind(response)
  response.end = (content?: unknown) => (void onManifest().then(() => end(content)), response)
  serve(store, { method, url, body, type: headers }, response)
}

type Call = {
  method: string
  url: URL
  body: Buffer
  type: IncomingMessage['headers']
}

function serve(store: Store, call: Call, response: ServerResponse): void {
  const { method, url, body } = call
  const [, repository = '', kind, name = ''] =
    /^\/v2\/(.+?)\/(blobs\/uploads|blobs|manifests|tags)\/(.*)$/.exec(url.pathname) ?? []
  if (url.pathname === '/v2/') return void response.end('{}')
  if (kind === 'tags') {
    const tags = store.tags.get(repository)
    // In pages of two, so that whoever forgets the rest is found out.
    const from = tags ? tags.indexOf(url.searchParams.get('last') ?? '') + 1 : 0
    const page = tags?.slice(from, from + 2)
    if (tags && page && from + 2 < tags.length)
      response.setHeader('link', `<${url.pathname}?last=${page.at(-1)}>; rel="next"`)
    if (!page) return void response.writeHead(404).end()
    return void response.end(JSON.stringify({ name: repository, tags: page }))
  }
  if (kind === 'blobs/uploads' && method === 'POST') {
    const location = `/v2/${repository}/blobs/uploads/${Math.random()}`
    return void response.writeHead(202, { location }).end()
  }
  if (kind === 'blobs/uploads') {
    store.blobs.set(url.searchParams.get('digest') ?? digestOf(body), body)
    return void response.writeHead(201, { location: `/v2/${repository}/blobs/x` }).end()
  }
  if (kind === 'blobs' && store.redirect !== undefined && !url.searchParams.has('redirected'))
    return void response
      .writeHead(307, { location: `${store.redirect}${url.pathname}?redirected` })
      .end()
  if (kind === 'blobs') return sendContent(response, method, store.blobs.get(name), name)
  if (kind === 'manifests') return serveManifest(store, { ...call, repository, name }, response)
  response.writeHead(404).end()
}

function serveManifest(
  store: Store,
  { method, body, type, repository, name }: Call & { repository: string; name: string },
  response: ServerResponse,
): void {
  if (method === 'PUT') {
    const manifest = { content: body, digest: digestOf(body), type: type['content-type'] ?? '' }
    for (const key of [name, manifest.digest]) store.manifests.set(`${repository} ${key}`, manifest)
    const tags = store.tags.get(repository) ?? []
    if (!name.startsWith('sha256:') && !tags.includes(name)) tags.push(name)
    store.tags.set(repository, tags)
    return void response.writeHead(201, { 'docker-content-digest': manifest.digest }).end()
  }
  const found = store.manifests.get(`${repository} ${name}`)
  if (found) response.setHeader('content-type', found.type)
  sendContent(response, method, found?.content, found?.digest ?? '')
}

function sendContent(
  response: ServerResponse,
  method: string,
  content: Buffer | undefined,
  digest: string,
): void {
  if (!content) return void response.writeHead(404).end()
  response.setHeader('docker-content-digest', digest)
  response.setHeader('content-length', content.length)
  response.end(method === 'HEAD' ? undefined : content)
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}
