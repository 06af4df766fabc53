import { Buffer } from 'node:buffer'
import type { LookupAddress } from 'node:dns'
import { request } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../../lib/edge/exec.ts'
import { createAddressGuard } from '../../../lib/edge/net/address-guard.ts'
import { createAddressPolicy } from '../../../lib/edge/net/address-policy.ts'
import { startForwardProxy, type ForwardProxy } from '../../../lib/edge/net/forward-proxy.ts'
import { withWebServer } from '../../helpers/webserver.ts'

const test = suite('forward proxy')

// Names of a test: "charts.test" is a server on loopback, which this policy allows, "evil.test" leads to a metadata service.
const names: Record<string, LookupAddress[]> = {
  'charts.test': [{ address: '127.0.0.1', family: 4 }],
  'evil.test': [
    { address: '127.0.0.1', family: 4 },
    { address: '169.254.169.254', family: 4 },
  ],
}
const guard = createAddressGuard(
  createAddressPolicy({ allowed: ['127.0.0.0/8'], isInCluster: true }),
  (host, _, done) => {
    const found = names[host]
    if (found) done(null, found)
    else done(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), [])
  },
)

type Answer = { status: number; reason: string; body: string }

async function withProxy(
  use: (proxy: ForwardProxy, port: number, asked: string[]) => Promise<void>,
): Promise<void> {
  const asked: string[] = []
  await withWebServer(
    (incoming, outgoing) => {
      asked.push(`${incoming.headers.host}${incoming.url}`)
      if (incoming.url?.startsWith('/moved'))
        return void outgoing.writeHead(302, { location: 'http://evil.test/latest' }).end()
      outgoing.end('chart')
    },
    async ({ url }) => {
      const proxy = await startForwardProxy({ guard, env: {} })
      try {
        await use(proxy, Number(new URL(url).port), asked)
      } finally {
        await proxy.close()
      }
    },
  )
}

function get(proxy: string, url: string): Promise<Answer> {
  const { hostname, port, username, password } = new URL(proxy)
  const pair = Buffer.from(`${username}:${password}`).toString('base64')
  return new Promise((resolve, reject) => {
    const headers = { host: new URL(url).host, 'proxy-authorization': `Basic ${pair}` }
    const asking = request({ hostname, port, path: url, headers, agent: false }, (answer) => {
      const { statusCode: status = 0, statusMessage: reason = '' } = answer
      let body = ''
      answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
      answer.on('end', () => resolve({ status, reason, body }))
    })
    asking.on('error', reject)
    asking.end()
  })
}

// The first line of the answer to CONNECT.
function tunnelTo(proxy: string, target: string): Promise<string> {
  const { hostname, port, username, password } = new URL(proxy)
  const pair = Buffer.from(`${username}:${password}`).toString('base64')
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    socket.on('error', reject)
    socket.once('data', (chunk: Buffer) => {
      socket.destroy()
      resolve(chunk.toString().split('\r\n')[0]!)
    })
    socket.write(`CONNECT ${target} HTTP/1.1\r\nProxy-Authorization: Basic ${pair}\r\n\r\n`)
  })
}

test('hands on what may be fetched', () =>
  withProxy(async ({ env }, port, asked) => {
    const { status, body } = await get(env.HTTP_PROXY!, `http://charts.test:${port}/index.yaml`)
    assert.equal([status, body], [200, 'chart'])
    assert.equal(asked, [`charts.test:${port}/index.yaml`])
    assert.match(await tunnelTo(env.HTTPS_PROXY!, `charts.test:${port}`), '200')
  }))

for (const host of ['169.254.169.254', '[fe80::1]', '[::ffff:a9fe:a9fe]', 'evil.test'])
  test(`connects to ${host} for nobody, and says why`, () =>
    withProxy(async ({ env }, _, asked) => {
      const { status, reason } = await get(env.HTTP_PROXY!, `http://${host}/latest/meta-data`)
      assert.is(status, 403)
      assert.match(reason, /link-local or a metadata service.*--allow-address/)
      assert.match(await tunnelTo(env.HTTPS_PROXY!, `${host}:443`), /^HTTP\/1\.1 403 .*link-local/)
      assert.equal(asked, [])
    }))

for (const [what, head, expected] of [
  ['a status that is none', 'HTTP/1.1 099 No', 502],
  ['another one', 'HTTP/1.1 000 No', 502],
  ['a trailer where there can be none', 'HTTP/1.1 200 OK\r\nTrailer: x', 200],
  ['two lengths', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', 502],
] as const)
  test(`an answer with ${what} ends neither the proxy nor what others ask for`, () =>
    withProxy(async ({ env }, port) => {
      const server = createServer((socket) => {
        socket.once('data', () => socket.end(`${head}\r\nContent-Length: 5\r\n\r\nchart`))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      try {
        const liar = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
        assert.is((await get(env.HTTP_PROXY!, liar)).status, expected)
        assert.is((await get(env.HTTP_PROXY!, `http://charts.test:${port}/`)).status, 200)
      } finally {
        server.close()
      }
    }))

test('serves nobody without its password', () =>
  withProxy(async ({ env }, port, asked) => {
    const wrong = new URL(env.HTTP_PROXY!)
    wrong.password = 'guess'
    assert.is((await get(wrong.href, `http://charts.test:${port}/`)).status, 407)
    assert.match(await tunnelTo(wrong.href, `charts.test:${port}`), '407')
    assert.equal(asked, [])
  }))

test('git does not follow a redirect to what is forbidden', () =>
  withProxy(async ({ env }, port, asked) => {
    const run = createRunner({ env: process.env })
    const url = `http://charts.test:${port}/moved`
    const cloned = run(['git', 'ls-remote', '--quiet', url], {
      env: { ...env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' },
    })
    const error = await cloned.then(
      () => undefined,
      (reason: unknown) => reason as { stderr: string },
    )
    assert.match(error?.stderr ?? '', /403|unable to (?:access|update)/)
    assert.ok(asked.every((one) => one.startsWith('charts.test')))
  }))

test.run()
