// A web server for one test, over HTTP or HTTPS, that remembers what it was asked for.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type WebServer = {
  // Without a slash at the end.
  url: string
  port: number
  // "GET /index.yaml", in their order.
  requests: string[]
  // The headers of the last request.
  headers(): IncomingMessage['headers']
}
export type Certificate = { cert: string; key: string }

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

/** A key and a certificate that vouches for itself, for 127.0.0.1 and localhost. */
export async function selfSigned(name: string): Promise<Certificate> {
  const dir = await mkdtemp(join(tmpdir(), 'certificate-'))
  const [keyFile, certFile] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  try {
    await promisify(execFile)('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', keyFile, '-out', certFile, '-days', '2', '-subj', `/CN=${name}`],
      ...[
        '-addext',
        'subjectAltName=IP:127.0.0.1,IP:0.0.0.0,DNS:localhost,DNS:charts.example.test',
      ],
    ])
    return { key: await readFile(keyFile, 'utf8'), cert: await readFile(certFile, 'utf8') }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
