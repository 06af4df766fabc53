import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { homeGuard } from '../../helpers/guard.ts'
import { createHttpClient } from '../../../lib/edge/http.ts'
import { createUrlReader } from '../../../lib/edge/values/url.ts'
import { withWebServer } from '../../helpers/webserver.ts'

const test = suite('values from a URL')

const { signal } = new AbortController()
const http = createHttpClient({ guard: homeGuard, env: {} })

async function failureOf(url: string): Promise<string> {
  const found = await createUrlReader(http)(url, { signal })
  assert.ok(found !== 'unchanged' && 'failure' in found, 'it was read')
  assert.is(found.failure.code, 'ValuesSourceNotFound')
  assert.is(found.version, '')
  return found.failure.message
}

test('are asked for anew only if they have changed, where the server can tell', () =>
  withWebServer(
    (request, response) => {
      const tag = request.url === '/new' ? '"2"' : '"1"'
      if (request.headers['if-none-match'] === tag) return void response.writeHead(304).end()
      response.setHeader('etag', tag)
      response.end('a: 1')
    },
    async ({ url, headers }) => {
      const read = createUrlReader(http)
      const first = await read(url, { signal })
      assert.ok(first !== 'unchanged' && 'bytes' in first)
      const unless = first.version
      assert.is(await read(url, { unless, signal }), 'unchanged')
      assert.is(headers()['if-none-match'], '"1"')
      // Somebody else needs the document itself, or has an older one.
      assert.equal(await read(url, { signal }), first)
      assert.is(headers()['if-none-match'], undefined)
      assert.equal(await read(url, { unless: 'sha256:older', signal }), first)
    },
  ))

test('are known by their content where the server cannot tell', () =>
  withWebServer(
    (_, response) => response.end('a: 1'),
    async ({ url }) => {
      const read = createUrlReader(http)
      const first = await read(url, { signal })
      const again = await read(url, { signal })
      assert.ok(first !== 'unchanged' && again !== 'unchanged')
      assert.is(first.version, again.version)
      assert.match(first.version, /^sha256:/)
    },
  ))

test('are taken from where the server sends us', () =>
  withWebServer(
    (request, response) =>
      request.url === '/there'
        ? response.end('a: 1')
        : response.writeHead(302, { location: '/there' }).end(),
    async ({ url, requests }) => {
      const found = await createUrlReader(http)(url, { signal })
      assert.is(found !== 'unchanged' && 'bytes' in found && String(found.bytes), 'a: 1')
      assert.equal(requests, ['GET /', 'GET /there'])
    },
  ))

test('are asked for with the user of the URL, who is never shown', () =>
  withWebServer(
    (request, response) => {
      const isKnown = request.headers.authorization === `Basic ${btoa('me:hunter2')}`
      response.writeHead(isKnown ? 200 : 401).end('a: 1')
    },
    async ({ url }) => {
      const guarded = url.replace('//', '//me:hunter2@')
      const found = await createUrlReader(http)(`${guarded}/x`, { signal })
      assert.ok(found !== 'unchanged' && 'bytes' in found)
      const wrong = url.replace('//', '//me:wrong@')
      assert.is(
        await failureOf(`${wrong}/x?token=hunter2#hunter2`),
        `Cannot read values: "${url}/x" answers 401`,
      )
    },
  ))

for (const status of [201, 204, 206, 404, 500])
  test(`are none where the server answers ${status}`, () =>
    withWebServer(
      (_, response) => response.writeHead(status).end(),
      async ({ url }) => assert.match(await failureOf(url), `answers ${status}`),
    ))

for (const [what, url, says] of [
  ['a file', 'file:///etc/passwd', /neither http nor https/],
  ['an FTP server', 'ftp://me:hunter2@host/x', /neither http nor https/],
  ['another scheme', 'data:text/plain,hunter2', /neither http nor https/],
  ['no URL', '//me:hunter2@host/x?hunter2', /no URL/],
  ['nobody', 'http://127.0.0.1:1/x?hunter2', /refuses connections/],
  ['an unknown host', 'http://values.invalid/x?hunter2', /unknown/],
] as const)
  test(`are none where the URL names ${what}`, async () => {
    const message = await failureOf(url)
    assert.match(message, says)
    assert.not.match(message, 'hunter2')
  })

test('are given up beyond four megabytes', () =>
  withWebServer(
    (_, response) => {
      const chunk = 'x'.repeat(1_000_000)
      const send = (): void => {
        while (!response.closed && response.write(chunk));
        response.once('drain', send)
      }
      send()
    },
    async ({ url }) => assert.match(await failureOf(url), /more than 4 MB/),
  ))

test('are not waited for by a pass that is over', () =>
  withWebServer(
    () => undefined,
    async ({ url }) => {
      const abort = new AbortController()
      const reading = createUrlReader(http)(url, { signal: abort.signal })
      abort.abort(new Error('over'))
      const error = await reading.catch((reason: unknown) => reason)
      assert.is((error as Error).message, 'over')
    },
  ))

test.run()
