// What people are told when the server is no git server, or not a well one: real git against real servers.
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ReconcileError } from '../../../lib/model/errors.ts'
import { withGitFetcher } from '../../helpers/gitfetch.ts'
import { selfSigned } from '../../helpers/certificate.ts'
import { withWebServer } from '../../helpers/webserver.ts'

const test = suite('git servers with a fault')

async function refusal(urls: Record<string, string>): Promise<Record<string, string>> {
  return await withGitFetcher(async ({ fetch }) => {
    const told = Object.entries(urls).map(async ([name, url]) => {
      const error = await fetch({ url }).then(
        () => {
          throw new Error(`${name} was fetched`)
        },
        (reason: ReconcileError) => reason,
      )
      return [name, `${error.code}: ${error.message.replace(/^Cannot fetch "[^"]*": /, '')}`]
    })
    return Object.fromEntries(await Promise.all(told)) as Record<string, string>
  })
}

test('are told apart by what they answer', async () => {
  const page = `<html>${'x'.repeat(200)}</html>\n`
  await withWebServer(
    (request, response) => {
      const [, kind = ''] = request.url!.split('/')
      if (kind === 'nothing') return request.socket.destroy()
      if (kind === 'page') return void response.end(page)
      if (kind !== 'half') return void response.writeHead(Number(kind)).end('x')
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement')
      response.write('001e# service=git-upload-pack\n0000', () => request.socket.destroy())
    },
    async ({ url, port }) => {
      const kinds = ['nothing', 'half', 'page', '403', '404', '429', '500', '503']
      const urls = Object.fromEntries(kinds.map((kind) => [kind, `${url}/${kind}/x.git`]))
      urls.tls = `https://127.0.0.1:${port}/x.git`
      assert.equal(await refusal(urls), {
        nothing: 'GitUnreachable: the host hung up; check protocol, host and port',
        half: 'GitUnreachable: the host hung up; check protocol, host and port',
        page: 'GitRefused: there is no git repository at this URL',
        403: 'GitRefused: the server refuses these credentials',
        404: 'GitRefused: there is no such repository, or not for us',
        429: 'GitUnreachable: the server answers 429',
        500: 'GitUnreachable: the server answers 500',
        503: 'GitUnreachable: the server answers 503',
        tls: 'GitUnreachable: the host does not speak TLS; use http, or another port',
      })
    },
  )
})

test('speak TLS where HTTP was expected', async () => {
  await withWebServer(
    (_, response) => response.end(),
    async ({ port }) => {
      const { http } = await refusal({ http: `http://127.0.0.1:${port}/x.git` })
      assert.match(
        http!,
        /^GitUnreachable: (?:the host hung up|the server answers 400|the host does not speak HTTP)/,
      )
    },
    selfSigned('git'),
  )
})

test('are no SSH server', async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {}).end()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    assert.equal(await refusal({ ssh: `ssh://git@127.0.0.1:${port}/x.git` }), {
      ssh: 'GitUnreachable: the host hung up; check protocol, host and port',
    })
  } finally {
    server.close()
  }
})

test.run()
