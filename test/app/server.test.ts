import { Readable } from 'node:stream'
import { connect } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { answer, serve, type Routes } from '../../lib/app/server.ts'
import { deadlineMs } from '../helpers/deadline.ts'

const test = suite('HTTP server')

const request = { headers: {}, body: Readable.from([]) }

const routes: Routes = {
  '* /healthz': () => ({ status: 200, body: 'OK' }),
  'POST /api/v1/sync-git': () => ({ status: 200, body: 'OK' }),
  'GET /broken': () => {
    throw new Error('secret reason')
  },
}

for (const [method, url, status] of [
  ['GET', '/healthz', 200],
  ['POST', '/healthz', 200],
  ['HEAD', '/healthz', 200],
  ['GET', '/healthz?verbose=1', 200],
  ['POST', '/api/v1/sync-git', 200],
  ['GET', '/api/v1/sync-git', 405],
  ['GET', '/elsewhere', 404],
] as const)
  test(`answers ${method} ${url} with ${status}`, async () => {
    assert.is((await answer(routes, method, url, request)).status, status)
  })

test('says which methods a path knows', async () => {
  assert.is((await answer(routes, 'DELETE', '/broken', request)).allow, 'GET')
  const server = await serve(routes, { host: '127.0.0.1', port: 0 })
  const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/sync-git`)
  assert.equal([response.status, response.headers.get('allow')], [405, 'POST'])
  await server.close()
})

test('does not say why a route broke', async () => {
  assert.equal(await answer(routes, 'GET', '/broken', request), {
    status: 500,
    body: 'internal error\n',
  })
})

test('serves over a socket until closed', async () => {
  const server = await serve(routes, { host: '127.0.0.1', port: 0 })
  const response = await fetch(`http://127.0.0.1:${server.port}/healthz`)
  assert.is(await response.text(), 'OK')
  await server.close()
  await fetch(`http://127.0.0.1:${server.port}/healthz`).then(
    () => assert.unreachable('still serves'),
    () => undefined,
  )
})

test('does not wait for a client that does not say what it wants', async () => {
  const server = await serve(routes, { host: '127.0.0.1', port: 0 })
  const startedAt = Date.now()
  const said = await new Promise<string>((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write('GET /healthz HTT'))
    let text = ''
    socket.on('data', (chunk) => (text += String(chunk)))
    socket.on('close', () => resolve(text)).on('error', reject)
  })
  await server.close()
  assert.match(said, '408')
  assert.ok(Date.now() - startedAt < deadlineMs(10_000))
})

test('says in one line that a port is taken', async () => {
  const server = await serve(routes, { host: '127.0.0.1', port: 0 })
  try {
    await serve(routes, { host: '127.0.0.1', port: server.port })
    assert.unreachable('listens twice')
  } catch (error) {
    assert.match((error as Error).message, /another process uses it; choose another with --listen/)
  } finally {
    await server.close()
  }
})

test.run()
