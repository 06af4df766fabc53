import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Obj } from '../../../lib/sandbox/types.ts'
import { hollowCluster, type HollowCluster } from '../../helpers/hollow.ts'
import { job, workload, type Manifest } from '../../helpers/manifests.ts'

const test = suite('workloads of the sandbox whose pods are refused')

const minute = 60_000
const hour = 60 * minute
const forbidden = (pod: string): string =>
  `pods "${pod}" is forbidden: error looking up service account default/missing: serviceaccount "missing" not found`

function refused(kind: string, name: string, spec: object = {}): Manifest {
  const object = kind === 'Job' ? job(name, {}, spec) : workload(kind, name, {}, spec)
  const { template } = object.spec as unknown as { template: { spec: object } }
  const missing = { ...template, spec: { ...template.spec, serviceAccountName: 'missing' } }
  return { ...object, spec: { ...object.spec, template: missing } }
}

function account(name: string): Obj {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } }
}

function countChanges(cluster: HollowCluster): () => number {
  let changes = 0
  cluster.api.subscribe(() => (changes += 1))
  return () => changes
}

const kinds = [
  ['Deployment', { replicas: 3 }],
  ['StatefulSet', { replicas: 3, serviceName: 'web' }],
  ['DaemonSet', {}],
  ['Job', {}],
] as const

for (const [kind, spec] of kinds) {
  test(`a ${kind} is tried ever more rarely`, () => {
    const cluster = hollowCluster()
    const changes = countChanges(cluster)
    cluster.make(refused(kind, 'web', spec))
    cluster.advance(minute)
    const inMinute = changes()
    assert.ok(inMinute < 60, `${inMinute} changes within the first minute`)
    cluster.advance(hour)
    const inHour = changes() - inMinute
    assert.ok(inHour > 1 && inHour < 500, `${inHour} changes within an hour`)
  })

  test(`a ${kind} has its pods soon after what was missing is there`, () => {
    const cluster = hollowCluster()
    cluster.make(refused(kind, 'web', spec))
    cluster.advance(minute)
    assert.is(cluster.pods('web-').length, 0)
    cluster.api.create('serviceaccounts', account('missing'))
    cluster.advance(minute)
    assert.ok(cluster.pods('web-').length > 0)
  })
}

for (const [resource, kind, spec] of [
  ['deployments.apps', 'Deployment', { replicas: 3 }],
  ['replicasets.apps', 'ReplicaSet', { replicas: 3 }],
] as const)
  test(`a ${kind} says why, naming no pod that never was`, () => {
    const cluster = hollowCluster()
    cluster.make(refused(kind, 'web', spec))
    cluster.advance(minute)
    const [set] = cluster.api.list('replicasets.apps', 'default')
    const { conditions = [] } = cluster.get<{ status: { conditions?: { type: string }[] } }>(
      resource,
      'web',
    ).status
    const { message, reason } = conditions.find(({ type }) => type === 'ReplicaFailure') as never
    assert.equal([reason, message], ['FailedCreate', forbidden(`${set!.metadata.name}-`)])
  })

for (const [kind, spec, said] of [
  ['DaemonSet', {}, `Error creating: ${forbidden('web-')}`],
  ['Job', {}, `Error creating: ${forbidden('web-')}`],
  [
    'StatefulSet',
    { serviceName: 'web' },
    `Create Pod web-0 in StatefulSet web failed error: ${forbidden('web-0')}`,
  ],
] as const)
  test(`a ${kind} tells of it in one event that counts`, () => {
    const cluster = hollowCluster()
    cluster.make(refused(kind, 'web', spec))
    cluster.advance(minute)
    assert.equal(cluster.events('web'), [`Warning FailedCreate: ${said}`])
    const [event] = cluster.api.list('events', 'default')
    assert.ok(Number(event!['count']) > 5)
  })

test('a Deployment that cannot begin does not progress', () => {
  const cluster = hollowCluster()
  cluster.make(refused('Deployment', 'web', { progressDeadlineSeconds: 60 }))
  cluster.advance(1000)
  const progress = (): string | undefined =>
    cluster.condition('deployments.apps', 'web', 'Progressing')
  assert.is(progress(), 'True NewReplicaSetCreated')
  cluster.advance(minute)
  assert.is(progress(), 'False ProgressDeadlineExceeded')
})

test('the condition goes when pods can be made again', () => {
  const cluster = hollowCluster()
  cluster.make(refused('Deployment', 'web'))
  cluster.advance(1000)
  assert.is(cluster.condition('deployments.apps', 'web', 'ReplicaFailure'), 'True FailedCreate')
  cluster.api.create('serviceaccounts', account('missing'))
  cluster.advance(minute)
  assert.is(cluster.condition('deployments.apps', 'web', 'ReplicaFailure'), undefined)
})

test('a workload in a namespace that ends is not tried again', () => {
  const cluster = hollowCluster()
  const namespace = 'ending'
  const finalizers = ['example.com/wait']
  cluster.api.create('namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  })
  cluster.advance(10)
  const set = workload('ReplicaSet', 'web', {}, { replicas: 0 })
  cluster.api.create('replicasets.apps', {
    ...set,
    metadata: { ...set.metadata, namespace, finalizers },
  } as Obj)
  cluster.api.delete('namespaces', undefined, namespace)
  cluster.advance(minute)
  const stored = cluster.api.get('replicasets.apps', namespace, 'web')!
  const changes = countChanges(cluster)
  cluster.api.update('replicasets.apps', {
    ...stored,
    spec: { ...(stored['spec'] as object), replicas: 2 },
  })
  cluster.advance(hour)
  assert.ok(changes() < 10, `${changes()} changes`)
})

test.run()
