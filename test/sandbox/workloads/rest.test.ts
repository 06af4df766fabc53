import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Obj } from '../../../lib/sandbox/types.ts'
import type { Deployment } from '../../../lib/sandbox/workloads/shapes.ts'
import { hollowCluster, type HollowCluster } from '../../helpers/hollow.ts'
import { deployment, pod } from '../../helpers/manifests.ts'

const test = suite('services, claims and the rest of the sandbox')

type Service = Obj & {
  spec: { clusterIP?: string; ports: { nodePort?: number }[] }
  status: { loadBalancer?: { ingress?: { ip: string }[] } }
}

function service(name: string, spec: object): Parameters<HollowCluster['make']>[0] {
  const ports = [{ port: 80, targetPort: 8080 }]
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports, ...spec } }
}

test('a service lists the ready pods it selects, and forgets those that go', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web'), service('web', { selector: { app: 'web' } }))
  cluster.advance(300)
  const addresses = (): number => {
    const [slice] = cluster.api.list('endpointslices.discovery.k8s.io', 'default')
    return (slice?.['endpoints'] as { conditions: { ready: boolean } }[]).filter(
      ({ conditions }) => conditions.ready,
    ).length
  }
  assert.is(addresses(), 2)
  const { subsets } = cluster.get<
    Obj & { subsets: { addresses: object[]; ports: { port: number }[] }[] }
  >('endpoints', 'web')
  assert.is(subsets[0]?.addresses.length, 2)
  assert.is(subsets[0]?.ports[0]?.port, 8080)
  const found = cluster.get<Deployment>('deployments.apps', 'web')
  cluster.api.update('deployments.apps', { ...found, spec: { ...found.spec, replicas: 1 } })
  cluster.advance(300)
  assert.is(addresses(), 1)
})

test('services get their own cluster IPs; a load balancer also a node port and an address', () => {
  const cluster = hollowCluster()
  cluster.make(
    service('a', {}),
    service('b', { type: 'LoadBalancer' }),
    service('none', { clusterIP: 'None' }),
  )
  cluster.advance(10)
  const [a, b] = [cluster.get<Service>('services', 'a'), cluster.get<Service>('services', 'b')]
  assert.match(a.spec.clusterIP ?? '', /^10\.96\./)
  assert.is.not(a.spec.clusterIP, b.spec.clusterIP)
  assert.ok((b.spec.ports[0]?.nodePort ?? 0) >= 30_000)
  assert.match(b.status.loadBalancer?.ingress?.[0]?.ip ?? '', /^172\.18\.255\./)
  assert.is(cluster.get<Service>('services', 'none').spec.clusterIP, 'None')
})

test('a claim is bound to a volume that goes with it', () => {
  const cluster = hollowCluster()
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } }
  cluster.make({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec,
  })
  cluster.advance(10)
  const claim = cluster.get<Obj & { spec: { storageClassName?: string }; status: object }>(
    'persistentvolumeclaims',
    'data',
  )
  assert.equal(claim.status, {
    phase: 'Bound',
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '2Gi' },
  })
  assert.is(claim.spec.storageClassName, 'standard')
  assert.is(cluster.api.list('persistentvolumes').length, 1)
  cluster.api.delete('persistentvolumeclaims', 'default', 'data')
  cluster.advance(100)
  assert.is(cluster.api.list('persistentvolumes').length, 0)
})

test('a claim of a class that does not exist stays pending and says so', () => {
  const cluster = hollowCluster()
  const spec = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'gold',
    resources: { requests: { storage: '1Gi' } },
  }
  cluster.make({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec,
  })
  cluster.advance(10)
  assert.equal(cluster.get('persistentvolumeclaims', 'data')['status'], { phase: 'Pending' })
  assert.equal(cluster.events('data'), [
    'Warning ProvisioningFailed: storageclass.storage.k8s.io "gold" not found',
  ])
})

test('an autoscaler brings its target within its bounds', () => {
  const cluster = hollowCluster()
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
  const spec = { minReplicas: 3, maxReplicas: 5, scaleTargetRef }
  cluster.make(deployment('web'), {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec,
  })
  cluster.advance(500)
  assert.is(cluster.get<Deployment>('deployments.apps', 'web').status?.['readyReplicas'], 3)
  assert.is(
    cluster.condition('horizontalpodautoscalers.autoscaling', 'web', 'AbleToScale'),
    'True ReadyForNewScale',
  )
})

test('a disruption budget counts what it selects', () => {
  const cluster = hollowCluster()
  cluster.make(deployment('web'), {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: '50%', selector: { matchLabels: { app: 'web' } } },
  })
  cluster.advance(500)
  const { status } = cluster.get<Obj & { status: Record<string, unknown> }>(
    'poddisruptionbudgets.policy',
    'web',
  )
  const { currentHealthy, desiredHealthy, disruptionsAllowed, observedGeneration } = status
  assert.equal(
    [currentHealthy, desiredHealthy, disruptionsAllowed, observedGeneration],
    [2, 1, 1, 1],
  )
})

test('an ingress gets an address', () => {
  const cluster = hollowCluster()
  const spec = { defaultBackend: { service: { name: 'web', port: { number: 80 } } } }
  cluster.api.create('ingresses.networking.k8s.io', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'default' },
    spec,
  })
  cluster.advance(10)
  assert.match(
    JSON.stringify(cluster.get('ingresses.networking.k8s.io', 'web')['status']),
    /"ip":"172\.18/,
  )
})

test('the cluster has a ready node, a default storage class, and a service account in every namespace', () => {
  const cluster = hollowCluster()
  assert.is(cluster.api.list('nodes').length, 1)
  const [standard] = cluster.api.list('storageclasses.storage.k8s.io')
  assert.is(standard?.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'], 'true')
  cluster.api.create('namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop' },
  })
  cluster.advance(10)
  assert.ok(cluster.api.get('serviceaccounts', 'shop', 'default'))
  assert.ok(cluster.api.get('configmaps', 'shop', 'kube-root-ca.crt'))
})

test('events are forgotten after an hour', () => {
  const cluster = hollowCluster()
  cluster.make(pod('p'))
  cluster.advance(1000)
  assert.ok(cluster.events('p').length > 0)
  cluster.advance(5_000_000)
  assert.equal(cluster.events('p'), [])
})

test.run()
