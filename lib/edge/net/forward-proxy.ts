// A forward proxy on loopback for the programs that fetch by themselves, helm and git: whatever they connect to, redirects
// included, is held to the address policy. It goes on through the proxy of the environment where there is one.
import { Buffer } from 'node:buffer'
import { randomBytes, timingSafeEqual } from 'node:crypto'
import {
  createServer,
  request as plainRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { openTunnel } from '../transfer.ts'
import { chooseProxy } from '../webproxy.ts'
import { AddressRefused, type AddressGuard } from './address-guard.ts'

type Env = Readonly<Record<string, string | undefined>>

export type ForwardProxy = {
  // The variables that send a program's HTTP and HTTPS through it. Programs in Go never use a proxy for "localhost" and
  // 127.0.0.0/8: what a URL says by itself is checked before they start.
  env: Env
  close(): Promise<void>
}

// More than all programs together open at a time.
const maxConnections = 512
const silenceMs = 120_000
// Meant for one hop only: RFC 9110, section 7.6.1.
const hopByHop = [
  'connection',
  'proxy-authorization',
  'proxy-connection',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
]

/** Starts it; only a program that was given its variables can use it. */
export async function startForwardProxy(options: {
  guard: AddressGuard
  env: Env
}): Promise<ForwardProxy> {
  const password = randomBytes(24).toString('hex')
  const wanted = Buffer.from(`Basic ${Buffer.from(`helm-operator:${password}`).toString('base64')}`)
  const isKnown = ({ headers }: IncomingMessage): boolean => {
    const given = Buffer.from(headers['proxy-authorization'] ?? '')
    return given.length === wanted.length && timingSafeEqual(given, wanted)
  }
  const sockets = new Set<Duplex>()
  const server = createServer((incoming, outgoing) => {
    if (!isKnown(incoming)) {
      outgoing.writeHead(407, { 'proxy-authenticate': 'Basic realm="helm-operator"' }).end()
      return
    }
    forward(options, incoming)
      .then((answer) => handOn(answer, outgoing))
      .catch((error: unknown) => {
        if (outgoing.headersSent) outgoing.destroy()
        else outgoing.writeHead(statusOf(error), reasonOf(error)).end()
      })
  })
  server.maxConnections = maxConnections
  server.timeout = silenceMs
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('connect', (incoming: IncomingMessage, near: Duplex, head: Buffer) => {
    near.on('error', () => near.destroy())
    if (!isKnown(incoming)) {
      const challenge = 'Proxy-Authenticate: Basic realm="helm-operator"\r\n'
      refuse(near, '407 Proxy Authentication Required', challenge)
      return
    }
    tunnel(options, incoming.url ?? '').then(
      (far) => join(near, far, head),
      (error: unknown) => refuse(near, `${statusOf(error)} ${reasonOf(error)}`),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://helm-operator:${password}@127.0.0.1:${port}`
  return {
    env: {
      ...{ HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url },
      ...{ NO_PROXY: '', no_proxy: '', ALL_PROXY: undefined, all_proxy: undefined },
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function tunnel(
  { guard, env }: { guard: AddressGuard; env: Env },
  target: string,
): Promise<Socket> {
  const url = new URL(`https://${target}`)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  guard.check(host)
  const proxy = chooseProxy(url, env)
  if (proxy) return await openTunnel(url, proxy, new AbortController().signal)
  return await new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(url.port || 443), lookup: guard.lookup })
    socket.setTimeout(silenceMs, () => socket.destroy(new Error('silence')))
    socket.once('error', reject)
    socket.once('connect', () => resolve(socket))
  })
}

// git asks without a password first, and takes an end without warning for a broken proxy.
function refuse(near: Duplex, status: string, headers = ''): void {
  near.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`)
}

function join(near: Duplex, far: Socket, head: Buffer): void {
  const end = (): void => void (near.destroy(), far.destroy())
  for (const side of [near, far]) side.on('error', end).on('close', end)
  near.write('HTTP/1.1 200 Connection established\r\n\r\n')
  far.write(head)
  far.pipe(near)
  near.pipe(far)
}

function forward(
  { guard, env }: { guard: AddressGuard; env: Env },
  incoming: IncomingMessage,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const url = new URL(incoming.url ?? '')
    if (url.protocol !== 'http:') throw new Error('not HTTP')
    guard.check(url.hostname)
    const proxy = chooseProxy(url, env)
    const headers = forNextHop(incoming)
    const request = plainRequest(proxy ?? url, {
      ...{ method: incoming.method, headers, agent: false, lookup: guard.lookup },
      ...(proxy ? { path: url.href } : {}),
    })
    request.setTimeout(silenceMs, () => request.destroy(new Error('silence')))
    request.on('error', reject)
    request.on('response', resolve)
    // A server that would speak another protocol than HTTP closes it without a word.
    request.on('close', () => reject(new Error('closed')))
    incoming.pipe(request)
  })
}

// Throws for what the parser of answers lets through and no server may send, such as the status 099.
function handOn(answer: IncomingMessage, outgoing: ServerResponse): void {
  answer.on('error', () => outgoing.destroy())
  outgoing.on('close', () => answer.destroy())
  outgoing.writeHead(answer.statusCode ?? 502, forNextHop(answer))
  answer.pipe(outgoing)
}

function forNextHop({ headers }: IncomingMessage): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.includes(name)))
}

function statusOf(error: unknown): number {
  return error instanceof AddressRefused ? 403 : 502
}

// Programs show the reason, and only that. It must be one line of plain text.
function reasonOf(error: unknown): string {
  const why = error instanceof AddressRefused ? error.message : 'no connection'
  return why.replace(/[^ -~]/g, ' ')
}
