// Lists of large objects, from a server that knows pages as a real one does.
import { createServer, type ServerResponse } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createClient, type ApiClient } from '../../lib/edge/client.ts'
import { systemClock } from '../../lib/edge/clock.ts'
import { listAll } from '../../lib/edge/list.ts'
import { ApiError } from '../../lib/model/errors.ts'

const test = suite('listAll()')
const type = { group: '', version: 'v1', plural: 'configmaps', namespaced: true }
const mebibyte = 1024 * 1024

type Seen = { limits: string[]; sent: number }

// One object for each of these sizes, in bytes.
async function withObjects(
  sizes: readonly number[],
  use: (client: ApiClient, seen: Seen) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'list-test-'))
  const seen: Seen = { limits: [], sent: 0 }
  const server = createServer(({ url }, response) => {
    const query = new URL(url!, 'http://localhost').searchParams
    const from = Number(query.get('continue') ?? 0)
    const limit = Number(query.get('limit') ?? sizes.length)
    seen.limits.push(`${from}+${limit}`)
    sendPage(response, sizes, { from, to: Math.min(from + limit, sizes.length) })
  })
  const socket = join(directory, 's')
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const client = createClient({ socket: async () => socket, clock: systemClock() })
  try {
    await use(client, seen)
  } finally {
    client.close()
    server.closeAllConnections()
    server.close()
    await rm(directory, { recursive: true })
  }
}

function sendPage(
  response: ServerResponse,
  sizes: readonly number[],
  { from, to }: { from: number; to: number },
): void {
  const metadata = { resourceVersion: '7', ...(to < sizes.length ? { continue: String(to) } : {}) }
  const items = sizes.slice(from, to).map((size, at) => ({
    metadata: { name: `c${from + at}` },
    data: { a: 'x'.repeat(size) },
  }))
  response.end(JSON.stringify({ kind: 'ConfigMapList', metadata, items }))
}

test('asks for smaller pages where objects are large, and for larger ones behind them', async () => {
  const sizes = Array.from({ length: 600 }, (_, at) => (at < 20 ? 3 * mebibyte : 10))
  await withObjects(sizes, async (client, { limits }) => {
    const { items, resourceVersion } = await listAll(client, type)
    assert.equal(
      items.map(({ metadata }) => metadata.name),
      sizes.map((_, at) => `c${at}`),
    )
    assert.is(resourceVersion, '7')
    assert.equal(limits, [
      ...['0+500', '0+63', '0+8', '8+16', '8+2', '10+4', '14+8', '22+16', '38+32', '70+64'],
      ...['134+128', '262+256', '518+500'],
    ])
  })
})

test('refuses an object that no page is small enough for, with a sentence', async () => {
  await withObjects([10, 40 * mebibyte, 10], async (client) => {
    const error = await listAll(client, type, { namespace: 'shop' }).catch((one: unknown) => one)
    assert.instance(error, ApiError)
    const { reason, message } = error as ApiError
    assert.equal(
      [reason, message],
      [
        'TooLarge',
        'Cannot list configmaps in "shop": the answer of the API server is larger than 32 MiB',
      ],
    )
  })
})

test.run()
