// Secrets that cannot open anything, each with what is said of it: nothing is asked of any server.
import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeDockerConfig } from '../../../lib/helm/dockerconfig.ts'
import type { ReconcileError } from '../../../lib/model/errors.ts'
import type { ChartSource } from '../../../lib/model/source.ts'
import { withFetcher, type Fetching } from '../../helpers/fetching.ts'
import { selfSigned } from '../../helpers/certificate.ts'
import { testWithSsh } from '../../helpers/skip.ts'
import { newSshKey } from '../../helpers/sshserver.ts'
import { withWebServer } from '../../helpers/webserver.ts'

const test = suite("a chart's Secret")

const nowhere = '127.0.0.1:1'
const sources: Record<string, ChartSource> = {
  https: { kind: 'repository', url: `https://${nowhere}`, name: 'web', version: '1.0.0' },
  oci: { kind: 'repository', url: `oci://${nowhere}/charts`, name: 'web', version: '1.0.0' },
  git: gitAt(`https://${nowhere}/x.git`),
  ssh: gitAt(`ssh://git@${nowhere}/x.git`),
}

function gitAt(url: string): ChartSource {
  return { kind: 'git', url, ref: 'main', path: 'web', updateDependencies: false }
}

async function said(
  { fetch, secret }: Fetching,
  source: string,
  data: Record<string, string>,
): Promise<string> {
  const secretRef = await secret(`s-${Math.random().toString(36).slice(2)}`, data)
  const error = await fetch({ ...sources[source]!, secretRef }).then(
    () => {
      throw new Error('nothing is there to be fetched from')
    },
    (reason: ReconcileError) => reason,
  )
  const state = /^Cannot read the chart's credentials: Secret "[^"]*" in namespace "[^"]*" (.*)$/
  const found = state.exec(error.message)?.[1]
  if (found !== undefined) assert.is(error.code, 'ChartSourceInvalid')
  return found ?? error.message
}

test('is said to be incomplete, or not what it should be', async () => {
  const { cert, key } = selfSigned('ours')
  await withFetcher(async (fetching) => {
    const locked = newSshKey('a-passphrase').private
    const dockerconfigjson = encodeDockerConfig('ghcr.io', { username: 'ann', password: 'x' })
    const others = 'has no credentials for "127.0.0.1:1"; it has those for "ghcr.io"'
    for (const [source, data, expected] of [
      ['https', { user: 'ann' }, /^has neither "username" and "password" nor "tls.crt" and/],
      ['https', { username: 'ann' }, 'has a "username" but no "password"'],
      ['https', { password: 'x' }, 'has a "password" but no "username"'],
      ['https', { 'ca.crt': 'x' }, 'has a "ca.crt" that is not PEM'],
      ['https', { 'tls.crt': cert }, 'has a "tls.crt" but no "tls.key"'],
      ['https', { keyFile: key }, 'has a "tls.key" but no "tls.crt"'],
      ['oci', { user: 'ann' }, /^has neither "username" and "password" nor ".dockerconfigjson"/],
      ['oci', { '.dockerconfigjson': '{' }, 'has a ".dockerconfigjson" that is no such thing'],
      ['oci', { '.dockerconfigjson': dockerconfigjson }, others],
      ['git', { identity: locked }, 'has neither "username" and "password" nor "ca.crt"'],
      ['ssh', { username: 'ann', password: 'x' }, /^has no "identity", which SSH needs/],
      ['ssh', { known_hosts: 'x' }, /^has no "identity", which SSH needs/],
      ['ssh', { identity: cert }, 'has an "identity" that is no private key'],
      ['ssh', { identity: locked }, /^has an "identity" that wants a passphrase, which nobody/],
    ] as const) {
      const message = await said(fetching, source, data)
      if (typeof expected === 'string') assert.is(message, expected)
      else assert.match(message, expected)
    }
  })
})

test('is taken when it is whole, and the server is asked', async () => {
  const { cert, key } = selfSigned('ours')
  await withFetcher(async (fetching) => {
    const user = { username: 'ann', password: 'x' }
    const dockerconfigjson = encodeDockerConfig(nowhere, user)
    for (const [source, data] of [
      ['https', user],
      ['https', { 'ca.crt': cert }],
      ['https', { certFile: cert, keyFile: key, caFile: cert }],
      ['oci', user],
      ['oci', { '.dockerconfigjson': dockerconfigjson, 'ca.crt': cert }],
      ['git', user],
      ['git', { 'ca.crt': cert }],
    ] as const)
      assert.match(await said(fetching, source, data), /refuses connections$/)
  })
})

testWithSsh(test, 'is taken when it is whole, and the server is asked over SSH', () =>
  withFetcher(async (fetching) => {
    const data = { identity: newSshKey().private, known_hosts: 'x' }
    assert.match(await said(fetching, 'ssh', data), /refuses connections$/)
  }),
)

test('is taken without the line breaks that echo leaves behind', async () => {
  await withWebServer(
    (_, response) => response.writeHead(401).end(),
    async ({ url, headers }) => {
      await withFetcher(async ({ fetch, secret }) => {
        const secretRef = await secret('echoed', { username: 'ann\n', password: 'hunter2\r\n' })
        const source = { kind: 'repository', url, name: 'web', version: '1.0.0' } as const
        await fetch({ ...source, secretRef }).catch(() => {})
        const pair = Buffer.from('ann:hunter2').toString('base64')
        assert.is(headers().authorization, `Basic ${pair}`)
      })
    },
  )
})

test.run()
