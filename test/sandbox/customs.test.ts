// Kinds that CustomResourceDefinitions bring: served at once, by their rules, and gone with their definition.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSandbox, type Sandbox } from '../../lib/sandbox/sandbox.ts'
import { manualClock, steadyRandom, type ManualClock } from '../helpers/hollow.ts'
import { clientOf, type Client } from '../helpers/requests.ts'
import { openWatch } from '../helpers/watching.ts'

const test = suite('sandbox custom kinds')
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const widgets = '/apis/example.org/v1/namespaces/default/widgets'

const schema = {
  openAPIV3Schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        properties: {
          size: { type: 'integer', minimum: 1 },
          color: { type: 'string', default: 'red' },
          replicas: { type: 'integer' },
        },
      },
      status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
  },
}

function crd(...versions: string[]): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: {
        kind: 'Widget',
        plural: 'widgets',
        singular: 'widget',
        listKind: 'WidgetList',
        shortNames: ['wd'],
      },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
        },
      })),
    },
  }
}

function widget(spec: object, more: object = {}): object {
  return {
    apiVersion: 'example.org/v1',
    kind: 'Widget',
    metadata: { name: 'w' },
    spec,
    ...more,
  }
}

async function fresh(
  ...versions: string[]
): Promise<{ sandbox: Sandbox; client: Client; clock: ManualClock }> {
  const clock = manualClock()
  const sandbox = createSandbox({ clock, random: steadyRandom() })
  const client = clientOf(sandbox)
  await client.post(crds, crd(...(versions.length === 0 ? ['v1'] : versions)))
  return { sandbox, client, clock }
}

test('a definition is established at once and says so', async () => {
  const { client } = await fresh()
  const { body } = await client.get(`${crds}/widgets.example.org`)
  const conditions = body.status['conditions'] as { type: string; status: string }[]
  assert.equal(
    conditions.map(({ type, status }) => `${type} ${status}`),
    ['NamesAccepted True', 'Established True'],
  )
  assert.equal(body.status['storedVersions'], ['v1'])
})

test('its kind is in discovery, and gone from there with it', async () => {
  const { client, clock } = await fresh()
  const served = await client.get('/apis/example.org/v1')
  assert.match(served.text, '"name":"widgets/status"')
  await client.delete(`${crds}/widgets.example.org`)
  clock.advance(100)
  assert.is((await client.get('/apis/example.org/v1')).status, 404)
  assert.is((await client.get(widgets)).status, 404)
})

test('unknown fields are pruned, defaults filled in, status dropped on create', async () => {
  const { client } = await fresh()
  const { body } = await client.post(widgets, widget({ size: 2, shape: 'x' }, { status: { a: 1 } }))
  assert.equal(body.spec, { size: 2, color: 'red' })
  assert.is(body.status, undefined)
  assert.is(body.metadata.generation, 1)
})

test('fieldValidation=Strict refuses unknown fields, Warn names them in a Warning', async () => {
  const { client } = await fresh()
  const strict = await client.post(
    `${widgets}?fieldValidation=Strict`,
    widget({ size: 2, shape: 'x' }),
  )
  assert.is(strict.status, 400)
  assert.match(strict.body.message, 'strict decoding error: unknown field "spec.shape"')
  const warned = await client.post(`${widgets}?fieldValidation=Warn`, widget({ size: 2, shape: 1 }))
  assert.is(warned.status, 201)
  assert.is(warned.headers.get('warning'), '299 - "unknown field \\"spec.shape\\""')
})

test('what the schema forbids is refused with its causes', async () => {
  const { client } = await fresh()
  const { status, body } = await client.post(widgets, widget({ size: 0 }))
  assert.is(status, 422)
  assert.is(body.details.causes[0]?.field, 'spec.size')
  assert.match(body.message, /^Widget\.example\.org "w" is invalid: spec\.size: Invalid value: 0/)
})

test('status is written through its subresource alone and counts no generation', async () => {
  const { client } = await fresh()
  await client.post(widgets, widget({ size: 2 }))
  await client.patch(`${widgets}/w`, 'merge', { status: { seen: 1 } })
  assert.is((await client.get(`${widgets}/w`)).body.status, undefined)
  await client.patch(`${widgets}/w/status`, 'merge', { status: { seen: 1 }, spec: { size: 9 } })
  const { body } = await client.get(`${widgets}/w`)
  assert.equal(body.status, { seen: 1 })
  assert.is(body.spec['size'], 2)
  assert.is(body.metadata.generation, 1)
  await client.patch(`${widgets}/w`, 'merge', { spec: { size: 3 } })
  assert.is((await client.get(`${widgets}/w`)).body.metadata.generation, 2)
})

test('every served version shows the same object in its own words', async () => {
  const { client } = await fresh('v1', 'v1beta1')
  await client.post(widgets, widget({ size: 2 }))
  const path = '/apis/example.org/v1beta1/namespaces/default/widgets'
  assert.is((await client.get(`${path}/w`)).body.apiVersion, 'example.org/v1beta1')
  const list = await client.get(path)
  assert.is(list.body.items[0]?.apiVersion, 'example.org/v1beta1')
})

test('scale reads and writes where the definition says', async () => {
  const { client } = await fresh()
  await client.post(widgets, widget({ size: 2, replicas: 1 }))
  const scale = await client.get(`${widgets}/w/scale`)
  assert.equal(scale.body.spec, { replicas: 1 })
  await client.patch(`${widgets}/w/scale`, 'merge', { spec: { replicas: 5 } })
  assert.is((await client.get(`${widgets}/w`)).body.spec['replicas'], 5)
})

test('strategic merge patches are not for custom kinds', async () => {
  const { client } = await fresh()
  await client.post(widgets, widget({ size: 2 }))
  const { status } = await client.patch(`${widgets}/w`, 'strategic', { spec: { size: 3 } })
  assert.is(status, 415)
})

test('deleting a definition deletes its objects, ends their watches, and waits for finalizers', async () => {
  const { sandbox, client, clock } = await fresh()
  await client.post(
    widgets,
    widget({ size: 2 }, { metadata: { name: 'w', finalizers: ['example.org/wait'] } }),
  )
  const watch = await openWatch(sandbox, widgets)
  await watch.take(1)
  await client.delete(`${crds}/widgets.example.org`)
  clock.advance(100)
  assert.is((await client.get(`${crds}/widgets.example.org`)).status, 200)
  const late = await client.post(widgets, widget({ size: 1 }, { metadata: { name: 'late' } }))
  assert.is(late.status, 405)
  await client.patch(`${widgets}/w`, 'merge', { metadata: { finalizers: null } })
  clock.advance(100)
  assert.is((await client.get(`${crds}/widgets.example.org`)).status, 404)
  assert.equal(await watch.take(3), ['MODIFIED w', 'DELETED w'])
})

test('a definition made again serves again, without the old objects', async () => {
  const { client, clock } = await fresh()
  await client.post(widgets, widget({ size: 2 }))
  await client.delete(`${crds}/widgets.example.org`)
  clock.advance(100)
  await client.post(crds, crd('v1'))
  assert.equal((await client.get(widgets)).body.items, [])
})

test('a kind whose name is taken is not established', async () => {
  const { client } = await fresh()
  const other = structuredClone(crd('v1')) as {
    metadata: { name: string }
    spec: { names: { plural: string; shortNames: string[] } }
  }
  other.metadata.name = 'gadgets.example.org'
  other.spec.names.plural = 'gadgets'
  other.spec.names.shortNames = []
  await client.post(crds, other)
  const { body } = await client.get(`${crds}/gadgets.example.org`)
  const conditions = body.status['conditions'] as { type: string; status: string }[]
  assert.equal(
    conditions.map(({ type, status }) => `${type} ${status}`),
    ['NamesAccepted False', 'Established False'],
  )
})

test('a custom kind whose name is pods counts generations by all of its spec', async () => {
  const { client } = await fresh()
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  await client.post(crds, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'pods.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { kind: 'Whale', plural: 'pods' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: open } }],
    },
  })
  const pods = '/apis/example.org/v1/namespaces/default/pods'
  const whale = { apiVersion: 'example.org/v1', kind: 'Whale', metadata: { name: 'a' } }
  await client.post(pods, { ...whale, spec: { nodeName: 'x' } })
  const { body } = await client.patch(`${pods}/a`, 'merge', { spec: { nodeName: 'y' } })
  assert.is(body.metadata.generation, 2)
})

test.run()
