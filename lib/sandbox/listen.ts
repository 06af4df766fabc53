// The sandbox on a TCP port of this machine's loopback: node:http in, Request and Response, node:http out.
import { Buffer } from 'node:buffer'
import { setMaxListeners } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { KeyedCertificate } from './auth/identity/certificate.ts'
import type { Sandbox } from './sandbox.ts'

export type Listener = { url: string; close(): Promise<void> }

/**
 * Serves the handler on 127.0.0.1; port 0 takes a free one. Ends open watches when closed. An answer that is a stream says so
 * in its header transfer-encoding.
 */
export async function listen(
  { handle }: { handle(request: Request): Promise<Response> },
  { port, tls }: { port: number; tls?: KeyedCertificate },
): Promise<Listener> {
  const stopped = new AbortController()
  // One listener for each request that is open, and every watch is one: Node would take the eleventh for a leak.
  setMaxListeners(0, stopped.signal)
  const server = serverOf(tls, (incoming, outgoing) => {
    answer(handle, incoming, outgoing, stopped.signal).catch(() => outgoing.destroy())
  })
  // Watches are idle for long, and between two kubectl commands a connection may rest.
  server.requestTimeout = 0
  server.keepAliveTimeout = 65_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        stopped.abort()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function serverOf(tls: KeyedCertificate | undefined, answer: RequestListener): Server {
  if (tls === undefined) return createServer(answer)
  return createSecureServer({ cert: tls.certificate, key: tls.key }, answer)
}

// By which names its clients may call a server: the addresses of loopback, and those that programs in a cluster use.
const serverNames = [
  ...['127.0.0.1', '::1', 'localhost'],
  ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
  'kubernetes.default.svc.cluster.local',
]

/**
 * Serves the sandbox over HTTPS, with a certificate of its own authority. Clients send their credentials there; whoever sends
 * none is anonymous.
 */
export function listenSecurely(
  { authority, serve }: Pick<Sandbox, 'authority' | 'serve'>,
  { port }: { port: number },
): Promise<Listener> {
  return listen({ handle: serve }, { port, tls: authority.issue(serverNames) })
}

async function answer(
  handle: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  stopped: AbortSignal,
): Promise<void> {
  if (!isLocal(incoming)) return refuse(outgoing)
  const gone = new AbortController()
  const stop = (): void => gone.abort()
  outgoing.once('close', () => {
    // Who has had his whole answer leaves nothing to stop.
    if (!outgoing.writableFinished) stop()
  })
  stopped.addEventListener('abort', stop, { once: true })
  try {
    const request = await requestOf(incoming, gone.signal)
    await send(await handle(request), outgoing)
  } finally {
    stopped.removeEventListener('abort', stop)
  }
}

// A web page must not reach the server through the browser of whoever runs it: over HTTP nobody is asked for a password.
function isLocal({ headers }: IncomingMessage): boolean {
  const host = (headers.host ?? '').replace(/:\d+$/, '')
  const local = ['127.0.0.1', 'localhost', '[::1]', ''].includes(host)
  return local && headers.origin === undefined && headers['sec-fetch-site'] === undefined
}

function refuse(outgoing: ServerResponse): void {
  outgoing.writeHead(403, { 'content-type': 'text/plain' })
  outgoing.end('The sandbox answers programs on this machine only\n')
}

async function requestOf(incoming: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const { method = 'GET' } = incoming
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  const body = method === 'GET' || method === 'HEAD' ? undefined : await bodyOf(incoming)
  return new Request(new URL(incoming.url ?? '/', 'http://127.0.0.1'), {
    method,
    headers,
    signal,
    ...(body === undefined || body.length === 0 ? {} : { body }),
  })
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  const headers = [...response.headers].flat()
  if (response.headers.has('transfer-encoding')) return stream(response, headers, outgoing)
  // As one text with its length, headers and body go out in one piece.
  const text = await response.text()
  const length = text === '' ? [] : ['content-length', String(Buffer.byteLength(text))]
  outgoing.writeHead(response.status, [...headers, ...length])
  outgoing.end(text)
}

async function stream(
  response: Response,
  headers: string[],
  outgoing: ServerResponse,
): Promise<void> {
  outgoing.writeHead(response.status, headers)
  if (response.body === null) return void outgoing.end()
  // A watch may have nothing to say for long: its headers tell the client that it has begun.
  outgoing.flushHeaders()
  const reader = response.body.getReader()
  const cancel = (): void => void reader.cancel().catch(() => undefined)
  outgoing.once('close', cancel)
  for (;;) {
    const { done, value } = await reader.read()
    if (done || outgoing.destroyed) break
    if (!outgoing.write(value)) await drained(outgoing)
  }
  outgoing.end()
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off('drain', settle)
      outgoing.off('close', settle)
      resolve()
    }
    outgoing.once('drain', settle)
    outgoing.once('close', settle)
  })
}
