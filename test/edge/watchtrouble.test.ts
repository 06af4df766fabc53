import { createServer, type ServerResponse } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createClient } from '../../lib/edge/client.ts'
import { createWatch } from '../../lib/edge/watch.ts'
import { configMaps } from '../helpers/cluster.ts'
import { follow, type Follower } from '../helpers/follow.ts'
import { recordLog } from '../helpers/log.ts'
import { until } from '../helpers/until.ts'

const test = suite('Cluster.watch() on a bad network')

type Broken = {
  follower: Follower
  // The paths that were asked for.
  asked: string[]
  // The pauses between tries, none of which is really made.
  sleeps: number[]
  messages: string[]
}

// A server that does what real ones do on bad days only.
async function withServer(
  answer: (url: URL, response: ServerResponse, count: number) => void,
  use: (broken: Broken) => Promise<void>,
  options: { untilForbidden?: boolean } = {},
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'watch-test-'))
  const socket = join(directory, 's')
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url!)
    answer(new URL(request.url!, 'http://x'), response, asked.length)
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const sleeps: number[] = []
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    sleeps.push(ms)
    // Enough tries are made to see where it leads; then it stands still.
    if (sleeps.length > 12)
      await new Promise((resolve) => signal?.addEventListener('abort', resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }
  const clock = { now: () => 0, sleep }
  const client = createClient({ socket: () => Promise.resolve(socket), clock })
  const { log, messages } = recordLog()
  const watch = createWatch({ client, clock, random: () => 1, log })
  const follower = follow((signal) => watch(configMaps, { ...options, signal }))
  try {
    await use({ follower, asked, sleeps, messages })
  } finally {
    await follower.stop()
    client.close()
    server.closeAllConnections()
    server.close()
    await rm(directory, { recursive: true })
  }
}

const object = (name: string, resourceVersion: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, uid: name, resourceVersion },
})
const list = (resourceVersion: string, ...names: string[]): string =>
  JSON.stringify({
    kind: 'ConfigMapList',
    metadata: { resourceVersion },
    items: names.map((name) => object(name, '1')),
  })
const event = (type: string, what: object): string => `${JSON.stringify({ type, object: what })}\n`
const isWatch = (url: URL): boolean => url.searchParams.has('watch')

test('a server that ends every watch at once is not stormed', async () => {
  await withServer(
    (url, response) => response.end(isWatch(url) ? '' : list('7', 'a')),
    async ({ asked, sleeps, messages }) => {
      await until('it has tried', () => sleeps.length > 12)
      assert.equal(sleeps.slice(0, 8), [1e3, 2e3, 4e3, 8e3, 15e3, 15e3, 15e3, 15e3])
      assert.is(asked.filter((path) => !path.includes('watch')).length, 1)
      assert.equal(messages, [])
    },
  )
})

test('a server that fails is asked ever more rarely, and one line says so', async () => {
  const status = JSON.stringify({ kind: 'Status', reason: 'Forbidden', message: 'no' })
  await withServer(
    (_, response) => void response.writeHead(403).end(status),
    async ({ follower, sleeps, messages }) => {
      await until('it has tried', () => sleeps.length > 12)
      assert.ok(sleeps.reduce((sum, ms) => sum + ms) > 100_000)
      assert.equal(messages, ['warn watch interrupted'])
      assert.equal(follower.told, [])
    },
  )
})

test('a position that has expired leads to a new list, told only as far as it is news', async () => {
  const expired = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }
  const lists = [list('7', 'a', 'b'), list('9', 'b', 'c')]
  await withServer(
    (url, response) => {
      if (!isWatch(url)) response.end(lists.shift())
      else if (url.searchParams.get('resourceVersion') === '7')
        response.end(event('ERROR', expired))
      else response.write(event('ADDED', object('d', '10')))
    },
    async ({ follower, messages }) => {
      await follower.until('ADDED d')
      assert.equal(follower.told, ['ADDED a', 'ADDED b', 'DELETED a', 'ADDED c', 'ADDED d'])
      assert.equal(messages, [])
    },
  )
})

test('a broken line costs nothing: the watch goes on from before it', async () => {
  await withServer(
    (url, response, count) => {
      if (!isWatch(url)) return void response.end(list('7'))
      const version = url.searchParams.get('resourceVersion')
      if (count === 2) response.end(`${event('ADDED', object('a', '8'))}{"type":"ADDED","obj`)
      else if (version === '8') response.write(event('ADDED', object('b', '9')))
    },
    async ({ follower, messages }) => {
      await follower.until('ADDED b')
      assert.equal(follower.told, ['ADDED a', 'ADDED b'])
      assert.equal(messages, ['warn watch interrupted', 'info watch resumed'])
    },
  )
})

test('a bookmark moves the position and tells nothing', async () => {
  await withServer(
    (url, response, count) => {
      if (!isWatch(url)) response.end(list('7'))
      else if (count === 2) response.end(event('BOOKMARK', object('', '20')))
      else if (url.searchParams.get('resourceVersion') === '20')
        response.write(event('ADDED', object('a', '21')))
    },
    async ({ follower }) => {
      await follower.until('ADDED a')
      assert.equal(follower.told, ['ADDED a'])
    },
  )
})

test('a kind that is not served for a while has not lost its objects', async () => {
  const status = JSON.stringify({ kind: 'Status', reason: 'NotFound', message: 'no such kind' })
  await withServer(
    (url, response, count) => {
      if (count === 2 || count === 4 || count === 5) response.writeHead(404).end(status)
      else if (count === 3) response.end(event('ERROR', { code: 410, reason: 'Expired' }))
      else if (!isWatch(url)) response.end(list('7', 'a'))
      else response.write(event('ADDED', object('b', '9')))
    },
    async ({ follower }) => {
      await follower.until('ADDED b')
      assert.equal(follower.told, ['ADDED a', 'ADDED b'])
    },
  )
})

test('ends with the refusal where that is asked for, and leaves it to the reader to say so', async () => {
  const said: string[][] = []
  const ended = withServer(
    (_, response) => response.writeHead(403).end('{"kind":"Status","reason":"Forbidden"}'),
    async ({ follower, asked, messages }) => {
      said.push(asked, messages)
      await follower.until('anything')
    },
    { untilForbidden: true },
  )
  assert.is(((await ended.catch((reason: unknown) => reason)) as { status?: number }).status, 403)
  assert.is(said[0]!.length, 1)
  assert.equal(said[1], [])
})

test.run()
