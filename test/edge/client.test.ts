import { Buffer } from 'node:buffer'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createClient, type ApiClient } from '../../lib/edge/client.ts'
import { systemClock } from '../../lib/edge/clock.ts'
import type { Verb } from '../../lib/edge/exchange.ts'
import { ApiError } from '../../lib/model/errors.ts'
import { deadlineMs } from '../helpers/deadline.ts'

const test = suite('API client')
const version = { verb: 'get', path: '/version', about: 'the version' } as const

type Use = (
  client: ApiClient,
  seen: { requests: [Verb, number][]; server: Server; sleeps: number[] },
) => Promise<void>

// A network that breaks on demand: what a real server does is tested in cluster.test.ts.
async function withServer(answer: RequestListener, use: Use): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'client-test-'))
  const socket = join(directory, 's')
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const requests: [Verb, number][] = []
  const sleeps: number[] = []
  const client = createClient({
    socket: () => Promise.resolve(socket),
    clock: { ...systemClock(), sleep: (ms) => Promise.resolve(void sleeps.push(ms)) },
    onRequest: (verb, status) => void requests.push([verb, status]),
  })
  try {
    await use(client, { requests, server, sleeps })
  } finally {
    client.close()
    server.closeAllConnections()
    server.close()
    await rm(directory, { recursive: true })
  }
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.instance(error, ApiError)
  return error as ApiError
}

const json: RequestListener = (_, response) => response.end('{"gitVersion":"v1"}')

test('answers with the JSON and counts by verb and status', async () => {
  await withServer(json, async (client, { requests }) => {
    assert.equal(await client.request(version), { gitVersion: 'v1' })
    assert.equal(requests, [['get', 200]])
  })
})

test('sends a body with its type and method', async () => {
  const echo: RequestListener = async (request, response) => {
    const chunks = await request.toArray()
    const { method, headers } = request
    response.end(JSON.stringify([method, headers['content-type'], chunks.join('')]))
  }
  await withServer(echo, async (client) => {
    const body = { a: '€' }
    const contentType = 'application/merge-patch+json'
    const answer = await client.request({ ...version, verb: 'patch', body, contentType })
    assert.equal(answer, ['PATCH', contentType, '{"a":"€"}'])
  })
})

test('reads an answer that does not end up to its limit, and ends the connection', async () => {
  let sent = 0
  const closed: Promise<void>[] = []
  const flood: RequestListener = (_, response) => {
    closed.push(new Promise((resolve) => response.on('close', resolve)))
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const pour = (): void => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length
    }
    response.on('drain', pour)
    pour()
  }
  await withServer(flood, async (client) => {
    const { status, reason, message } = await failure(client.request(version))
    const state = 'the answer of the API server is larger than 16 MiB'
    assert.equal([status, reason, message], [0, 'TooLarge', `Cannot get the version: ${state}`])
    await Promise.all(closed)
    assert.ok(sent < 32 * 1024 * 1024)
  })
})

const status = JSON.stringify({ kind: 'Status', reason: 'AlreadyExists', message: 'it exists' })
for (const [situation, code, text, expected] of [
  ['a Status', 409, status, [409, 'AlreadyExists', 'Cannot get the version: it exists']],
  [
    'the proxy cannot reach the server',
    500,
    'dial tcp 127.0.0.1:1: connect: connection refused\n',
    [
      0,
      'Unreachable',
      'Cannot get the version: the API server is unreachable: dial tcp 127.0.0.1:1: connect: connection refused',
    ],
  ],
  ['a path is unknown', 404, '404 page', [404, 'NotFound', 'Cannot get the version: 404 page']],
  ['a filter refuses', 403, 'Forbidden', [403, 'Forbidden', 'Cannot get the version: Forbidden']],
  [
    'something else answers',
    200,
    '<html>',
    [
      0,
      'Unreachable',
      'Cannot get the version: the API server is unreachable: the answer is not JSON',
    ],
  ],
] as const) {
  test(`throws what Kubernetes would call it when ${situation}`, async () => {
    const answer: RequestListener = (_, response) => response.writeHead(code).end(text)
    await withServer(answer, async (client) => {
      const error = await failure(client.request(version))
      assert.equal([error.status, error.reason, error.message], expected)
    })
  })
}

test('says "Unreachable" when nobody listens', async () => {
  await withServer(json, async (client, { server, requests }) => {
    server.close()
    const error = await failure(client.request(version))
    assert.equal([error.status, error.reason], [0, 'Unreachable'])
    assert.equal(requests, [['get', 0]])
  })
})

test('says "Unreachable" when the connection breaks in the middle of an answer', async () => {
  const half: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('{"half":', () => response.destroy())
  }
  await withServer(half, async (client) => {
    assert.is((await failure(client.request(version))).reason, 'Unreachable')
  })
})

for (const [where, silent] of [
  ['answer', () => {}],
  ['body', (_, response) => void response.writeHead(200).write('{')],
] as const satisfies [string, RequestListener][]) {
  test(`says "Unreachable" when the ${where} does not come in time`, async () => {
    await withServer(silent, async (client) => {
      const error = await failure(client.request({ ...version, timeoutMs: 100 }))
      assert.is(error.reason, 'Unreachable')
      assert.match(error.message, 'no answer within 0.1 s')
    })
  })
}

test('says "Aborted" when the caller has changed its mind', async () => {
  await withServer(
    () => {},
    async (client) => {
      const stop = new AbortController()
      const asked = failure(client.request({ ...version, signal: stop.signal }))
      stop.abort()
      assert.is((await asked).reason, 'Aborted')
    },
  )
})

test('comes back when the server says when', async () => {
  let left = 2
  const busy: RequestListener = (_, response) => {
    if (left-- > 0) response.writeHead(429, { 'retry-after': '3' }).end('{"kind":"Status"}')
    else response.end('{}')
  }
  await withServer(busy, async (client, { sleeps }) => {
    assert.equal(await client.request({ ...version, verb: 'create', body: {} }), {})
    assert.equal(sleeps, [3_000, 3_000])
  })
})

test('does not come back for ever', async () => {
  const busy: RequestListener = (_, response) =>
    void response.writeHead(429, { 'retry-after': '1' }).end('{"kind":"Status"}')
  await withServer(busy, async (client, { sleeps }) => {
    assert.is((await failure(client.request(version))).reason, 'TooManyRequests')
    assert.is(sleeps.length, 4)
  })
})

test('has no more than 16 requests under way', async () => {
  let most = 0
  let held: ServerResponse[] = []
  // Answers none before all have come that do come.
  const hold: RequestListener = (_, response) => {
    held.push(response)
    most = Math.max(most, held.length)
    void answerWhenQuiet(held.length)
  }
  const answerWhenQuiet = async (length: number): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await nextTurn()
    if (held.length !== length) return
    for (const response of held.splice(0)) response.end('{}')
  }
  await withServer(hold, async (client) => {
    await Promise.all(Array.from({ length: 100 }, () => client.request(version)))
    assert.is(most, 16)
  })
})

// Answers each connection's first request and breaks off at its second.
const answersOnce = (): RequestListener => {
  const used = new Set<unknown>()
  return (request, response) => {
    if (used.has(request.socket)) return void request.socket.destroy()
    used.add(request.socket)
    response.end('{}')
  }
}

test('reads again when a kept connection turns out to be closed', async () => {
  await withServer(answersOnce(), async (client) => {
    await client.request(version)
    assert.equal(await client.request(version), {})
  })
})

// Deno's own node:http sends a request again by itself.
if (!('Deno' in globalThis))
  test('never writes again when a kept connection turns out to be closed', async () => {
    await withServer(answersOnce(), async (client) => {
      const create = { ...version, verb: 'create', body: {} } as const
      await client.request(create)
      assert.is((await failure(client.request(create))).reason, 'Unreachable')
    })
  })

test('gives the lines of an endless answer as they come, whatever the pieces', async () => {
  const pieces = ['{"a":"', Buffer.from([0xe2, 0x82]), Buffer.from([0xac]), '"}\n{"b"', ':1}\n']
  const stream: RequestListener = async (_, response) => {
    for (const piece of pieces)
      await new Promise((resolve) => response.write(piece, () => setImmediate(resolve)))
  }
  await withServer(stream, async (client) => {
    const lines: string[] = []
    for await (const line of client.lines({
      ...version,
      verb: 'watch',
      timeoutMs: deadlineMs(5_000),
    })) {
      lines.push(line)
      if (lines.length === 2) break
    }
    assert.equal(lines, ['{"a":"€"}', '{"b":1}'])
  })
})

test('a reader that stops reading closes the connection', async () => {
  let closed = (): void => {}
  const isClosed = new Promise<void>((resolve) => (closed = resolve))
  const stream: RequestListener = (_, response) => {
    response.on('close', closed)
    response.write('1\n')
  }
  await withServer(stream, async (client) => {
    for await (const line of client.lines({ ...version, timeoutMs: deadlineMs(5_000) })) {
      assert.is(line, '1')
      break
    }
    await isClosed
  })
})

test('an endless answer that is silent for too long is over', async () => {
  const stream: RequestListener = (_, response) => void response.write('1\n')
  await withServer(stream, async (client) => {
    const lines = client.lines({ ...version, timeoutMs: 200 })
    assert.is((await lines.next()).value, '1')
    const error = await failure(lines.next())
    assert.equal([error.status, error.reason], [0, 'Unreachable'])
  })
})

test.run()
