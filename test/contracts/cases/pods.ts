// Contract: what a server sees to by itself around pods: who they run as, how often templates changed, what they hold on to.
import * as assert from 'uvu/assert'
import { at, condition, listAt, textAt, type Case, type Scope } from '../scope.ts'

const container = { name: 'main', image: 'nginx:1' }

function pod(name: string, spec: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [container], ...spec },
  }
}

function workload(kind: string, name: string, more: object = {}, template: object = {}): object {
  const labels = { app: name }
  const spec = { containers: [container], ...template }
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec }, ...more },
  }
}

function claim(name: string): object {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec }
}

function missingAccount({ namespace }: Scope, name: string): string {
  return `pods "${name}" is forbidden: error looking up service account ${namespace}/missing: serviceaccount "missing" not found`
}

export const podCases: Case[] = [
  {
    title: 'a pod is filled in by the server, which owns nothing of it',
    async run({ path, post, waitFor }) {
      await waitFor(path('serviceaccounts', 'default'), () => true)
      const made = await post(path('pods'), pod('a'))
      assert.is(at(made, 'spec/serviceAccountName'), 'default')
      assert.is(at(made, 'spec/priority'), 0)
      assert.equal(Object.keys(at(made, 'metadata/managedFields/0/fieldsV1/f:spec') as object), [
        'f:containers',
        'f:dnsPolicy',
        'f:enableServiceLinks',
        'f:restartPolicy',
        'f:schedulerName',
        'f:securityContext',
        'f:terminationGracePeriodSeconds',
      ])
      assert.equal(at(made, 'status'), { phase: 'Pending', qosClass: 'BestEffort' })
    },
  },
  {
    title: 'a pod that was placed is still of its first generation',
    async run({ path, post, waitFor }) {
      await waitFor(path('serviceaccounts', 'default'), () => true)
      await post(path('pods'), pod('a'))
      const placed = await waitFor(path('pods', 'a'), (one) => Boolean(at(one, 'spec/nodeName')))
      assert.is(at(placed, 'metadata/generation'), 1)
    },
  },
  {
    title: 'a pod as whom nobody may run is Forbidden, by the name that it would have had',
    async run(scope) {
      const missing = pod('', { serviceAccountName: 'missing' })
      const body = { ...missing, metadata: { generateName: 'a-' } }
      const status = await scope.refused(403, 'POST', scope.path('pods'), { body })
      assert.is(at(status, 'message'), missingAccount(scope, 'a-'))
    },
  },
  {
    title: 'a Deployment whose pods are refused says why',
    async run(scope) {
      const { path, post, waitFor, get } = scope
      const path1 = path('deployments', 'web', 'apps/v1')
      const refused = workload('Deployment', 'web', {}, { serviceAccountName: 'missing' })
      await post(path('deployments', undefined, 'apps/v1'), refused)
      const failed = (one: unknown): boolean => condition(one, 'ReplicaFailure') !== undefined
      const found = await waitFor(path1, failed)
      const [set] = listAt(await get(path('replicasets', undefined, 'apps/v1')), 'items')
      const why = listAt(found, 'status/conditions').find(
        (one) => at(one, 'type') === 'ReplicaFailure',
      )
      const name = `${textAt(set, 'metadata/name')}-`
      assert.equal(
        [at(why, 'reason'), at(why, 'message')],
        ['FailedCreate', missingAccount(scope, name)],
      )
      assert.is(condition(found, 'Progressing'), 'True NewReplicaSetCreated')
    },
  },
  {
    title: 'the server counts the templates of a DaemonSet, whatever its author says',
    async run({ path, post, patch }) {
      const key = 'deprecated.daemonset.template.generation'
      const count = (object: unknown): unknown =>
        (at(object, 'metadata/annotations') as Record<string, string>)[key]
      const made = await post(path('daemonsets', undefined, 'apps/v1'), workload('DaemonSet', 'a'))
      assert.is(count(made), '1')
      const changed = (body: object): Promise<unknown> =>
        patch(path('daemonsets', 'a', 'apps/v1'), 'merge', body)
      const grace = { template: { spec: { terminationGracePeriodSeconds: 5 } } }
      assert.is(count(await changed({ spec: grace })), '2')
      assert.is(count(await changed({ spec: { minReadySeconds: 5 } })), '2')
      assert.is(count(await changed({ metadata: { annotations: { [key]: '7' } } })), '2')
      assert.is(count(await changed({ metadata: { annotations: { [key]: null } } })), '2')
    },
  },
  {
    title: 'a budget keeps from eviction the pods that its expressions select, and no others',
    async run({ path, post, waitFor, refused }) {
      await waitFor(path('serviceaccounts', 'default'), () => true)
      const one = { ...pod('a'), metadata: { name: 'a', labels: { app: 'a' } } }
      await post(path('pods'), one)
      const budgets = path('poddisruptionbudgets', undefined, 'policy/v1')
      const budget = (name: string, operator: string): object => ({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name },
        spec: {
          minAvailable: 1,
          selector: { matchExpressions: [{ key: 'app', operator, values: ['a'] }] },
        },
      })
      await post(budgets, budget('others', 'NotIn'))
      const counted = (count: number) => (found: unknown) =>
        at(found, 'status/expectedPods') === count && at(found, 'status/currentHealthy') === count
      await waitFor(`${budgets}/others`, counted(0))
      await waitFor(path('pods', 'a'), (found) => condition(found, 'Ready') === 'True')
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } }
      const evict = path('pods', 'a/eviction')
      await post(`${evict}?dryRun=All`, eviction)
      await post(budgets, budget('own', 'In'))
      await waitFor(`${budgets}/own`, counted(1))
      const status = await refused(429, 'POST', evict, { body: eviction })
      assert.is(
        at(status, 'details/causes/0/message'),
        'The disruption budget own needs 1 healthy pods and has 1 currently',
      )
    },
  },
  {
    title: 'a claim that is deleted stays until the pod that uses it has gone',
    async run({ path, post, remove, waitFor, waitUntilGone, get }) {
      await waitFor(path('serviceaccounts', 'default'), () => true)
      const made = await post(path('persistentvolumeclaims'), claim('data'))
      assert.equal(at(made, 'metadata/finalizers'), ['kubernetes.io/pvc-protection'])
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
      await post(path('pods'), pod('user', { volumes, nodeName: 'elsewhere' }))
      await post(path('persistentvolumeclaims'), claim('unused'))
      await remove(path('persistentvolumeclaims', 'data'))
      // Deleted after the other one, and looked at after it.
      await remove(path('persistentvolumeclaims', 'unused'))
      await waitUntilGone(path('persistentvolumeclaims', 'unused'))
      const left = await get(path('persistentvolumeclaims', 'data'))
      assert.type(at(left, 'metadata/deletionTimestamp'), 'string')
      await remove(path('pods', 'user'), { gracePeriodSeconds: 0 })
      await waitUntilGone(path('persistentvolumeclaims', 'data'))
    },
  },
  {
    title: 'a claim that nobody uses goes when it is deleted',
    async run({ path, post, remove, waitUntilGone }) {
      await post(path('persistentvolumeclaims'), claim('data'))
      await remove(path('persistentvolumeclaims', 'data'))
      await waitUntilGone(path('persistentvolumeclaims', 'data'))
    },
  },
]
