import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'
import { createServer } from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gzipSync } from 'node:zlib'
import { homeGuard } from '../helpers/guard.ts'
import { createHttpClient, readBody, showUrl, type GetOptions } from '../../lib/edge/http.ts'
import { deadlineMs } from '../helpers/deadline.ts'
import { failureOf } from '../helpers/failure.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite('HTTP client')
const client = createHttpClient({ guard: homeGuard, env: {} })

function options(over: Partial<GetOptions> = {}): GetOptions {
  return {
    maxBytes: 1_000_000,
    timeoutMs: deadlineMs(10_000),
    signal: new AbortController().signal,
    ...over,
  }
}

async function failure(promise: Promise<unknown>): Promise<string> {
  return (await failureOf(promise)).message
}

test('answers with status, headers and content', async () => {
  await withWebServer(
    (_, response) => response.setHeader('etag', '"1"').end('hello'),
    async ({ url }) => {
      const response = await client.get(`${url}/a`, options())
      assert.is(response.status, 200)
      assert.is(response.headers.etag, '"1"')
      assert.is(String(await readBody(response)), 'hello')
    },
  )
})

test('an answer other than 200 is an answer, without content', async () => {
  await withWebServer(
    (_, response) => response.writeHead(404).end('secret page'),
    async ({ url }) => {
      const response = await client.get(url, options())
      assert.is(response.status, 404)
      assert.is((await readBody(response)).length, 0)
    },
  )
})

test('unpacks compressed content if it asked for it, and limits what comes out', async () => {
  await withWebServer(
    (_, response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(5_000_000))),
    async ({ url, headers }) => {
      const response = await client.get(url, options({ compressed: true, maxBytes: 6_000_000 }))
      assert.is((await readBody(response)).length, 5_000_000)
      assert.is(headers()['accept-encoding'], 'gzip')
      const message = await failure(
        client.get(url, options({ compressed: true })).then((answer) => readBody(answer)),
      )
      assert.match(message, /sends more than 1 MB$/)
    },
  )
})

test('credentials go to the host they are for, and not where that redirects to', async () => {
  await withWebServer(
    (_, response) => response.end('moved'),
    async (elsewhere) => {
      await withWebServer(
        ({ url }, response) =>
          url === '/near'
            ? response.writeHead(302, { location: '/here' }).end()
            : url === '/far'
              ? response.writeHead(307, { location: `${elsewhere.url}/there` }).end()
              : response.end('here'),
        async ({ url, headers }) => {
          const credentials = { username: 'ann', password: 'p:ss' }
          const basic = `Basic ${Buffer.from('ann:p:ss').toString('base64')}`
          const near = await client.get(`${url}/near`, options({ credentials }))
          assert.is(near.url, `${url}/here`)
          assert.is(headers().authorization, basic)
          await client.get(`${url}/far`, options({ credentials }))
          assert.is(elsewhere.headers().authorization, undefined)
          await client.get(`${url}/far`, options({ credentials, passCredentials: true }))
          assert.is(elsewhere.headers().authorization, basic)
        },
      )
    },
  )
})

test('credentials in the URL are used, and a token is sent as one', async () => {
  await withWebServer(
    (_, response) => response.end(),
    async ({ port, headers, url, requests }) => {
      await client.get(`http://ann:p%40ss@127.0.0.1:${port}/`, options())
      const basic = Buffer.from('ann:p@ss').toString('base64')
      assert.is(headers().authorization, `Basic ${basic}`)
      await client.get(url, options({ credentials: { token: 'abc' } }))
      assert.is(headers().authorization, 'Bearer abc')
      assert.equal(requests, ['GET /', 'GET /'])
    },
  )
})

test('a server that redirects for ever is left', async () => {
  await withWebServer(
    (_, response) => response.writeHead(302, { location: '/' }).end(),
    async ({ url, port }) => {
      const message = await failure(client.get(url, options()))
      assert.is(message, `"127.0.0.1:${port}" redirects without end`)
    },
  )
})

test('a redirect to something other than HTTP is refused', async () => {
  await withWebServer(
    (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    async ({ url }) => {
      assert.match(await failure(client.get(url, options())), /"file:", which is not HTTP$/)
    },
  )
})

test('a server that never ends is given up in time, before its answer or amid it', async () => {
  await withWebServer(
    ({ url }, response) => void (url === '/amid' && response.write('x')),
    async ({ url, port }) => {
      const late = `"127.0.0.1:${port}" is too slow: not done after 0.2 s`
      const get = (path: string): Promise<unknown> =>
        client.get(url + path, options({ timeoutMs: 200 })).then((answer) => readBody(answer))
      assert.is(await failure(get('/before')), late)
      assert.is(await failure(get('/amid')), late)
    },
  )
})

test('an abort ends it with its own reason', async () => {
  await withWebServer(
    (_, response) => void response.write('x'),
    async ({ url }) => {
      const controller = new AbortController()
      const response = await client.get(url, options({ signal: controller.signal }))
      const reading = failure(readBody(response))
      controller.abort(new Error('stop it'))
      assert.is(await reading, 'stop it')
    },
  )
})

test('says why there is no connection', async () => {
  const port = await withWebServer(
    () => {},
    (server) => Promise.resolve(server.port),
  )
  const refused = await failure(client.get(`http://127.0.0.1:${port}/`, options()))
  assert.is(refused, `"127.0.0.1:${port}" refuses connections`)
  const unknown = await failure(client.get('http://charts.invalid/', options()))
  assert.is(unknown, 'host "charts.invalid" is unknown')
  await withWebServer(
    () => {},
    async (server) => {
      const message = await failure(client.get(`https://127.0.0.1:${server.port}/`, options()))
      assert.is(message, `"127.0.0.1:${server.port}" does not speak TLS`)
    },
  )
})

test('certificates are checked; a CA of our own is believed, and ours is shown', async () => {
  const [server, ours] = [selfSigned('server'), selfSigned('ours')]
  await withWebServer(
    (_, response) => response.end('safe'),
    async ({ url, port }) => {
      const { cert, key } = ours
      const untrusted = await failure(client.get(url, options({ tls: { cert, key } })))
      assert.is(untrusted, `the certificate of "127.0.0.1:${port}" is not trusted`)
      const trusted = await client.get(url, options({ tls: { ca: server.cert, cert, key } }))
      assert.is(String(await readBody(trusted)), 'safe')
      assert.match(
        await failure(client.get(url, options({ tls: { ca: server.cert } }))),
        /wants a client certificate|hung up/,
      )
      const broken = options({ tls: { ca: server.cert, cert: 'x', key } })
      assert.is(
        await failure(client.get(url, broken)),
        'our certificate, key or CA cannot be read: it is not PEM',
      )
    },
    { ...server, clientCa: ours.cert },
  )
})

test('goes through a proxy: whole URLs for http, a tunnel for https', async () => {
  const certificate = selfSigned('charts.example.test')
  await withWebServer(
    (_, response) => response.end('behind'),
    async ({ port }) => {
      const seen: string[] = []
      const proxy = createServer((request, response) => {
        seen.push(`${request.url} ${request.headers['proxy-authorization']}`)
        response.end('by proxy')
      })
      proxy.on('connect', ({ url }, client: Socket) => {
        seen.push(`tunnel ${url}`)
        const server = connect(port, '127.0.0.1', () => {
          client.write('HTTP/1.1 200 OK\r\n\r\n')
          server.pipe(client).pipe(server)
        })
        server.on('error', () => client.destroy())
        client.on('error', () => server.destroy())
      })
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
      const address = proxy.address() as { port: number }
      const url = `http://u:p@127.0.0.1:${address.port}`
      const behind = createHttpClient({
        guard: homeGuard,
        env: { HTTP_PROXY: url, HTTPS_PROXY: url },
      })
      const plain = await behind.get('http://charts.example.test/a', options())
      assert.is(String(await readBody(plain)), 'by proxy')
      const tls = { ca: certificate.cert }
      const secure = await behind.get('https://charts.example.test/a', options({ tls }))
      assert.is(String(await readBody(secure)), 'behind')
      proxy.closeAllConnections()
      proxy.close()
      const pair = Buffer.from('u:p').toString('base64')
      assert.equal(seen, [
        `http://charts.example.test/a Basic ${pair}`,
        'tunnel charts.example.test:443',
      ])
    },
    certificate,
  )
})

test('a URL is shown without credentials and query', () => {
  assert.is(showUrl('https://a:b@c.test:1/d?token=e#f'), 'https://c.test:1/d')
  assert.is(showUrl('//a:b@c'), '//c')
})

test.run()
