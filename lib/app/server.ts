// The operator's own HTTP door: is it alive, is it ready, and the hooks it offers. A route is a function to an answer.
import type { Buffer } from 'node:buffer'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ReconcileError } from '../model/errors.ts'

export type Answer = {
  status: number
  body: string | Uint8Array
  contentType?: string
  // Of a path, when another method was tried.
  allow?: string
}
export type Incoming = {
  headers: Readonly<Record<string, string | string[] | undefined>>
  // As it arrives, for routes that read it.
  body: AsyncIterable<Buffer>
}
export type Routes = Readonly<Record<string, (request: Incoming) => Answer | Promise<Answer>>>

// As fluxcd/helm-operator had them: a slow reader must not hold a connection for ever.
const readTimeoutMs = 5_000
const writeTimeoutMs = 60_000
const idleTimeoutMs = 15_000

/** Serves routes named "GET /healthz" until closed; answers with the port it got. */
export async function serve(
  routes: Routes,
  { host, port }: { host?: string; port: number },
): Promise<{ port: number; close: () => Promise<void> }> {
  const timeouts = {
    requestTimeout: readTimeoutMs,
    headersTimeout: readTimeoutMs,
    keepAliveTimeout: idleTimeoutMs,
    connectionsCheckingInterval: 1_000,
  }
  const server = createServer(timeouts, (request, response) => {
    void answer(routes, request.method ?? 'GET', request.url ?? '/', {
      headers: request.headers,
      body: request as AsyncIterable<Buffer>,
    }).then(({ status, body, contentType = 'text/plain; charset=utf-8', allow }) => {
      const allowed = allow === undefined ? {} : { allow }
      response.writeHead(status, { 'content-type': contentType, ...allowed })
      response.end(request.method === 'HEAD' ? undefined : body)
    })
  })
  server.timeout = writeTimeoutMs
  await listen(server, { ...(host === undefined ? {} : { host }), port })
  return { port: (server.address() as AddressInfo).port, close: () => close(server) }
}

/** What a request is answered with; a route that throws answers 500 and hides why. */
export async function answer(
  routes: Routes,
  method: string,
  url: string,
  request: Incoming,
): Promise<Answer> {
  const path = url.split('?')[0]!
  const wanted = method === 'HEAD' ? 'GET' : method
  const route = routes[`${wanted} ${path}`] ?? routes[`* ${path}`]
  if (route === undefined) {
    const allow = Object.keys(routes)
      .filter((name) => name.endsWith(` ${path}`))
      .map((name) => name.split(' ')[0])
      .join(', ')
    return allow === ''
      ? { status: 404, body: 'not found\n' }
      : { status: 405, body: 'method not allowed\n', allow }
  }
  try {
    return await route(request)
  } catch {
    return { status: 500, body: 'internal error\n' }
  }
}

function listen(server: Server, where: { host?: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE' ? 'another process uses it' : (cause.code ?? 'unknown')
      const message = `Cannot listen on "${where.host ?? ''}:${where.port}": ${why}; choose another with --listen`
      reject(new ReconcileError('Unexpected', message, { cause }))
    })
    server.listen(where, resolve)
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
    setTimeout(() => server.closeAllConnections(), readTimeoutMs).unref()
  })
}
