// The sandbox on a socket: who may talk to it, how watches stream and end, what closing leaves behind.
import { request } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listen } from '../../lib/sandbox/listen.ts'
import { withSandbox } from '../helpers/sandbox.ts'
import { until } from '../helpers/until.ts'

const test = suite('listen()')

// fetch() decides some headers itself, so these requests are made by hand.
function status(url: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.on('error', reject)
    asked.end()
  })
}

test('it answers on loopback under a port of its own', () =>
  withSandbox({}, async ({ url }) => {
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
    assert.is(await (await fetch(`${url}/healthz`)).text(), 'ok')
  }))

for (const [who, headers] of [
  ['a page from elsewhere', { origin: 'https://example.org' }],
  ['a name that leads to loopback', { host: 'rebound.example.org' }],
  ['an image in a page', { 'sec-fetch-site': 'cross-site' }],
] as const) {
  test(`${who} is refused`, () =>
    withSandbox({}, async ({ url }) => {
      assert.is(await status(`${url}/api/v1/secrets`, headers), 403)
    }))
}

test('an answer that is whole says its length, in bytes', () =>
  withSandbox({}, async ({ url, sandbox }) => {
    const data = { a: 'ä'.repeat(1000) }
    const metadata = { name: 'long', namespace: 'default' }
    sandbox.api.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data })
    const response = await fetch(`${url}/api/v1/namespaces/default/configmaps/long`)
    const length = Number(response.headers.get('content-length'))
    assert.ok(length > 2000)
    assert.is((await response.arrayBuffer()).byteLength, length)
  }))

test('the headers of a watch come before its first event', () =>
  withSandbox({}, async ({ url }) => {
    const gone = new AbortController()
    const path = '/api/v1/secrets?watch=true&fieldSelector=metadata.name%3Dnobody'
    const response = await fetch(`${url}${path}`, { signal: gone.signal })
    assert.is(response.status, 200)
    gone.abort()
  }))

function streamed(body: ReadableStream): Response {
  return new Response(body, { headers: { 'transfer-encoding': 'chunked' } })
}

test('a client that goes ends its watch', async () => {
  let cancelled = false
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('x')),
    cancel: () => void (cancelled = true),
  })
  const listener = await listen({ handle: async () => streamed(endless) }, { port: 0 })
  const gone = new AbortController()
  const response = await fetch(listener.url, { signal: gone.signal })
  await response.body!.getReader().read()
  gone.abort()
  await until('the stream is cancelled', () => cancelled)
  await listener.close()
})

test('a client that does not read stops the stream instead of filling memory', async () => {
  let sent = 0
  const chunk = new Uint8Array(64 * 1024)
  const endless = new ReadableStream(
    {
      async pull(controller) {
        sent += chunk.length
        controller.enqueue(chunk)
        await setImmediate()
      },
    },
    { highWaterMark: 0 },
  )
  const listener = await listen({ handle: async () => streamed(endless) }, { port: 0 })
  const asked = request(listener.url, (response) => response.pause())
  asked.on('error', () => undefined)
  asked.end()
  let before = -1
  await until('nothing more is sent', async () => {
    const same = sent > 0 && sent === before
    before = sent
    for (let turn = 0; turn < 200; turn += 1) await setImmediate()
    return same
  })
  assert.ok(sent < 64 * 1024 * 1024)
  asked.destroy()
  await listener.close()
})

test('closing ends open watches and refuses new connections', async () => {
  let address = ''
  let ended: Promise<unknown> = Promise.resolve()
  await withSandbox({}, async ({ url }) => {
    address = url
    const response = await fetch(`${url}/api/v1/secrets?watch=true`)
    ended = response.text().catch(() => 'cut off')
  })
  await ended
  const refused = await fetch(`${address}/healthz`).catch(() => 'refused')
  assert.is(refused, 'refused')
})

test('a body that says no length and one over the limit are both understood', () =>
  withSandbox({}, async ({ url }) => {
    const path = `${url}/api/v1/namespaces/default/configmaps`
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
    const text = JSON.stringify(object)
    const headers = { 'content-type': 'application/json' }
    const stream = new Blob([text]).stream()
    const streamed = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit
    assert.is((await fetch(path, streamed)).status, 201)
    const data = { big: 'x'.repeat(4 * 1024 * 1024) }
    const large = { method: 'POST', headers, body: JSON.stringify({ ...object, data }) }
    assert.is((await fetch(path, large)).status, 413)
  }))

test.run()
