import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { answer, serve, type Routes } from '../../lib/app/server.ts'

const test = suite('HTTP server')

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
    assert.is((await answer(routes, method, url)).status, status)
  })

test('does not say why a route broke', async () => {
  assert.equal(await answer(routes, 'GET', '/broken'), { status: 500, body: 'internal error\n' })
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
