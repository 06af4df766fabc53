// What a client of the sandbox sees of creating, reading, changing and deleting, request by request.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSandbox } from '../../lib/sandbox/sandbox.ts'
import { realClock } from '../helpers/sandbox.ts'
import { clientOf, type Client } from '../helpers/requests.ts'

const test = suite('sandbox verbs')
const configMaps = '/api/v1/namespaces/default/configmaps'

function fresh(): Client {
  return clientOf(createSandbox({ clock: realClock(), random: Math.random }))
}

function configMap(name: string, data: Record<string, string> = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }
}

test('POST answers 201 with an identity that the client did not choose', async () => {
  const { status, body } = await fresh().post(configMaps, {
    ...configMap('a', { x: '1' }),
    metadata: { name: 'a', uid: 'mine', creationTimestamp: '1999-01-01T00:00:00Z' },
  })
  assert.is(status, 201)
  assert.match(body.metadata.uid!, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/)
  assert.is.not(body.metadata.creationTimestamp, '1999-01-01T00:00:00Z')
  assert.is(body.metadata.namespace, 'default')
  assert.equal(body.data, { x: '1' })
})

test('POST of a name that exists answers AlreadyExists', async () => {
  const client = fresh()
  await client.post(configMaps, configMap('a'))
  const { status, body } = await client.post(configMaps, configMap('a'))
  assert.is(status, 409)
  assert.equal(body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'configmaps "a" already exists',
    reason: 'AlreadyExists',
    details: { name: 'a', kind: 'configmaps' },
    code: 409,
  })
})

test('POST into a namespace that does not exist answers that the namespace is not found', async () => {
  const { status, body } = await fresh().post(
    '/api/v1/namespaces/nowhere/configmaps',
    configMap('a'),
  )
  assert.is(status, 404)
  assert.is(body.message, 'namespaces "nowhere" not found')
})

test('POST with generateName makes a name', async () => {
  const { body } = await fresh().post(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { generateName: 'made-' },
  })
  assert.match(body.metadata.name, /^made-[a-z0-9]{5}$/)
})

test('PUT with an old resourceVersion answers Conflict and changes nothing', async () => {
  const client = fresh()
  const first = (await client.post(configMaps, configMap('a', { x: '1' }))).body
  await client.put(`${configMaps}/a`, { ...first, data: { x: '2' } })
  const { status, body } = await client.put(`${configMaps}/a`, { ...first, data: { x: '3' } })
  assert.is(status, 409)
  assert.is(body.reason, 'Conflict')
  assert.equal((await client.get(`${configMaps}/a`)).body.data, { x: '2' })
})

test('PUT of what is there already keeps the resourceVersion', async () => {
  const client = fresh()
  const first = (await client.post(configMaps, configMap('a', { x: '1' }))).body
  const again = (await client.put(`${configMaps}/a`, first)).body
  assert.is(again.metadata.resourceVersion, first.metadata.resourceVersion)
})

test('a dry run answers as if and stores nothing', async () => {
  const client = fresh()
  assert.is((await client.post(`${configMaps}?dryRun=All`, configMap('a'))).status, 201)
  assert.is((await client.get(`${configMaps}/a`)).status, 404)
})

test('DELETE answers Success with the uid of what is gone', async () => {
  const client = fresh()
  const { uid } = (await client.post(configMaps, configMap('a'))).body.metadata
  const { status, body } = await client.delete(`${configMaps}/a`)
  assert.is(status, 200)
  assert.equal(body.details, { name: 'a', kind: 'configmaps', uid })
  assert.is((await client.get(`${configMaps}/a`)).status, 404)
})

test('DELETE of an object with finalizers marks it, and the last finalizer removes it', async () => {
  const client = fresh()
  await client.post(configMaps, {
    ...configMap('a'),
    metadata: { name: 'a', finalizers: ['example.org/wait'] },
  })
  const { body } = await client.delete(`${configMaps}/a`)
  assert.ok(body.metadata.deletionTimestamp)
  assert.is((await client.get(`${configMaps}/a`)).status, 200)
  await client.patch(`${configMaps}/a`, 'merge', { metadata: { finalizers: null } })
  assert.is((await client.get(`${configMaps}/a`)).status, 404)
})

test('DELETE with the uid of another object answers Conflict', async () => {
  const client = fresh()
  await client.post(configMaps, configMap('a'))
  const { status } = await client.delete(`${configMaps}/a`, { preconditions: { uid: 'other' } })
  assert.is(status, 409)
})

test('a bad name is refused with the cause', async () => {
  const { status, body } = await fresh().post(configMaps, configMap('Bad_Name'))
  assert.is(status, 422)
  assert.is(body.reason, 'Invalid')
  assert.is(body.details.causes[0]?.field, 'metadata.name')
})

test('a resource that no kind serves answers 404 with a Status, a group without a server plain text', async () => {
  const client = fresh()
  const { status, body } = await client.get('/apis/apps/v1/things')
  assert.is(status, 404)
  assert.is(body.message, 'the server could not find the requested resource')
  const nowhere = await client.get('/apis/nobody.example.org/v1/things')
  assert.is(nowhere.status, 404)
  assert.is(nowhere.text, '404 page not found\n')
})

test('PUT of a kind that must be seen before it is changed needs a resourceVersion', async () => {
  const client = fresh()
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
  const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l' } }
  await client.post(leases, lease)
  const { status, body } = await client.put(`${leases}/l`, lease)
  assert.is(status, 422)
  assert.is(body.details.causes[0]?.field, 'metadata.resourceVersion')
})

test('a pod of a service account that does not exist is forbidden', async () => {
  const { status, body } = await fresh().post('/api/v1/namespaces/default/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { serviceAccountName: 'nobody', containers: [{ name: 'c', image: 'i' }] },
  })
  assert.is(status, 403)
  assert.match(body.message, 'serviceaccount "nobody" not found')
})

test('a Job that is deleted without a policy warns of the pods it leaves', async () => {
  const client = fresh()
  const jobs = '/apis/batch/v1/namespaces/default/jobs'
  await client.post(jobs, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j' },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } },
    },
  })
  const { headers } = await client.delete(`${jobs}/j`)
  assert.match(headers.get('warning')!, 'child pods are preserved by default')
})

test('a path that is badly encoded answers 400', async () => {
  const { status, text } = await fresh().get('/api/v1/%zz')
  assert.is(status, 400)
  assert.is(text, '400 Bad Request')
})

test('DELETE with a version as its precondition deletes that version only', async () => {
  const client = fresh()
  const made = await client.post(configMaps, configMap('a'))
  await client.patch(`${configMaps}/a`, 'merge', { data: { x: '1' } })
  const { resourceVersion } = made.body.metadata
  const stale = await client.delete(`${configMaps}/a`, { preconditions: { resourceVersion } })
  assert.is(stale.status, 409)
  const now = await client.get(`${configMaps}/a`)
  const { resourceVersion: current } = now.body.metadata
  const done = await client.delete(`${configMaps}/a`, {
    preconditions: { resourceVersion: current },
  })
  assert.is(done.status, 200)
})

test.run()
