// Namespaces: what they have from the start, and how they go.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSandbox } from '../../lib/sandbox/sandbox.ts'
import type { Obj } from '../../lib/sandbox/types.ts'
import { manualClock, steadyRandom, type ManualClock } from '../helpers/hollow.ts'
import { clientOf, type Client } from '../helpers/requests.ts'

const test = suite('sandbox namespaces')

function fresh(): { client: Client; clock: ManualClock } {
  const clock = manualClock()
  return { client: clientOf(createSandbox({ clock, random: steadyRandom() })), clock }
}

function namespace(name: string): Obj {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

function held(name: string, ...finalizers: string[]): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, finalizers } }
}

test('a cluster has the four namespaces of every cluster', async () => {
  const { body } = await fresh().client.get('/api/v1/namespaces')
  const names = body.items.map(({ metadata }) => metadata.name)
  assert.equal(names, ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
})

test('a new namespace is active, labelled, and has a service account and the root certificate', async () => {
  const { client } = fresh()
  const { body } = await client.post('/api/v1/namespaces', namespace('shop'))
  assert.equal(body.status, { phase: 'Active' })
  assert.equal(body.spec, { finalizers: ['kubernetes'] })
  assert.equal(body.metadata.labels, { 'kubernetes.io/metadata.name': 'shop' })
  assert.is((await client.get('/api/v1/namespaces/shop/serviceaccounts/default')).status, 200)
  assert.is((await client.get('/api/v1/namespaces/shop/configmaps/kube-root-ca.crt')).status, 200)
})

test('a deleted namespace terminates, takes its contents along and is gone', async () => {
  const { client, clock } = fresh()
  await client.post('/api/v1/namespaces', namespace('shop'))
  await client.post('/api/v1/namespaces/shop/configmaps', held('a'))
  const { status, body } = await client.delete('/api/v1/namespaces/shop')
  assert.is(status, 200)
  assert.is(body.status['phase'], 'Terminating')
  clock.advance(100)
  assert.is((await client.get('/api/v1/namespaces/shop')).status, 404)
  assert.is((await client.get('/api/v1/namespaces/shop/configmaps/a')).status, 404)
})

test('a terminating namespace refuses new objects and says so', async () => {
  const { client } = fresh()
  await client.post('/api/v1/namespaces', namespace('shop'))
  await client.delete('/api/v1/namespaces/shop')
  const { status, body } = await client.post('/api/v1/namespaces/shop/configmaps', held('a'))
  assert.is(status, 403)
  assert.is(
    body.message,
    'configmaps "a" is forbidden: unable to create new content in namespace shop because it is being terminated',
  )
  assert.is(body.details.causes[0]?.reason, 'NamespaceTerminating')
})

test('contents with finalizers hold a namespace back, and it says what it waits for', async () => {
  const { client, clock } = fresh()
  await client.post('/api/v1/namespaces', namespace('shop'))
  await client.post('/api/v1/namespaces/shop/configmaps', held('a', 'example.org/wait'))
  await client.delete('/api/v1/namespaces/shop')
  clock.advance(100)
  const { body } = await client.get('/api/v1/namespaces/shop')
  const [condition] = body.status['conditions'] as { type: string; message: string }[]
  assert.is(condition?.type, 'NamespaceContentRemaining')
  assert.match(condition!.message, 'configmaps. has 1 resource instances')
  await client.patch('/api/v1/namespaces/shop/configmaps/a', 'merge', {
    metadata: { finalizers: null },
  })
  clock.advance(100)
  assert.is((await client.get('/api/v1/namespaces/shop')).status, 404)
})

test('the namespaces that no cluster can do without cannot be deleted', async () => {
  const { status } = await fresh().client.delete('/api/v1/namespaces/default')
  assert.is(status, 403)
})

test('a default service account that somebody deletes comes back', async () => {
  const { client } = fresh()
  await client.delete('/api/v1/namespaces/default/serviceaccounts/default')
  assert.is((await client.get('/api/v1/namespaces/default/serviceaccounts/default')).status, 200)
})

test.run()
