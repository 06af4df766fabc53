import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hollowCluster, type HollowCluster } from '../../helpers/hollow.ts'
import { container, pod, shell } from '../../helpers/manifests.ts'
import type { Pod } from '../../../lib/sandbox/workloads/shapes.ts'

const test = suite('pods of the sandbox')

const server = { restartPolicy: 'Always' }

function waitingReason(cluster: HollowCluster, name: string): string | undefined {
  const { status } = cluster.get<Pod>('pods', name)
  return status?.containerStatuses?.[0]?.state.waiting?.reason
}

test('a server is Running and ready within 200 ms, on the node, with an address', () => {
  const cluster = hollowCluster()
  cluster.make(pod('web', server))
  cluster.advance(200)
  const { spec, status } = cluster.get<Pod>('pods', 'web')
  assert.is(spec.nodeName, 'sandbox')
  assert.is(status?.phase, 'Running')
  assert.match(status?.podIP ?? '', /^10\.244\./)
  assert.is(cluster.condition('pods', 'web', 'Ready'), 'True')
})

test('a server with a passing readiness probe is not ready the moment it starts', () => {
  const cluster = hollowCluster()
  const readinessProbe = { httpGet: { path: '/readyz', port: 80 } }
  cluster.make(pod('web', { ...server, containers: [container({ readinessProbe })] }))
  cluster.advance(60)
  assert.is(cluster.get<Pod>('pods', 'web').status?.phase, 'Running')
  assert.is(cluster.condition('pods', 'web', 'Ready'), 'False ContainersNotReady')
  cluster.advance(100)
  assert.is(cluster.condition('pods', 'web', 'Ready'), 'True')
})

for (const [script, phase] of [
  ['true', 'Succeeded'],
  ['exit 0', 'Succeeded'],
  ['exit 7', 'Failed'],
] as const) {
  test(`a test pod that says "${script}" becomes ${phase}`, () => {
    const cluster = hollowCluster()
    cluster.make(pod('check', { containers: [container(shell(script))] }))
    cluster.advance(300)
    assert.is(cluster.get<Pod>('pods', 'check').status?.phase, phase)
  })
}

test('a failed test pod tells its exit code', () => {
  const cluster = hollowCluster()
  cluster.make(pod('check', { containers: [container(shell('exit 7'))] }))
  cluster.advance(300)
  const state = cluster.get<Pod>('pods', 'check').status?.containerStatuses?.[0]?.state
  assert.is(state?.terminated?.exitCode, 7)
  assert.is(state?.terminated?.reason, 'Error')
})

test('a test pod that sleeps 5 s takes 5 s', () => {
  const cluster = hollowCluster()
  cluster.make(pod('slow', { containers: [container(shell('sleep 5'))] }))
  cluster.advance(4900)
  assert.is(cluster.get<Pod>('pods', 'slow').status?.phase, 'Running')
  cluster.advance(300)
  assert.is(cluster.get<Pod>('pods', 'slow').status?.phase, 'Succeeded')
})

test('speed 10 makes 5 s pass in half a second', () => {
  const cluster = hollowCluster({ speed: 10 })
  cluster.make(pod('slow', { containers: [container(shell('sleep 5'))] }))
  cluster.advance(530)
  assert.is(cluster.get<Pod>('pods', 'slow').status?.phase, 'Succeeded')
})

test('a missing image is ErrImagePull first, then ImagePullBackOff, and events say so', () => {
  const cluster = hollowCluster()
  cluster.make(pod('bad', { ...server, containers: [container({ image: 'app:missing' })] }))
  cluster.advance(200)
  assert.is(waitingReason(cluster, 'bad'), 'ErrImagePull')
  cluster.advance(1000)
  assert.is(waitingReason(cluster, 'bad'), 'ImagePullBackOff')
  assert.is(cluster.get<Pod>('pods', 'bad').status?.phase, 'Pending')
  const said = cluster.events('bad')
  assert.ok(
    said.some((one) => one.startsWith('Warning Failed: Failed to pull image "app:missing"')),
  )
  assert.ok(said.includes('Normal BackOff: Back-off pulling image "app:missing"'))
})

test('a pod whose image is corrected in place gets ready', () => {
  const cluster = hollowCluster()
  cluster.make(pod('bad', { ...server, containers: [container({ image: 'app:missing' })] }))
  cluster.advance(2000)
  const bad = cluster.get<Pod>('pods', 'bad')
  const spec = { ...bad.spec, containers: [{ ...bad.spec.containers[0]!, image: 'app:2' }] }
  cluster.api.update('pods', { ...bad, spec })
  cluster.advance(200)
  assert.is(cluster.condition('pods', 'bad', 'Ready'), 'True')
})

test('a server that exits goes into CrashLoopBackOff, restarts are counted, it is never ready', () => {
  const cluster = hollowCluster()
  cluster.make(pod('crash', { ...server, containers: [container(shell('exit 3'))] }))
  const ready: (string | undefined)[] = []
  const counts: (number | undefined)[] = []
  for (let n = 0; n < 40; n += 1) {
    cluster.advance(100)
    ready.push(cluster.condition('pods', 'crash', 'Ready'))
    counts.push(cluster.get<Pod>('pods', 'crash').status?.containerStatuses?.[0]?.restartCount)
  }
  const [status] = cluster.get<Pod>('pods', 'crash').status?.containerStatuses ?? []
  assert.is(status?.state.waiting?.reason, 'CrashLoopBackOff')
  assert.is(status?.lastState.terminated?.exitCode, 3)
  assert.ok((counts.at(-1) ?? 0) >= 3)
  assert.not.ok(ready.includes('True'))
  assert.is(cluster.get<Pod>('pods', 'crash').status?.phase, 'Running')
})

test('a liveness probe that never passes has the container killed and restarted', () => {
  const cluster = hollowCluster()
  const livenessProbe = { httpGet: { path: '/unhealthy', port: 80 } }
  cluster.make(pod('sick', { ...server, containers: [container({ livenessProbe })] }))
  cluster.advance(3000)
  const [status] = cluster.get<Pod>('pods', 'sick').status?.containerStatuses ?? []
  assert.is(status?.lastState.terminated?.exitCode, 137)
  const said = cluster.events('sick')
  assert.ok(
    said.includes('Normal Killing: Container main failed liveness probe, will be restarted'),
  )
})

test('a readiness probe that never passes leaves the pod running and unready', () => {
  const cluster = hollowCluster()
  const readinessProbe = { exec: { command: ['false'] } }
  cluster.make(pod('unready', { ...server, containers: [container({ readinessProbe })] }))
  cluster.advance(60_000)
  assert.is(cluster.condition('pods', 'unready', 'Ready'), 'False ContainersNotReady')
  assert.ok(cluster.events('unready').some((one) => one.startsWith('Warning Unhealthy: Readiness')))
})

test('init containers run one after the other, and a failing one fails the pod', () => {
  const cluster = hollowCluster()
  const initContainers = [
    container({ name: 'first', ...shell('sleep 1') }),
    container({ name: 'second', ...shell('exit 2') }),
  ]
  cluster.make(pod('init', { initContainers }))
  cluster.advance(500)
  const early = cluster.get<Pod>('pods', 'init').status
  assert.is(early?.initContainerStatuses?.[1]?.state.waiting?.reason, 'PodInitializing')
  assert.is(early?.phase, 'Pending')
  cluster.advance(1000)
  assert.is(cluster.get<Pod>('pods', 'init').status?.phase, 'Failed')
})

test('a sidecar runs beside the rest and does not keep a job from ending', () => {
  const cluster = hollowCluster()
  const initContainers = [container({ name: 'proxy', restartPolicy: 'Always' })]
  cluster.make(pod('work', { initContainers }))
  cluster.advance(100)
  const proxy = cluster.get<Pod>('pods', 'work').status?.initContainerStatuses?.[0]
  assert.ok(proxy?.state.running)
  cluster.advance(300)
  assert.is(cluster.get<Pod>('pods', 'work').status?.phase, 'Succeeded')
})

test('a missing Secret in the environment is CreateContainerConfigError until it exists', () => {
  const cluster = hollowCluster()
  const envFrom = [{ secretRef: { name: 'token' } }]
  cluster.make(pod('env', { ...server, containers: [container({ envFrom })] }))
  cluster.advance(200)
  assert.is(waitingReason(cluster, 'env'), 'CreateContainerConfigError')
  assert.ok(cluster.events('env').includes('Warning Failed: Error: secret "token" not found'))
  cluster.make({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token' } })
  cluster.advance(200)
  assert.is(cluster.condition('pods', 'env', 'Ready'), 'True')
})

test('a missing ConfigMap in a volume keeps the containers from being created', () => {
  const cluster = hollowCluster()
  const volumes = [{ name: 'conf', configMap: { name: 'settings' } }]
  cluster.make(pod('mount', { ...server, volumes }))
  cluster.advance(200)
  assert.is(waitingReason(cluster, 'mount'), 'ContainerCreating')
  const event =
    'Warning FailedMount: MountVolume.SetUp failed for volume "conf" : configmap "settings" not found'
  assert.ok(cluster.events('mount').includes(event))
  cluster.make({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } })
  cluster.advance(200)
  assert.is(cluster.condition('pods', 'mount', 'Ready'), 'True')
})

for (const [why, spec] of [
  ['another node selector', { nodeSelector: { disk: 'ssd' } }],
  [
    'more CPU than there is',
    { containers: [container({ resources: { requests: { cpu: '100' } } })] },
  ],
  [
    'a claim that is missing',
    { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'no' } }] },
  ],
] as const) {
  test(`a pod with ${why} is unschedulable`, () => {
    const cluster = hollowCluster()
    cluster.make(pod('nowhere', JSON.parse(JSON.stringify(spec)) as object))
    cluster.advance(200)
    assert.is(cluster.get<Pod>('pods', 'nowhere').status?.phase, 'Pending')
    assert.is(cluster.condition('pods', 'nowhere', 'PodScheduled'), 'False Unschedulable')
    assert.match(
      cluster.events('nowhere')[0]!,
      /^Warning FailedScheduling: 0\/1 nodes are available/,
    )
  })
}

test('a running pod that is deleted goes after a moment, and its container is stopped', () => {
  const cluster = hollowCluster()
  cluster.make(pod('web', server))
  cluster.advance(200)
  cluster.api.delete('pods', 'default', 'web')
  assert.ok(cluster.get('pods', 'web').metadata.deletionTimestamp)
  cluster.advance(100)
  assert.is(cluster.api.get('pods', 'default', 'web'), undefined)
  assert.ok(cluster.events('web').includes('Normal Killing: Stopping container main'))
})

test('a pod at rest causes no writes', () => {
  const cluster = hollowCluster()
  cluster.make(pod('web', server))
  cluster.advance(1000)
  const { resourceVersion } = cluster.get('pods', 'web').metadata
  cluster.advance(600_000)
  assert.is(cluster.get('pods', 'web').metadata.resourceVersion, resourceVersion)
})

test('after stop() nothing lives any more', () => {
  const cluster = hollowCluster()
  cluster.stop()
  cluster.make(pod('web', server))
  cluster.advance(1000)
  assert.is(cluster.get<Pod>('pods', 'web').spec.nodeName, undefined)
})

test.run()
