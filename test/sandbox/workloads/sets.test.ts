import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DaemonSet, StatefulSet } from '../../../lib/sandbox/workloads/shapes.ts'
import { hollowCluster, type HollowCluster } from '../../helpers/hollow.ts'
import { workload } from '../../helpers/manifests.ts'

const test = suite('stateful and daemon sets of the sandbox')

const claims = [
  {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
]

function statefulSet(more: object = {}, main: object = {}): ReturnType<typeof workload> {
  return workload('StatefulSet', 'db', main, { serviceName: 'db', replicas: 3, ...more })
}

function names(cluster: HollowCluster, prefix: string): string[] {
  return cluster.pods(prefix).map(({ metadata }) => metadata.name)
}

function setImage(cluster: HollowCluster, resource: string, name: string, image: string): void {
  const copy = structuredClone(cluster.get<StatefulSet>(resource, name))
  copy.spec.template.spec.containers[0]!.image = image
  cluster.api.update(resource, copy)
}

test('members of a stateful set come one after the other, each when the one before is ready', () => {
  const cluster = hollowCluster()
  cluster.make(statefulSet())
  const seen: string[] = []
  for (let n = 0; n < 60; n += 1) {
    cluster.advance(10)
    const list = names(cluster, 'db-').join()
    if (seen.at(-1) !== list) seen.push(list)
  }
  assert.equal(seen, ['db-0', 'db-0,db-1', 'db-0,db-1,db-2'])
  const { status } = cluster.get<StatefulSet>('statefulsets.apps', 'db')
  assert.is(status?.['readyReplicas'], 3)
  assert.is(status?.['currentRevision'], status?.['updateRevision'])
})

test('a parallel stateful set makes all its members at once', () => {
  const cluster = hollowCluster()
  cluster.make(statefulSet({ podManagementPolicy: 'Parallel' }))
  cluster.advance(10)
  assert.equal(names(cluster, 'db-'), ['db-0', 'db-1', 'db-2'])
})

test('each member has its own bound claim, which stays when the set shrinks', () => {
  const cluster = hollowCluster()
  cluster.make(statefulSet({ volumeClaimTemplates: claims, replicas: 2 }))
  cluster.advance(500)
  const bound = () =>
    cluster.api.list('persistentvolumeclaims', 'default').map(({ metadata }) => metadata.name)
  assert.equal(bound(), ['data-db-0', 'data-db-1'])
  assert.is(
    cluster.pods('db-1')[0]?.spec.volumes?.[0]?.persistentVolumeClaim?.claimName,
    'data-db-1',
  )
  const set = cluster.get<StatefulSet>('statefulsets.apps', 'db')
  cluster.api.update('statefulsets.apps', { ...set, spec: { ...set.spec, replicas: 1 } })
  cluster.advance(500)
  assert.equal(names(cluster, 'db-'), ['db-0'])
  assert.equal(bound(), ['data-db-0', 'data-db-1'])
})

test('an update replaces the members from the last to the first', () => {
  const cluster = hollowCluster()
  cluster.make(statefulSet())
  cluster.advance(1000)
  setImage(cluster, 'statefulsets.apps', 'db', 'app:2')
  const order: string[] = []
  for (let n = 0; n < 100; n += 1) {
    cluster.advance(10)
    for (const { metadata, spec } of cluster.pods('db-'))
      if (spec.containers[0]?.image === 'app:2' && !order.includes(metadata.name))
        order.push(metadata.name)
  }
  assert.equal(order, ['db-2', 'db-1', 'db-0'])
  const { status } = cluster.get<StatefulSet>('statefulsets.apps', 'db')
  assert.is(status?.['currentRevision'], status?.['updateRevision'])
  assert.is(status?.['updatedReplicas'], 3)
})

test('a partition keeps the members below it', () => {
  const cluster = hollowCluster()
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }
  cluster.make(statefulSet({ updateStrategy }))
  cluster.advance(1000)
  setImage(cluster, 'statefulsets.apps', 'db', 'app:2')
  cluster.advance(1000)
  assert.equal(
    cluster.pods('db-').map(({ spec }) => spec.containers[0]?.image),
    ['app:1', 'app:1', 'app:2'],
  )
})

test('a broken update stops at its first member', () => {
  const cluster = hollowCluster()
  cluster.make(statefulSet())
  cluster.advance(1000)
  setImage(cluster, 'statefulsets.apps', 'db', 'app:missing')
  cluster.advance(5000)
  const { status } = cluster.get<StatefulSet>('statefulsets.apps', 'db')
  assert.is(status?.['readyReplicas'], 2)
  assert.is.not(status?.['currentRevision'], status?.['updateRevision'])
})

test('a stateful set made anew keeps the members that were left to it', () => {
  const cluster = hollowCluster()
  cluster.make(statefulSet())
  cluster.advance(1000)
  const before = cluster.pods('db-').map(({ metadata }) => metadata.uid)
  cluster.api.delete('statefulsets.apps', 'default', 'db', { propagationPolicy: 'Orphan' })
  cluster.advance(100)
  cluster.make(statefulSet())
  cluster.advance(1000)
  assert.is(cluster.get<StatefulSet>('statefulsets.apps', 'db').status?.['readyReplicas'], 3)
  assert.equal(
    cluster.pods('db-').map(({ metadata }) => metadata.uid),
    before,
  )
})

test('a daemon set has one pod on the node and renews it', () => {
  const cluster = hollowCluster()
  cluster.make(workload('DaemonSet', 'agent', {}, {}))
  cluster.advance(300)
  const [first] = names(cluster, 'agent-')
  setImage(cluster, 'daemonsets.apps', 'agent', 'app:2')
  cluster.advance(500)
  assert.is(names(cluster, 'agent-').length, 1)
  assert.is.not(names(cluster, 'agent-')[0], first)
  const { status } = cluster.get<DaemonSet>('daemonsets.apps', 'agent')
  const { desiredNumberScheduled, numberReady, updatedNumberScheduled, observedGeneration } =
    status ?? {}
  assert.equal(
    [desiredNumberScheduled, numberReady, updatedNumberScheduled, observedGeneration],
    [1, 1, 1, 2],
  )
})

test('a daemon set for other nodes wants no pod', () => {
  const cluster = hollowCluster()
  const template = {
    metadata: { labels: { app: 'gpu' } },
    spec: { nodeSelector: { gpu: 'yes' }, containers: [{ name: 'main', image: 'app:1' }] },
  }
  cluster.make(workload('DaemonSet', 'gpu', {}, { template }))
  cluster.advance(300)
  assert.equal(names(cluster, 'gpu-'), [])
  assert.is(cluster.get<DaemonSet>('daemonsets.apps', 'gpu').status?.['desiredNumberScheduled'], 0)
})

test.run()
