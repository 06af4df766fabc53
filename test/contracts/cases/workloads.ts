// Contract: workloads live: what is deployed becomes available, what runs completes, what cannot start says so.
import * as assert from 'uvu/assert'
import { deployment } from '../manifests.ts'
import { at, condition, listAt, textAt, type Case, type Scope } from '../scope.ts'

const available = 'True MinimumReplicasAvailable'
const complete = 'True NewReplicaSetAvailable'

function deployments({ path }: Scope, name?: string): string {
  return path('deployments', name, 'apps/v1')
}

function waitFor(scope: Scope, name: string, type: string, expected: string): Promise<unknown> {
  return scope.waitFor(
    deployments(scope, name),
    (found) => isObserved(found) && condition(found, type) === expected,
  )
}

function isObserved(object: unknown): boolean {
  return at(object, 'metadata/generation') === at(object, 'status/observedGeneration')
}

async function selected(
  scope: Scope,
  plural: string,
  selector: string,
  groupVersion = 'v1',
): Promise<unknown[]> {
  const path = `${scope.path(plural, undefined, groupVersion)}?labelSelector=${encodeURIComponent(selector)}`
  return listAt(await scope.get(path), 'items')
}

function set(kind: string, name: string, more: object): object {
  const labels = { app: name }
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image: 'nginx:1' }] },
  }
  const spec = { selector: { matchLabels: labels }, template, ...more }
  return { apiVersion: 'apps/v1', kind, metadata: { name }, spec }
}

export const workloadCases: Case[] = [
  {
    title: 'a Deployment becomes available through a ReplicaSet and its pods',
    async run(scope) {
      await scope.post(deployments(scope), deployment('web', { replicas: 2 }))
      const found = await waitFor(scope, 'web', 'Progressing', complete)
      assert.is(condition(found, 'Available'), available)
      for (const field of ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'])
        assert.is(at(found, `status/${field}`), 2, field)
      const [replicaSet] = await selected(scope, 'replicasets', 'app=web', 'apps/v1')
      const labels = at(replicaSet, 'metadata/labels') as Record<string, string>
      const hash = labels['pod-template-hash']
      assert.is(at(replicaSet, 'metadata/name'), `web-${hash}`)
      assert.is(at(replicaSet, 'metadata/ownerReferences/0/uid'), at(found, 'metadata/uid'))
      const pods = await selected(scope, 'pods', `pod-template-hash=${hash}`)
      assert.is(pods.length, 2)
      for (const pod of pods) {
        assert.is(at(pod, 'status/phase'), 'Running')
        assert.is(condition(pod, 'Ready'), 'True')
        assert.is(at(pod, 'status/containerStatuses/0/ready'), true)
        assert.match(textAt(pod, 'status/podIP'), /^\d+\./)
        assert.is(at(pod, 'metadata/ownerReferences/0/uid'), at(replicaSet, 'metadata/uid'))
      }
    },
  },
  {
    title: 'a changed template rolls out as revision 2 and keeps the old ReplicaSet at 0',
    async run(scope) {
      await scope.post(deployments(scope), deployment('web'))
      await waitFor(scope, 'web', 'Progressing', complete)
      const container = { name: 'main', image: 'nginx:2' }
      const body = { spec: { template: { spec: { containers: [container] } } } }
      await scope.patch(deployments(scope, 'web'), 'strategic', body)
      const done = await scope.waitFor(
        deployments(scope, 'web'),
        (found) =>
          isObserved(found) &&
          at(found, 'status/updatedReplicas') === 1 &&
          at(found, 'status/replicas') === 1 &&
          condition(found, 'Progressing') === complete,
      )
      const annotations = at(done, 'metadata/annotations') as Record<string, string>
      assert.is(annotations['deployment.kubernetes.io/revision'], '2')
      const sets = await selected(scope, 'replicasets', 'app=web', 'apps/v1')
      assert.equal(sets.map((one) => at(one, 'spec/replicas')).sort(), [0, 1])
    },
  },
  {
    title: 'a Deployment whose image cannot be pulled says so and keeps the pods it had',
    async run(scope) {
      await scope.post(deployments(scope), deployment('web'))
      await waitFor(scope, 'web', 'Progressing', complete)
      const container = { name: 'main', image: 'nginx:missing' }
      const body = {
        spec: { progressDeadlineSeconds: 1, template: { spec: { containers: [container] } } },
      }
      await scope.patch(deployments(scope, 'web'), 'strategic', body)
      const found = await waitFor(scope, 'web', 'Progressing', 'False ProgressDeadlineExceeded')
      assert.is(condition(found, 'Available'), available)
      const reasonsOf = (list: unknown): string[] =>
        listAt(list, 'items').map((pod) =>
          textAt(pod, 'status/containerStatuses/0/state/waiting/reason'),
        )
      const pods = await scope.waitFor(`${scope.path('pods')}?labelSelector=app%3Dweb`, (list) =>
        reasonsOf(list).some((one) => ['ErrImagePull', 'ImagePullBackOff'].includes(one)),
      )
      const reasons = reasonsOf(pods)
      assert.ok(reasons.includes(''), 'the old pod still runs')
    },
  },
  {
    title: 'a pod that is deleted goes and is replaced',
    async run(scope) {
      await scope.post(deployments(scope), deployment('web'))
      await waitFor(scope, 'web', 'Progressing', complete)
      const [pod] = await selected(scope, 'pods', 'app=web')
      const name = textAt(pod, 'metadata/name')
      const answer = await scope.remove(scope.path('pods', name))
      assert.ok(at(answer, 'metadata/deletionTimestamp'))
      assert.is(at(answer, 'metadata/deletionGracePeriodSeconds'), 30)
      await scope.waitUntilGone(scope.path('pods', name))
      await waitFor(scope, 'web', 'Available', available)
    },
  },
  {
    title: 'deleting a Deployment takes its ReplicaSets and pods along',
    async run(scope) {
      await scope.post(deployments(scope), deployment('web'))
      await waitFor(scope, 'web', 'Progressing', complete)
      const [pod] = await selected(scope, 'pods', 'app=web')
      await scope.remove(deployments(scope, 'web'))
      await scope.waitUntilGone(scope.path('pods', textAt(pod, 'metadata/name')))
      assert.equal(await selected(scope, 'replicasets', 'app=web', 'apps/v1'), [])
    },
  },
  {
    title: 'a StatefulSet names its pods and tells its revision',
    async run(scope) {
      const path = (name?: string): string => scope.path('statefulsets', name, 'apps/v1')
      await scope.post(path(), set('StatefulSet', 'db', { replicas: 2, serviceName: 'db' }))
      const found = await scope.waitFor(path('db'), (one) => at(one, 'status/readyReplicas') === 2)
      assert.is(at(found, 'status/currentRevision'), at(found, 'status/updateRevision'))
      const pods = await selected(scope, 'pods', 'app=db')
      assert.equal(
        pods.map((one) => at(one, 'metadata/name')),
        ['db-0', 'db-1'],
      )
      const labels = at(pods[0], 'metadata/labels') as Record<string, string>
      assert.is(labels['controller-revision-hash'], at(found, 'status/currentRevision'))
      assert.is(labels['statefulset.kubernetes.io/pod-name'], 'db-0')
    },
  },
  {
    title: 'a DaemonSet has a pod on each node',
    async run(scope) {
      const path = (name?: string): string => scope.path('daemonsets', name, 'apps/v1')
      await scope.post(path(), set('DaemonSet', 'agent', {}))
      const found = await scope.waitFor(
        path('agent'),
        (one) => (at(one, 'status/numberAvailable') ?? 0) === 1,
      )
      assert.is(at(found, 'status/desiredNumberScheduled'), 1)
      assert.is(at(found, 'status/updatedNumberScheduled'), 1)
    },
  },
  {
    title: 'a Job completes and its pod has Succeeded',
    async run(scope) {
      const path = (name?: string): string => scope.path('jobs', name, 'batch/v1')
      const template = {
        spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] },
      }
      const body = {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'work' },
        spec: { template },
      }
      await scope.post(path(), body)
      const found = await scope.waitFor(
        path('work'),
        (one) => condition(one, 'Complete') === 'True CompletionsReached',
      )
      assert.is(at(found, 'status/succeeded'), 1)
      assert.is(at(found, 'status/active'), undefined)
      assert.is(condition(found, 'SuccessCriteriaMet'), 'True CompletionsReached')
      assert.ok(at(found, 'status/completionTime'))
      const [pod] = await selected(scope, 'pods', 'job-name=work')
      assert.is(at(pod, 'status/phase'), 'Succeeded')
      assert.is(at(pod, 'status/containerStatuses/0/state/terminated/exitCode'), 0)
    },
  },
  {
    title: 'a bare pod with restartPolicy Never runs once',
    async run(scope) {
      await scope.waitFor(scope.path('serviceaccounts', 'default'), () => true)
      const spec = { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] }
      const made = await scope.post(scope.path('pods'), {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'once' },
        spec,
      })
      assert.is(at(made, 'status/phase'), 'Pending')
      assert.is(at(made, 'spec/serviceAccountName'), 'default')
      await scope.waitFor(
        scope.path('pods', 'once'),
        (one) => at(one, 'status/phase') === 'Succeeded',
      )
    },
  },
  {
    title: 'a Service knows the ready pods it selects',
    async run(scope) {
      await scope.post(deployments(scope), deployment('web'))
      const spec = { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] }
      await scope.post(scope.path('services'), {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec,
      })
      await waitFor(scope, 'web', 'Available', available)
      const slices = `${scope.path('endpointslices', undefined, 'discovery.k8s.io/v1')}?labelSelector=kubernetes.io/service-name%3Dweb`
      const list = await scope.waitFor(
        slices,
        (found) => at(found, 'items/0/endpoints/0/conditions/ready') === true,
      )
      assert.is(at(list, 'items/0/ports/0/port'), 8080)
      const endpoints = await scope.waitFor(
        scope.path('endpoints', 'web'),
        (one) => at(one, 'subsets/0/addresses/0/ip') !== undefined,
      )
      assert.is(at(endpoints, 'subsets/0/ports/0/port'), 8080)
    },
  },
  {
    title: 'controllers tell what they do in Events',
    async run(scope) {
      await scope.post(deployments(scope), deployment('web'))
      await waitFor(scope, 'web', 'Available', available)
      const list = await scope.waitFor(scope.path('events'), (found) =>
        listAt(found, 'items').some((one) => at(one, 'reason') === 'ScalingReplicaSet'),
      )
      const event = listAt(list, 'items').find((one) => at(one, 'reason') === 'ScalingReplicaSet')
      assert.match(textAt(event, 'message'), /^Scaled up replica set web-\w+ from 0 to 1$/)
      assert.is(at(event, 'type'), 'Normal')
      assert.is(at(event, 'involvedObject/kind'), 'Deployment')
      assert.is(at(event, 'count'), 1)
    },
  },
]
