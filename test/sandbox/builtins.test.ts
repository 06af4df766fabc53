// What the server does with built-in kinds by itself: addresses, versions, and fields that can never change.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSandbox } from '../../lib/sandbox/sandbox.ts'
import { manualClock, steadyRandom } from '../helpers/hollow.ts'
import { deployment, job } from '../helpers/manifests.ts'
import { clientOf, type Client } from '../helpers/requests.ts'

const test = suite('sandbox built-in kinds')
const root = (groupVersion: string): string => `/apis/${groupVersion}/namespaces/default`
const core = '/api/v1/namespaces/default'

function fresh(): Client {
  return clientOf(createSandbox({ clock: manualClock(), random: steadyRandom() }))
}

function service(name: string, spec: object = {}): object {
  const ports = [{ port: 80 }]
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports, ...spec } }
}

test('a Service gets a cluster IP of its own, which later writes keep', async () => {
  const client = fresh()
  const first = (await client.post(`${core}/services`, service('a'))).body.spec
  const second = (await client.post(`${core}/services`, service('b'))).body.spec
  assert.match(String(first['clusterIP']), /^10\.96\.\d+\.\d+$/)
  assert.equal(first['clusterIPs'], [first['clusterIP']])
  assert.is.not(first['clusterIP'], second['clusterIP'])
  const again = (await client.put(`${core}/services/a`, service('a'))).body.spec
  assert.is(again['clusterIP'], first['clusterIP'])
})

test('a headless Service gets none, an ExternalName none at all', async () => {
  const client = fresh()
  const headless = await client.post(`${core}/services`, service('a', { clusterIP: 'None' }))
  assert.equal(headless.body.spec['clusterIPs'], ['None'])
  const external = { type: 'ExternalName', externalName: 'example.org' }
  const named = await client.post(`${core}/services`, service('b', external))
  assert.is(named.body.spec['clusterIP'], undefined)
})

test('node ports are given once and kept', async () => {
  const client = fresh()
  const type = 'NodePort'
  const portOf = (spec: Record<string, unknown>): number =>
    (spec['ports'] as { nodePort: number }[])[0]!.nodePort
  const first = portOf((await client.post(`${core}/services`, service('a', { type }))).body.spec)
  const second = portOf((await client.post(`${core}/services`, service('b', { type }))).body.spec)
  assert.ok(first >= 30_000 && first < 32_768)
  assert.is.not(first, second)
  const again = await client.put(`${core}/services/a`, service('a', { type }))
  assert.is(portOf(again.body.spec), first)
})

test('what the server allocates belongs to no field manager', async () => {
  const { body } = await fresh().post(`${core}/services`, service('a'))
  assert.not.match(JSON.stringify(body.metadata.managedFields), 'f:clusterIP')
})

test('an autoscaler of one API version is read in the other', async () => {
  const client = fresh()
  await client.post(`${root('autoscaling/v1')}/horizontalpodautoscalers`, {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'a' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 60,
    },
  })
  const second = await client.get(`${root('autoscaling/v2')}/horizontalpodautoscalers/a`)
  assert.match(second.text, '"averageUtilization":60')
  const first = await client.get(`${root('autoscaling/v1')}/horizontalpodautoscalers/a`)
  assert.is(first.body.spec['targetCPUUtilizationPercentage'], 60)
  assert.is(first.body.spec['metrics'], undefined)
})

for (const [what, path, object, patch, field] of [
  [
    'the selector of a Deployment',
    `${root('apps/v1')}/deployments`,
    deployment('x'),
    {
      spec: {
        selector: { matchLabels: { app: 'y' } },
        template: { metadata: { labels: { app: 'y' } } },
      },
    },
    'spec.selector',
  ],
  [
    'the template of a Job',
    `${root('batch/v1')}/jobs`,
    job('x'),
    { spec: { template: { spec: { containers: [{ name: 'main', image: 'app:2' }] } } } },
    'spec.template',
  ],
  [
    'the type of a Secret',
    `${core}/secrets`,
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, type: 'Opaque' },
    { type: 'other' },
    'type',
  ],
  [
    'the data of an immutable ConfigMap',
    `${core}/configmaps`,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, immutable: true },
    { data: { a: 'b' } },
    'data',
  ],
  [
    'the cluster IP of a Service',
    `${core}/services`,
    service('x'),
    { spec: { clusterIP: '10.96.1.1', clusterIPs: ['10.96.1.1'] } },
    'spec.clusterIPs[0]',
  ],
  [
    'the claim of a volume',
    `${core}/persistentvolumeclaims`,
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'x' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    { spec: { accessModes: ['ReadWriteMany'] } },
    'spec',
  ],
  [
    'the role of a RoleBinding',
    `${root('rbac.authorization.k8s.io/v1')}/rolebindings`,
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'x' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' },
    },
    { roleRef: { name: 'b' } },
    'roleRef',
  ],
] as const) {
  test(`${what} cannot change`, async () => {
    const client = fresh()
    assert.is((await client.post(path, object)).status, 201)
    const { status, body } = await client.patch(`${path}/x`, 'merge', patch)
    assert.is(status, 422)
    assert.is(body.details.causes[0]?.field, field)
  })
}

test('a Deployment counts a changed annotation as a generation, a StatefulSet does not', async () => {
  const client = fresh()
  for (const [plural, kind, expected] of [
    ['deployments', 'Deployment', 2],
    ['statefulsets', 'StatefulSet', 1],
  ] as const) {
    const path = `${root('apps/v1')}/${plural}`
    await client.post(path, { ...deployment('x'), kind })
    const patch = { metadata: { annotations: { note: 'x' } } }
    const { body } = await client.patch(`${path}/x`, 'merge', patch)
    assert.is(body.metadata.generation, expected)
  }
})

test('of a StatefulSet, replicas and template can change, the rest cannot', async () => {
  const client = fresh()
  const path = `${root('apps/v1')}/statefulsets`
  await client.post(path, { ...deployment('x'), kind: 'StatefulSet' })
  assert.is((await client.patch(`${path}/x`, 'merge', { spec: { replicas: 3 } })).status, 200)
  const { status, body } = await client.patch(`${path}/x`, 'merge', { spec: { serviceName: 's' } })
  assert.is(status, 422)
  assert.match(body.message, 'updates to statefulset spec for fields other than')
})

test.run()
