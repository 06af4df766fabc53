import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Obj } from '../../../lib/sandbox/types.ts'
import type { Deployment, ReplicaSet } from '../../../lib/sandbox/workloads/shapes.ts'
import { hollowCluster, type HollowCluster } from '../../helpers/hollow.ts'
import { deployment } from '../../helpers/manifests.ts'

const test = suite('deployments of the sandbox')

const available = 'True MinimumReplicasAvailable'
const complete = 'True NewReplicaSetAvailable'
const deployments = 'deployments.apps'

function sets(cluster: HollowCluster): ReplicaSet[] {
  const all = cluster.api.list('replicasets.apps', 'default') as ReplicaSet[]
  return all.sort((a, b) => revision(a) - revision(b))
}

function revision({ metadata }: { metadata: ReplicaSet['metadata'] }): number {
  return Number(metadata.annotations?.['deployment.kubernetes.io/revision'])
}

function change(
  cluster: HollowCluster,
  name: string,
  edit: (spec: Deployment['spec']) => void,
): void {
  const copy = structuredClone(cluster.get<Deployment>(deployments, name))
  edit(copy.spec)
  cluster.api.update(deployments, copy)
}

function setImage(cluster: HollowCluster, name: string, image: string): void {
  change(cluster, name, ({ template }) => (template.spec.containers[0]!.image = image))
}

test('a deployment becomes available: one ReplicaSet, its pods, counts, conditions and events', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web'))
  cluster.advance(300)
  assert.is(cluster.condition(deployments, 'web', 'Available'), available)
  assert.is(cluster.condition(deployments, 'web', 'Progressing'), complete)
  const { status, metadata } = cluster.get<Deployment>(deployments, 'web')
  const { conditions: _, ...counts } = status ?? {}
  assert.equal(counts, {
    observedGeneration: 1,
    replicas: 2,
    updatedReplicas: 2,
    readyReplicas: 2,
    availableReplicas: 2,
  })
  assert.is(revision({ metadata }), 1)
  const [set] = sets(cluster)
  const hash = set?.metadata.labels?.['pod-template-hash']
  assert.is(set?.metadata.name, `web-${hash}`)
  assert.is(set?.metadata.ownerReferences?.[0]?.kind, 'Deployment')
  assert.equal(
    cluster.pods('web-').map((pod) => pod.metadata.labels?.['pod-template-hash']),
    [hash, hash],
  )
  assert.equal(cluster.events('web'), [
    `Normal ScalingReplicaSet: Scaled up replica set web-${hash} from 0 to 2`,
  ])
})

test('a new image rolls out without losing availability and keeps the old ReplicaSet', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web', {}, { replicas: 4 }))
  cluster.advance(300)
  setImage(cluster, 'web', 'app:2')
  const seen: number[] = []
  for (let n = 0; n < 40; n += 1) {
    cluster.advance(50)
    seen.push(
      Number(cluster.get<Deployment>(deployments, 'web').status?.['availableReplicas'] ?? 0),
    )
  }
  assert.ok(Math.min(...seen) >= 3, `available fell to ${Math.min(...seen)}`)
  assert.is(cluster.condition(deployments, 'web', 'Progressing'), complete)
  assert.equal(
    sets(cluster).map(({ spec }) => spec.replicas),
    [0, 4],
  )
  assert.equal(sets(cluster).map(revision), [1, 2])
  assert.equal(
    cluster.pods('web-').map(({ spec }) => spec.containers[0]?.image),
    Array(4).fill('app:2'),
  )
})

test('rolling back reuses the old ReplicaSet under a new revision', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web'))
  cluster.advance(300)
  const [first] = sets(cluster)
  for (const image of ['app:2', 'app:1']) {
    setImage(cluster, 'web', image)
    cluster.advance(1000)
  }
  assert.is(sets(cluster).length, 2)
  assert.is(sets(cluster).at(-1)?.metadata.uid, first?.metadata.uid)
  assert.is(revision(cluster.get<Deployment>(deployments, 'web')), 3)
})

test('scaling neither makes a ReplicaSet nor a revision', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web'))
  cluster.advance(300)
  for (const replicas of [5, 1]) {
    change(cluster, 'web', (spec) => (spec.replicas = replicas))
    cluster.advance(500)
    assert.is(cluster.pods('web-').length, replicas)
  }
  assert.is(sets(cluster).length, 1)
  assert.is(cluster.condition(deployments, 'web', 'Progressing'), complete)
})

test('a broken image leaves the old pods alone and passes the progress deadline', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web', {}, { replicas: 3, progressDeadlineSeconds: 60 }))
  cluster.advance(300)
  setImage(cluster, 'web', 'app:missing')
  cluster.advance(30_000)
  assert.is(cluster.condition(deployments, 'web', 'Available'), available)
  assert.is(cluster.condition(deployments, 'web', 'Progressing'), 'True ReplicaSetUpdated')
  cluster.advance(40_000)
  assert.is(cluster.condition(deployments, 'web', 'Progressing'), 'False ProgressDeadlineExceeded')
  assert.is(cluster.get<Deployment>(deployments, 'web').status?.['updatedReplicas'], 1)
})

test('a broken rollout that is corrected completes', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web', { image: 'app:missing' }, { progressDeadlineSeconds: 10 }))
  cluster.advance(20_000)
  assert.is(cluster.condition(deployments, 'web', 'Available'), 'False MinimumReplicasUnavailable')
  setImage(cluster, 'web', 'app:2')
  cluster.advance(1000)
  assert.is(cluster.condition(deployments, 'web', 'Progressing'), complete)
})

test('Recreate starts no new pod before the last old one is gone', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web', {}, { strategy: { type: 'Recreate' } }))
  cluster.advance(300)
  setImage(cluster, 'web', 'app:2')
  const images = new Set<string>()
  for (let n = 0; n < 60; n += 1) {
    cluster.advance(10)
    images.add(
      [...new Set(cluster.pods('web-').map(({ spec }) => spec.containers[0]?.image))].join(),
    )
  }
  assert.not.ok(
    [...images].some((mixed) => mixed.includes(',')),
    [...images].join(' / '),
  )
  assert.ok(images.has('app:2'))
  assert.is(cluster.condition(deployments, 'web', 'Available'), available)
})

test('a paused deployment rolls nothing out but may be scaled', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web'))
  cluster.advance(300)
  change(cluster, 'web', (spec) => {
    spec.paused = true
    spec.replicas = 3
    spec.template.spec.containers[0]!.image = 'app:2'
  })
  cluster.advance(500)
  assert.is(sets(cluster).length, 1)
  assert.is(cluster.pods('web-').length, 3)
  assert.is(cluster.condition(deployments, 'web', 'Progressing'), 'Unknown DeploymentPaused')
})

test('only revisionHistoryLimit old ReplicaSets are kept', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web', {}, { revisionHistoryLimit: 1 }))
  for (const image of ['app:2', 'app:3', 'app:4']) {
    cluster.advance(1000)
    setImage(cluster, 'web', image)
  }
  cluster.advance(1000)
  assert.equal(sets(cluster).map(revision), [3, 4])
})

test('minReadySeconds keeps ready pods from counting as available', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web', {}, { minReadySeconds: 10 }))
  cluster.advance(2000)
  assert.is(cluster.get<Deployment>(deployments, 'web').status?.['readyReplicas'], 2)
  assert.is(cluster.condition(deployments, 'web', 'Available'), 'False MinimumReplicasUnavailable')
  cluster.advance(10_000)
  assert.is(cluster.condition(deployments, 'web', 'Available'), available)
})

test('a pod that is deleted is replaced', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web'))
  cluster.advance(300)
  const [victim] = cluster.pods('web-')
  cluster.api.delete('pods', 'default', victim!.metadata.name)
  cluster.advance(500)
  assert.is(cluster.pods('web-').length, 2)
  assert.not.ok(cluster.pods('web-').some(({ metadata }) => metadata.uid === victim!.metadata.uid))
})

test('a deployment made anew takes the ReplicaSet and the pods that were left to it', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web'))
  cluster.advance(300)
  const before = cluster.pods('web-').map(({ metadata }) => metadata.uid)
  cluster.api.delete('deployments.apps', 'default', 'web', { propagationPolicy: 'Orphan' })
  cluster.advance(100)
  assert.is(cluster.api.get(deployments, 'default', 'web'), undefined)
  cluster.make(deployment('web'))
  cluster.advance(300)
  assert.is(cluster.condition(deployments, 'web', 'Progressing'), complete)
  assert.equal(
    cluster.pods('web-').map(({ metadata }) => metadata.uid),
    before,
  )
})

test('of several ReplicaSets with its template, a deployment uses the oldest and comes to rest', () => {
  const cluster = hollowCluster()
  const orphan = (name: string): Obj => {
    const whole = deployment('web', {}, { replicas: 1 })
    const metadata = { name, namespace: 'default', labels: { app: 'web' } }
    return { ...whole, kind: 'ReplicaSet', metadata }
  }
  cluster.make(orphan('first'))
  cluster.advance(2_000)
  cluster.make(orphan('second'))
  cluster.advance(2_000)
  cluster.make(deployment('web'))
  cluster.advance(2_000)
  assert.equal(
    sets(cluster).map((set) => [set.metadata.name, set.spec.replicas]),
    [
      ['first', 2],
      ['second', 0],
    ],
  )
  assert.is(cluster.condition(deployments, 'web', 'Progressing'), complete)
})

test.run()
