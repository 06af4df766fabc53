import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { homeGuard } from '../helpers/guard.ts'
import { createHttpClient } from '../../lib/edge/http.ts'
import { createValuesReader } from '../../lib/edge/values.ts'
import { ReconcileError } from '../../lib/model/errors.ts'
import type { Cluster, ValuesReader } from '../../lib/model/ports.ts'
import type { ValuesReference } from '../../lib/model/release.ts'
import type { Artifact } from '../../lib/model/source.ts'
import { configMap, configMaps, secrets, withCluster } from '../helpers/cluster.ts'
import type { RunningCluster } from '../helpers/cluster.ts'
import { withFront } from '../helpers/front.ts'
import { withWebServer } from '../helpers/webserver.ts'
import { testParser } from '../helpers/parser.ts'

const test = suite('values from ConfigMaps and Secrets')

const noChart = {} as Artifact
const { signal } = new AbortController()

type Read = (over?: Partial<InCluster>, unless?: string) => ReturnType<ValuesReader['read']>
type InCluster = Extract<ValuesReference, { kind: 'ConfigMap' | 'Secret' }>

/** Runs `use` with a reader of key values.yaml of the ConfigMap "web" in the test's namespace. */
async function withReader(
  use: (read: Read, running: RunningCluster) => Promise<void>,
): Promise<void> {
  await withCluster('sandbox', async (running) => {
    const { cluster, namespace } = running
    const reader = createValuesReader({
      http: createHttpClient({ guard: homeGuard, env: {} }),
      parser: testParser(),
    })
    const usual: InCluster = {
      ...{ kind: 'ConfigMap', namespace, name: 'web', key: 'values.yaml', optional: false },
    }
    await use(
      (over, unless) =>
        reader.read(
          { ...usual, ...over },
          { cluster, artifact: noChart, signal, ...(unless === undefined ? {} : { unless }) },
        ),
      running,
    )
  })
}

function secret(namespace: string, name: string, bytes: Uint8Array | string): object {
  const data = { 'values.yaml': Buffer.from(bytes).toString('base64') }
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data }
}

async function failureOf(reading: Promise<unknown>): Promise<ReconcileError> {
  const error = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.instance(error, ReconcileError)
  return error as ReconcileError
}

test('are the document under the key, with the version of the object', () =>
  withReader(async (read, { cluster, namespace }) => {
    const data = { 'values.yaml': 'a: yes\n', other: 'b: 1' }
    const { metadata } = await cluster.create(configMaps, configMap(namespace, 'web', data))
    const version = `${metadata.uid}@${metadata.resourceVersion}`
    assert.equal(await read(), { version, content: { a: true } })
    assert.equal(await read({ key: 'other' }), { version, content: { b: 1 } })
    assert.is(await read({}, version), 'unchanged')
    assert.equal(await read({}, 'of yesterday'), { version, content: { a: true } })
  }))

test('are decoded from Secrets, whatever the encoding says it is', () =>
  withReader(async (read, { cluster, namespace }) => {
    const utf16 = Buffer.from('\ufeffa: é', 'utf16le')
    await cluster.create(secrets, secret(namespace, 'web', 'a: é€') as never)
    await cluster.create(secrets, secret(namespace, 'wide', utf16) as never)
    const contents = [await read({ kind: 'Secret' }), await read({ kind: 'Secret', name: 'wide' })]
    assert.equal(
      contents.map((one) => one !== 'unchanged' && one.content),
      [{ a: 'é€' }, { a: 'é' }],
    )
  }))

test('are taken from any namespace', () =>
  withReader(async (read, { cluster }) => {
    await cluster.create(configMaps, configMap('kube-public', 'web', { 'values.yaml': 'a: 1' }))
    const found = await read({ namespace: 'kube-public' })
    assert.equal(found !== 'unchanged' && found.content, { a: 1 })
  }))

test('are none where the document is empty', () =>
  withReader(async (read, { cluster, namespace }) => {
    await cluster.create(configMaps, configMap(namespace, 'web', { 'values.yaml': '' }))
    const found = await read()
    assert.equal(found !== 'unchanged' && found.content, {})
  }))

test('are not looked for in binaryData', () =>
  withReader(async (read, { cluster, namespace }) => {
    const binaryData = { 'values.yaml': Buffer.from('a: 1').toString('base64') }
    await cluster.create(configMaps, { ...configMap(namespace, 'web'), binaryData })
    assert.is((await failureOf(read())).code, 'ValuesSourceNotFound')
  }))

test('that are missing are named, and forgiven if they are optional', () =>
  withReader(async (read, { cluster, namespace }) => {
    const { message, code } = await failureOf(read())
    assert.is(code, 'ValuesSourceNotFound')
    assert.is(
      message,
      `Cannot read values: ConfigMap "web" in namespace "${namespace}" does not exist`,
    )
    assert.equal(await read({ optional: true }), { version: '' })
    assert.is(await read({ optional: true }, ''), 'unchanged')
    await failureOf(read({ name: 'other', namespace: 'nowhere' }))

    const { metadata } = await cluster.create(
      configMaps,
      configMap(namespace, 'web', { 'value.yaml': 'a: 1' }),
    )
    const version = `${metadata.uid}@${metadata.resourceVersion}`
    assert.match(
      (await failureOf(read())).message,
      /has no key "values.yaml".*mean "value.yaml"\?$/,
    )
    assert.equal(await read({ optional: true }), { version })
    await failureOf(read({ key: 'constructor' }))
  }))

for (const [what, bytes, says] of [
  ['broken YAML', 'password: "hunter2', /line 1/],
  ['an alias without an anchor', 'password: *hunter2', /alias/],
  ['a list', '- hunter2', /mapping/],
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), /binary/],
] as const) {
  test(`that are ${what} are refused without being quoted, and forgiven if they are optional`, () =>
    withReader(async (read, { cluster, namespace }) => {
      const { metadata } = await cluster.create(secrets, secret(namespace, 'web', bytes) as never)
      const error = await failureOf(read({ kind: 'Secret' }))
      assert.is(error.code, 'ValuesInvalid')
      assert.match(error.message, /Secret "web" in namespace .*, key "values.yaml"/)
      assert.match(error.message, says)
      assert.not.match(`${error.stack}${String(error.cause)}`, 'hunter2')
      const version = `${metadata.uid}@${metadata.resourceVersion}`
      assert.equal(await read({ kind: 'Secret', optional: true }), { version })
    }))
}

test('from elsewhere are forgiven whatever goes wrong, but for a pass that is over', () =>
  withWebServer(
    (request, response) => {
      if (request.url === '/silent') return
      response.writeHead(request.url === '/good' ? 200 : 500).end('- no values')
    },
    async ({ url }) => {
      const cluster = {} as Cluster
      const { read } = createValuesReader({
        http: createHttpClient({ guard: homeGuard, env: {} }),
        parser: testParser(),
      })
      const call = { cluster, artifact: noChart, signal }
      for (const wrong of [`${url}/good`, `${url}/bad`, 'nonsense', 'ftp://x']) {
        await failureOf(read({ kind: 'url', url: wrong, optional: false }, call))
        const found = await read({ kind: 'url', url: wrong, optional: true }, call)
        assert.ok(found !== 'unchanged' && found.content === undefined)
      }
      const artifact = { ...noChart, path: '/nowhere', exportRoot: '/nowhere' }
      const file = { kind: 'chartFile', path: 'x' } as const
      await failureOf(read({ ...file, optional: false }, { ...call, artifact }))
      assert.equal(await read({ ...file, optional: true }, { ...call, artifact }), { version: '' })

      const abort = new AbortController()
      const silent = { kind: 'url', url: `${url}/silent`, optional: true } as const
      const reading = read(silent, { ...call, signal: abort.signal })
      abort.abort(new Error('over'))
      const error = await reading.catch((reason: unknown) => reason)
      assert.is((error as Error).message, 'over')
    },
  ))

test('that the API server refuses are not forgiven, optional or not', () =>
  withFront(async ({ cluster, forbid }) => {
    const reader = createValuesReader({
      http: createHttpClient({ guard: homeGuard, env: {} }),
      parser: testParser(),
    })
    const where = { namespace: 'default', name: 'web', key: 'values.yaml', optional: true }
    const read = () =>
      reader.read({ kind: 'Secret', ...where }, { cluster, artifact: noChart, signal })
    assert.equal(await read(), { version: '' })
    forbid(/secrets/)
    const error = await read().catch((reason: unknown) => reason)
    assert.is((error as { status?: number }).status, 403)
  }))

test.run()
