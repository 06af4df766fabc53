import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRoutes } from '../../lib/app/routes.ts'
import { answer, type Answer } from '../../lib/app/server.ts'
import { fakeClock } from '../helpers/clock.ts'

const test = suite('routes')

type Ask = (method: string, path: string) => Promise<Answer>

// Answers with the number of refreshes that have begun after a minute, and ends the one that runs.
function openDoors(missing: readonly string[] = []): {
  ask: Ask
  begunAtOnce: () => number
  begun: () => Promise<number>
  endRefresh: () => void
} {
  const clock = fakeClock()
  let begun = 0
  let end = (): void => {}
  const routes = createRoutes({
    missing: () => missing,
    metrics: { read: async () => ({ text: 'up 1\n', contentType: 'text/plain; version=0.0.4' }) },
    refreshGit: () => {
      begun++
      return new Promise((resolve) => (end = () => resolve(undefined)))
    },
    clock,
  })
  return {
    ask: (method, path) => answer(routes, method, path),
    begunAtOnce: () => begun,
    begun: async () => {
      await clock.advance(0)
      await clock.advance(60_000)
      return begun
    },
    endRefresh: () => end(),
  }
}

test('/healthz is 200 OK for every method, whatever is missing', async () => {
  const { ask } = openDoors(['the cluster'])
  for (const method of ['GET', 'POST', 'HEAD'])
    assert.equal(await ask(method, '/healthz'), { status: 200, body: 'OK' })
})

test('/readyz is 503 and names what is missing, then 200', async () => {
  const { status, body } = await openDoors(['kubectl proxy', 'x']).ask('GET', '/readyz')
  assert.equal([status, body], [503, 'waiting for kubectl proxy\nwaiting for x\n'])
  assert.is((await openDoors().ask('GET', '/readyz')).status, 200)
})

test('/metrics is what Prometheus reads', async () => {
  assert.equal(await openDoors().ask('GET', '/metrics'), {
    status: 200,
    body: 'up 1\n',
    contentType: 'text/plain; version=0.0.4',
  })
})

test('there are no profiles', async () => {
  assert.is((await openDoors().ask('GET', '/debug/pprof/')).status, 404)
})

test('sync-git answers before anything is refreshed, and only to POST', async () => {
  const { ask, begunAtOnce, begun } = openDoors()
  assert.equal(await ask('POST', '/api/v1/sync-git'), { status: 200, body: 'OK' })
  assert.is(begunAtOnce(), 0)
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const { status, allow } = await ask(method, '/api/v1/sync-git')
    assert.equal([status, allow], [405, 'POST'])
  }
  assert.is(await begun(), 1)
})

test('concurrent POSTs to sync-git start one refresh', async () => {
  const { ask, begun, endRefresh } = openDoors()
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => ask('POST', '/api/v1/sync-git')),
  )
  assert.ok(answers.every(({ status }) => status === 200))
  assert.is(await begun(), 1)
  endRefresh()
  assert.is(await begun(), 1)
})

test('what is pushed while a refresh runs is looked for by one more', async () => {
  const { ask, begun, endRefresh } = openDoors()
  await ask('POST', '/api/v1/sync-git')
  assert.is(await begun(), 1)
  await ask('POST', '/api/v1/sync-git')
  await ask('POST', '/api/v1/sync-git')
  assert.is(await begun(), 1)
  endRefresh()
  assert.is(await begun(), 2)
})

test.run()
