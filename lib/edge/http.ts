// Gets something from an HTTP(S) server: through proxies, after redirects, within limits of time and size.
// Global fetch cannot: on Node 20 it knows neither proxies nor client certificates.
import { Buffer } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream'
import { createSecureContext, type SecureContext } from 'node:tls'
import { createGunzip } from 'node:zlib'
import { decodePercent } from '../util/percent.ts'
import { openDeadline } from './deadline.ts'
import type { AddressGuard } from './net/address-guard.ts'
import { explainNetworkError } from './network.ts'
import { chooseProxy } from './webproxy.ts'
import { startTransfer, type Transfer } from './transfer.ts'
import { readTrustedRoots } from './trust.ts'

export type Credentials = { username: string; password: string } | { token: string }
export type TlsIdentity = { ca?: string; cert?: string; key?: string }

export type GetOptions = {
  // HEAD: the same answer without its content.
  method?: 'GET' | 'HEAD'
  maxBytes: number
  // For the whole of it; a server that sends nothing is given up earlier.
  timeoutMs: number
  headers?: Readonly<Record<string, string>>
  // For the URL's own host; others get them only if passCredentials says so.
  credentials?: Credentials
  passCredentials?: boolean
  tls?: TlsIdentity
  // Is the certificate of the URL's own host not to be checked?
  insecure?: boolean
  // Asks for compressed content and unpacks it. Not for archives: some servers then say "gzip" of a .tgz.
  compressed?: boolean
  signal: AbortSignal
}

export type HttpResponse = {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  // Where the answer came from in the end.
  url: string
  // Empty unless the status is 200. To be read or left at once.
  body: AsyncIterable<Buffer>
}

export interface HttpClient {
  // Throws an Error whose message says what is wrong without naming credentials.
  get(url: string, options: GetOptions): Promise<HttpResponse>
}

const maxRedirects = 10

/** A client that goes through the proxies and trusts the certificates that the environment names. */
export function createHttpClient({
  env,
  guard,
}: {
  env: Readonly<Record<string, string | undefined>>
  guard: AddressGuard
}): HttpClient {
  let roots: Promise<string[]> | undefined
  let usual: Promise<SecureContext> | undefined
  const secureContext = (tls: TlsIdentity | undefined): Promise<SecureContext> => {
    roots ??= readTrustedRoots(env)
    if (tls) return roots.then((all) => createContext(all, tls))
    usual ??= roots.then((all) => createContext(all, {}))
    return usual
  }
  return {
    get: async (url, options) => {
      const first = withoutUser(new URL(url))
      let next = first
      for (let hops = 0; hops <= maxRedirects; hops++) {
        const isHome = next.origin === first.origin
        const tls = isHome ? options.tls : options.tls?.ca ? { ca: options.tls.ca } : undefined
        const response = await getOnce(
          next,
          { ...options, tls },
          {
            method: options.method ?? 'GET',
            headers: {
              'user-agent': 'helm-operator',
              'accept-encoding': options.compressed ? 'gzip' : 'identity',
              ...options.headers,
              ...(isHome || options.passCredentials ? authorization(url, options) : {}),
            },
            isChecked: !(isHome && options.insecure),
            guard,
            proxy: chooseProxy(next, env),
            context: next.protocol === 'https:' ? await secureContext(tls) : undefined,
          },
        )
        const target = redirectTarget(response, next)
        if (!target) return response
        next = target
      }
      throw new Error(`"${first.host}" redirects without end`)
    },
  }
}

/** All of a response. */
export async function readBody(response: HttpResponse): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A URL as it may be shown: without credentials, and without a query, which may be one. */
export function showUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${pathname}`
  } catch {
    // Where a password with a slash in it ends, nobody can tell.
    return url.replace(/\/\/.*@/, '//').replace(/\?.*/, '')
  }
}

function createContext(roots: string[], { ca, cert, key }: TlsIdentity): SecureContext {
  const unreadable = 'our certificate, key or CA cannot be read: it is not PEM'
  // Some runtimes notice only amid the handshake, and blame the server.
  if ([ca, cert, key].some((one) => one !== undefined && !/-----BEGIN [A-Z0-9 ]+-----/.test(one)))
    throw new Error(unreadable)
  try {
    return createSecureContext({
      ca: ca ? [...roots, ca] : roots,
      ...(cert ? { cert } : {}),
      ...(key ? { key } : {}),
    })
  } catch (cause) {
    throw new Error(unreadable, { cause })
  }
}

function withoutUser(url: URL): URL {
  const clean = new URL(url)
  clean.username = ''
  clean.password = ''
  return clean
}

function authorization(url: string, { credentials }: GetOptions): Record<string, string> {
  const { username, password } = new URL(url)
  const found =
    credentials ??
    (username === ''
      ? undefined
      : { username: decodePercent(username), password: decodePercent(password) })
  if (!found) return {}
  if ('token' in found) return { authorization: `Bearer ${found.token}` }
  return { authorization: `Basic ${encodeBasic(found.username, found.password)}` }
}

function encodeBasic(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64')
}

function redirectTarget({ status, headers }: HttpResponse, from: URL): URL | undefined {
  const { location } = headers
  if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string') return undefined
  if (!URL.canParse(location, from.href))
    throw new Error(`"${from.host}" redirects to something that is no URL`)
  const target = withoutUser(new URL(location, from))
  if (/^https?:$/.test(target.protocol)) return target
  throw new Error(`"${from.host}" redirects to "${target.protocol}", which is not HTTP`)
}

async function getOnce(
  url: URL,
  options: Omit<GetOptions, 'tls'> & { tls: TlsIdentity | undefined },
  transfer: Omit<Transfer, 'signal'>,
): Promise<HttpResponse> {
  const { maxBytes, signal } = options
  signal.throwIfAborted()
  const deadline = openTransferDeadline(url, options)
  try {
    const message = await startTransfer(url, { ...transfer, signal: deadline.signal })
    const { statusCode: status = 0, headers } = message
    const head = { status, headers, url: url.href }
    if (status === 200 && options.method !== 'HEAD')
      return { ...head, body: readLimited(message, { url, maxBytes, deadline }) }
    message.destroy()
    deadline.close()
    return { ...head, body: nothing() }
  } catch (error) {
    throw deadline.explain(error)
  }
}

async function* nothing(): AsyncGenerator<Buffer> {}

async function* readLimited(
  message: IncomingMessage,
  { url, maxBytes, deadline }: { url: URL; maxBytes: number; deadline: TransferDeadline },
): AsyncGenerator<Buffer> {
  const excess = new Error(`"${url.host}" sends more than ${Math.round(maxBytes / 1e6)} MB`)
  const isPacked = message.headers['content-encoding'] === 'gzip'
  const content = isPacked ? pipeline(message, createGunzip(), () => {}) : message
  let bytes = 0
  try {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes) throw excess
      yield chunk
    }
  } catch (error) {
    throw error === excess ? error : deadline.explain(error)
  } finally {
    message.destroy()
    deadline.close()
  }
}

type TransferDeadline = ReturnType<typeof openTransferDeadline>

function openTransferDeadline(
  { host }: URL,
  { signal: outer, timeoutMs, tls }: Parameters<typeof getOnce>[1],
) {
  const late = `"${host}" is too slow: not done after ${timeoutMs / 1_000} s`
  const { signal, close } = openDeadline(outer, timeoutMs, late)
  return {
    signal,
    close,
    explain: (error: unknown): unknown => {
      close()
      const withCertificate = tls?.cert !== undefined
      return signal.aborted ? signal.reason : explainNetworkError(error, { host, withCertificate })
    },
  }
}
