// What is behind the subresources of built-in kinds, and the questions that are answered instead of stored.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSandbox, type Sandbox } from '../../lib/sandbox/sandbox.ts'
import { manualClock, steadyRandom } from '../helpers/hollow.ts'
import { clientOf, type Client } from '../helpers/requests.ts'

const test = suite('sandbox subresources')
const pods = '/api/v1/namespaces/default/pods'
const deployments = '/apis/apps/v1/namespaces/default/deployments'
const containers = [{ name: 'main', image: 'example/app:1' }]

function fresh(): { sandbox: Sandbox; client: Client } {
  const sandbox = createSandbox({ clock: manualClock(), random: steadyRandom() })
  return { sandbox, client: clientOf(sandbox) }
}

async function withPod(client: Client, more: object = {}): Promise<void> {
  await client.post(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels: { app: 'x' } },
    spec: { containers, ...more },
  })
}

test('scale reads and writes the replicas of a Deployment', async () => {
  const { client } = fresh()
  const labels = { app: 'x', tier: 'web' }
  await client.post(deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  })
  const { body } = await client.get(`${deployments}/d/scale`)
  assert.is(body.kind, 'Scale')
  assert.equal(body.spec, { replicas: 2 })
  assert.is(body.status['selector'], 'app=x,tier=web')
  await client.put(`${deployments}/d/scale`, { ...body, spec: { replicas: 3 } })
  const after = (await client.get(`${deployments}/d`)).body
  assert.is(after.spec['replicas'], 3)
  assert.is(after.metadata.generation, 2)
})

test('a binding gives a pod its node, once', async () => {
  const { client } = fresh()
  await withPod(client)
  const binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'p' },
    target: { kind: 'Node', name: 'n' },
  }
  assert.is((await client.post(`${pods}/p/binding`, binding)).status, 201)
  assert.is((await client.get(`${pods}/p`)).body.spec['nodeName'], 'n')
  assert.is((await client.post(`${pods}/p/binding`, binding)).status, 409)
})

test('a pod that runs nowhere is deleted at once, one on a node gets its grace period', async () => {
  const { client } = fresh()
  await withPod(client)
  await client.delete(`${pods}/p`)
  assert.is((await client.get(`${pods}/p`)).status, 404)
  await withPod(client, { nodeName: 'n', terminationGracePeriodSeconds: 7 })
  const { body } = await client.delete(`${pods}/p`)
  assert.is(body.metadata.deletionGracePeriodSeconds, 7)
  assert.is((await client.get(`${pods}/p`)).status, 200)
  await client.delete(`${pods}/p`, { gracePeriodSeconds: 0 })
  assert.is((await client.get(`${pods}/p`)).status, 404)
})

test('an eviction deletes the pod, unless a disruption budget is exhausted', async () => {
  const { client } = fresh()
  await withPod(client, { nodeName: 'n' })
  await client.patch(`${pods}/p/status`, 'merge', { status: { phase: 'Running' } })
  await client.post('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'x' } } },
  })
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } }
  const refused = await client.post(`${pods}/p/eviction`, eviction)
  assert.is(refused.status, 429)
  assert.is(refused.body.details.causes[0]?.reason, 'DisruptionBudget')
  await client.delete('/apis/policy/v1/namespaces/default/poddisruptionbudgets/b')
  assert.is((await client.post(`${pods}/p/eviction`, eviction)).status, 201)
  assert.ok((await client.get(`${pods}/p`)).body.metadata.deletionTimestamp)
})

test('the log of a container that has not started is empty, of one that does not exist refused', async () => {
  const { client } = fresh()
  await withPod(client)
  const { status, text } = await client.get(`${pods}/p/log`)
  assert.is(status, 200)
  assert.is(text, '')
  assert.is((await client.get(`${pods}/p/log?container=nobody`)).status, 400)
})

test('what would need a running container says that there is none', async () => {
  const { client } = fresh()
  await withPod(client)
  const { status, body } = await client.post(`${pods}/p/exec?command=ls`, {})
  assert.is(status, 501)
  assert.is(body.message, 'Cannot exec pod "p": the sandbox runs no containers')
})

test('a service account gets tokens that say when they end', async () => {
  const { client } = fresh()
  const { status, body } = await client.post(
    '/api/v1/namespaces/default/serviceaccounts/default/token',
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: { expirationSeconds: 600 },
    },
  )
  assert.is(status, 201)
  assert.is(body.status['expirationTimestamp'], '2026-01-01T00:10:00Z')
  assert.is((body.status['token'] as string).split('.').length, 3)
})

test('an event written in one API group is read in the other', async () => {
  const { client } = fresh()
  await client.post('/apis/events.k8s.io/v1/namespaces/default/events', {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    action: 'Look',
    reason: 'Seen',
    note: 'a note',
    type: 'Normal',
    reportingController: 'c',
    reportingInstance: 'c-1',
    regarding: { kind: 'Pod', name: 'p', namespace: 'default' },
  })
  const { body } = await client.get('/api/v1/namespaces/default/events/e')
  assert.is(body.apiVersion, 'v1')
  assert.is(body.message, 'a note')
  const query = 'fieldSelector=involvedObject.name%3Dp'
  assert.is((await client.get(`/api/v1/events?${query}`)).body.items.length, 1)
})

test.run()
