// What a list answers: which objects, in which order, page by page, in which shape.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../lib/sandbox/sandbox.ts'
import type { Obj } from '../../lib/sandbox/types.ts'
import { manualClock, steadyRandom } from '../helpers/hollow.ts'
import { clientOf, type Answer } from '../helpers/requests.ts'

const test = suite('sandbox lists')
const secrets = '/api/v1/namespaces/default/secrets'

function fresh(options: Partial<SandboxOptions> = {}): Sandbox {
  return createSandbox({ clock: manualClock(), random: steadyRandom(), ...options })
}

function secret(name: string, labels: Record<string, string> = {}, namespace = 'default'): Obj {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels } }
}

function names({ body }: Answer): string[] {
  return body.items.map(({ metadata }) => metadata.name)
}

test('a list is in the order of namespaces and names and carries the version of the world', async () => {
  const sandbox = fresh()
  for (const name of ['b', 'c', 'a']) sandbox.api.create('secrets', secret(name))
  sandbox.api.create('secrets', secret('z', {}, 'kube-public'))
  const last = sandbox.api.create('secrets', secret('y', {}, 'kube-node-lease'))
  const answer = await clientOf(sandbox).get('/api/v1/secrets')
  assert.equal(names(answer), ['a', 'b', 'c', 'y', 'z'])
  assert.is(answer.body.kind, 'SecretList')
  assert.is(answer.body.metadata.resourceVersion, last.metadata.resourceVersion)
})

test('a namespace lists its own objects, not those of one whose name begins alike', async () => {
  const sandbox = fresh()
  const client = clientOf(sandbox)
  for (const namespace of ['shop', 'shop-2']) {
    await client.post('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace },
    })
    sandbox.api.create('secrets', secret(`in-${namespace}`, {}, namespace))
  }
  assert.equal(names(await client.get('/api/v1/namespaces/shop/secrets')), ['in-shop'])
})

test('pages show the moment of the first one, whatever happens meanwhile', async () => {
  const sandbox = fresh()
  const client = clientOf(sandbox)
  for (const name of ['a', 'b', 'c', 'd']) sandbox.api.create('secrets', secret(name))
  const first = await client.get(`${secrets}?limit=2`)
  assert.equal(names(first), ['a', 'b'])
  assert.is(first.body.metadata.remainingItemCount, 2)
  sandbox.api.delete('secrets', 'default', 'c')
  sandbox.api.create('secrets', secret('cc'))
  const second = await client.get(`${secrets}?limit=2&continue=${first.body.metadata.continue}`)
  assert.equal(names(second), ['c', 'd'])
  assert.is(second.body.metadata.resourceVersion, first.body.metadata.resourceVersion)
  assert.is(second.body.metadata.continue, undefined)
})

test('a page of a moment that is forgotten answers Expired', async () => {
  const sandbox = fresh({ window: 2 })
  const client = clientOf(sandbox)
  for (const name of ['a', 'b', 'c']) sandbox.api.create('secrets', secret(name))
  const first = await client.get(`${secrets}?limit=1`)
  for (const name of ['d', 'e', 'f', 'g', 'h']) sandbox.api.create('secrets', secret(name))
  const { status, body } = await client.get(`${secrets}?continue=${first.body.metadata.continue}`)
  assert.is(status, 410)
  assert.is(body.reason, 'Expired')
})

for (const [selector, expected] of [
  ['owner=helm', ['a', 'b']],
  ['owner==helm,name=x', ['a']],
  ['owner!=helm', ['c', 'd']],
  ['name in (x, y)', ['a', 'b']],
  ['name notin (x)', ['b', 'c', 'd']],
  ['owner', ['a', 'b', 'c']],
  ['!owner', ['d']],
] as const) {
  test(`label selector "${selector}" selects ${expected.join(', ')}`, async () => {
    const sandbox = fresh()
    sandbox.api.create('secrets', secret('a', { owner: 'helm', name: 'x' }))
    sandbox.api.create('secrets', secret('b', { owner: 'helm', name: 'y' }))
    sandbox.api.create('secrets', secret('c', { owner: 'other' }))
    sandbox.api.create('secrets', secret('d'))
    const query = `labelSelector=${encodeURIComponent(selector)}`
    assert.equal(names(await clientOf(sandbox).get(`${secrets}?${query}`)), [...expected])
  })
}

test('a selector that cannot be parsed is refused', async () => {
  const { status } = await clientOf(fresh()).get(`${secrets}?labelSelector=a%20b`)
  assert.is(status, 400)
})

test('field selectors select by what the kind allows', async () => {
  const sandbox = fresh()
  sandbox.api.create('secrets', { ...secret('a'), type: 'helm.sh/release.v1' })
  sandbox.api.create('secrets', { ...secret('b'), type: 'Opaque' })
  const client = clientOf(sandbox)
  const by = (selector: string): Promise<Answer> =>
    client.get(`/api/v1/secrets?fieldSelector=${encodeURIComponent(selector)}`)
  assert.equal(names(await by('type=helm.sh/release.v1')), ['a'])
  assert.equal(names(await by('metadata.name!=a,metadata.namespace=default')), ['b'])
  const { status, body } = await by('data=x')
  assert.is(status, 400)
  assert.is(body.message, 'field label not supported: data')
})

test('items of built-in kinds leave out what the list says of them', async () => {
  const sandbox = fresh()
  sandbox.api.create('secrets', secret('a'))
  const { body } = await clientOf(sandbox).get(secrets)
  assert.not('kind' in body.items[0]!)
})

test('the first acceptable shape is chosen', async () => {
  const sandbox = fresh()
  sandbox.api.create('secrets', secret('a'))
  const client = clientOf(sandbox)
  const kindFor = async (accept: string): Promise<string> =>
    (await client.get(secrets, { accept })).body.kind
  assert.is(await kindFor('application/json;as=Table;v=v1;g=meta.k8s.io,application/json'), 'Table')
  assert.is(await kindFor('application/vnd.kubernetes.protobuf,application/json'), 'SecretList')
  const partial = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
  assert.is(await kindFor(partial), 'PartialObjectMetadataList')
  const { status } = await client.get(secrets, { accept: 'application/vnd.kubernetes.protobuf' })
  assert.is(status, 406)
})

test('YAML is answered to whoever asks for it', async () => {
  const sandbox = fresh()
  sandbox.api.create('secrets', secret('a'))
  const { text } = await clientOf(sandbox).get(`${secrets}/a`, { accept: 'application/yaml' })
  assert.match(text, /^kind: Secret$/m)
})

test('a version that is still to come is refused as such', async () => {
  const { status, body } = await clientOf(fresh()).get(`${secrets}?resourceVersion=999999`)
  assert.is(status, 504)
  assert.is(body.details.causes[0]?.reason, 'ResourceVersionTooLarge')
})

test.run()
