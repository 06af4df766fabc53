// A web server for one test, over HTTP or HTTPS, that remembers what it was asked for.
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Certificate } from './certificate.ts'

export type WebServer = {
  // Without a slash at the end.
  url: string
  port: number
  // "GET /index.yaml", in their order.
  requests: string[]
  // The headers of the last request.
  headers(): IncomingMessage['headers']
}

/** Runs `use` with a server on a free port of the loopback interface, which is gone afterwards. */
export async function withWebServer<T>(
  handler: RequestListener,
  use: (server: WebServer) => Promise<T>,
  tls?: Certificate & { clientCa?: string },
): Promise<T> {
  const requests: string[] = []
  let last: IncomingMessage['headers'] = {}
  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`)
    last = request.headers
    handler(request, response)
  }
  const server: Server = tls
    ? createSecureServer(
        {
          ...tls,
          handshakeTimeout: 5_000,
          ...(tls.clientCa ? { ca: tls.clientCa, requestCert: true } : {}),
        },
        listener,
      )
    : createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`
  try {
    return await use({ url, port, requests, headers: () => last })
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}
