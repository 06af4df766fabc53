// What the server says of itself: version, groups, resources, OpenAPI documents.
import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readFields, textOf } from '../../lib/sandbox/proto/wire.ts'
import { createSandbox } from '../../lib/sandbox/sandbox.ts'
import { manualClock, steadyRandom } from '../helpers/hollow.ts'
import { clientOf, type Answer, type Client } from '../helpers/requests.ts'

const test = suite('sandbox discovery')
const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

function fresh(): Client {
  return clientOf(createSandbox({ clock: manualClock(), random: steadyRandom() }))
}

test('/version, /healthz, /livez and /readyz answer', async () => {
  const client = fresh()
  assert.match((await client.get('/version')).text, '"gitVersion":"v1.36.2')
  for (const path of ['/healthz', '/livez', '/readyz'])
    assert.is((await client.get(path)).text, 'ok')
})

test('/apis lists groups plainly, or everything aggregated, as the Accept header says', async () => {
  const client = fresh()
  assert.is((await client.get('/apis')).body.kind, 'APIGroupList')
  const accept = `${aggregated},application/json`
  const { body, headers } = await client.get('/apis', { accept })
  assert.is(body.kind, 'APIGroupDiscoveryList')
  assert.match(headers.get('content-type')!, 'as=APIGroupDiscoveryList')
  const apps = body.items.find(({ metadata }) => metadata.name === 'apps') as unknown as {
    versions: { version: string; resources: { resource: string; subresources: object[] }[] }[]
  }
  const deployments = apps.versions[0]!.resources.find(({ resource }) => resource === 'deployments')
  assert.is(deployments?.subresources.length, 2)
})

test('a discovery document that the client has is not sent again', async () => {
  const client = fresh()
  const first = await client.get('/apis', { accept: aggregated })
  const again = await client.get('/apis', {
    accept: aggregated,
    'if-none-match': first.headers.get('etag')!,
  })
  assert.is(again.status, 304)
  assert.is(again.text, '')
})

test('/api/v1 names the resources of the core group with their subresources', async () => {
  const { resources } = (await fresh().get('/api/v1')).body as unknown as {
    resources: { name: string; shortNames?: string[] }[]
  }
  const names = resources.map(({ name }) => name)
  for (const name of ['pods', 'pods/log', 'pods/eviction', 'namespaces/finalize', 'secrets'])
    assert.ok(names.includes(name), name)
  assert.equal(resources.find(({ name }) => name === 'configmaps')?.shortNames, ['cm'])
})

test('/openapi/v2 is there, in protobuf or in JSON, and describes nothing', async () => {
  const client = fresh()
  const plain = await client.get('/openapi/v2')
  assert.equal(plain.body as unknown, {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'sandbox' },
    paths: {},
    definitions: {},
  })
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
  const { text, headers } = await client.get('/openapi/v2', { accept })
  assert.is(headers.get('content-type'), accept.replace('@', '.'))
  const read = (message: string): string[] =>
    [...readFields(Buffer.from(message))].map(([number, value]) => `${number} ${textOf(value)}`)
  const [swagger, info, paths] = read(text)
  assert.equal([swagger, paths], ['1 2.0', '8 '])
  assert.equal(read(info!.slice(2)), ['1 Kubernetes', '2 sandbox'])
})

test('/openapi/v3 leads to documents whose addresses name their contents', async () => {
  const client = fresh()
  const { paths } = (await client.get('/openapi/v3')).body as unknown as {
    paths: Record<string, { serverRelativeURL: string }>
  }
  const { serverRelativeURL } = paths['apis/apps/v1']!
  const document = await client.get(serverRelativeURL)
  assert.match(document.text, '"io.k8s.api.apps.v1.Deployment"')
  assert.match(document.headers.get('cache-control')!, 'immutable')
  const again = await client.get(serverRelativeURL, {
    'if-none-match': document.headers.get('etag')!,
  })
  assert.is(again.status, 304)
})

test('an OpenAPI document by an old hash leads to the new one', async () => {
  const answer: Answer = await fresh().get('/openapi/v3/apis/apps/v1?hash=OLD')
  assert.is(answer.status, 301)
  assert.match(answer.headers.get('location')!, /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]+$/)
})

test.run()
