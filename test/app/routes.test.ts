import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRoutes } from '../../lib/app/routes.ts'
import { answer, type Answer, type Incoming } from '../../lib/app/server.ts'
import { fakeClock } from '../helpers/clock.ts'

const test = suite('routes')

// A request as anybody can make it.
const unsigned: Incoming = { headers: {}, body: bodyOf('') }

async function* bodyOf(...chunks: readonly string[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk)
}

type Ask = (method: string, path: string, request?: Incoming) => Promise<Answer>

// Answers with the number of refreshes that have begun after a minute, and ends the one that runs.
function openDoors(
  missing: readonly string[] = [],
  hook: { secret?: string; intervalMs: number } = { intervalMs: 0 },
): {
  ask: Ask
  begunAtOnce: () => number
  begun: () => Promise<number>
  endRefresh: () => void
  passes: (ms: number) => Promise<void>
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
    hook,
  })
  return {
    ask: (method, path, request = unsigned) => answer(routes, method, path, request),
    begunAtOnce: () => begun,
    begun: async () => {
      await clock.advance(0)
      await clock.advance(60_000)
      return begun
    },
    endRefresh: () => end(),
    passes: (ms) => clock.advance(ms),
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

test('a refresh that is asked for too soon begins when the interval has passed', async () => {
  const { ask, begun, endRefresh, passes } = openDoors([], { intervalMs: 600_000 })
  await ask('POST', '/api/v1/sync-git')
  assert.is(await begun(), 1)
  endRefresh()
  await passes(0)
  for (let n = 0; n < 400; n++) await ask('POST', '/api/v1/sync-git')
  assert.is(await begun(), 1)
  await passes(600_000)
  assert.is(await begun(), 2)
})

const payload = '{"ref":"refs/heads/main"}'
const digest = createHmac('sha256', 'hush').update(payload).digest('hex')
for (const [who, headers, status] of [
  ['nobody in particular', {}, 401],
  ['GitHub', { 'x-hub-signature-256': `sha256=${digest}` }, 200],
  ['GitHub with another secret', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }, 401],
  ['Gitea', { 'x-gitea-signature': digest }, 200],
  ['GitLab', { 'x-gitlab-token': 'hush' }, 200],
  ['GitLab with another secret', { 'x-gitlab-token': 'hus' }, 401],
  ['somebody with a bearer token', { authorization: 'Bearer hush' }, 200],
  ['somebody with a password', { authorization: 'Basic aHVzaDpodXNo' }, 401],
] as const)
  test(`with a secret, sync-git answers ${who} with ${status}`, async () => {
    const { ask, begun } = openDoors([], { secret: 'hush', intervalMs: 0 })
    const body = bodyOf(payload.slice(0, 5), payload.slice(5))
    assert.is((await ask('POST', '/api/v1/sync-git', { headers, body })).status, status)
    assert.is(await begun(), status === 200 ? 1 : 0)
  })

test('a body without end starts nothing', async () => {
  const { ask, begun } = openDoors([], { secret: 'hush', intervalMs: 0 })
  const body = bodyOf(...Array.from({ length: 30 }, () => 'x'.repeat(1024 * 1024)))
  const headers = { 'x-hub-signature-256': 'sha256=0' }
  assert.is((await ask('POST', '/api/v1/sync-git', { headers, body })).status, 500)
  assert.is(await begun(), 0)
})

test.run()
