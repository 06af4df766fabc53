// Contract: what pods, Jobs and claims may not become, and what a pod needs to be taken at all.
import * as assert from 'uvu/assert'
import { at, patchTypes, textAt, type Case, type PatchType, type Scope } from '../scope.ts'

const container = { name: 'c', image: 'nginx:1', resources: { requests: { cpu: '1' } } }

// Placed on a node that nobody keeps, so that nothing happens to it.
function pod(spec: object = {}, name = 'a'): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { nodeName: 'elsewhere', containers: [container], ...spec },
  }
}

async function refusal(
  { refused }: Scope,
  path: string,
  body: object,
  type: PatchType = 'merge',
): Promise<string> {
  const status = await refused(422, 'PATCH', path, { body, contentType: patchTypes[type] })
  return textAt(status, 'message')
    .split('\n')[0]!
    .replace(/^\S+ "\w+" is invalid: /, '')
}

const only =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`'

export const updateCases: Case[] = [
  {
    title:
      'of a running pod, resources, node, grace and ephemeral containers do not change by a plain update',
    async run(scope) {
      const { path, post, waitFor, patch } = scope
      await waitFor(path('serviceaccounts', 'default'), () => true)
      await post(path('pods'), pod({ tolerations: [{ key: 'k', operator: 'Exists' }] }))
      const one = path('pods', 'a')
      const more = { containers: [{ name: 'c', resources: { requests: { cpu: '2' } } }] }
      for (const spec of [
        { nodeName: 'x' },
        { terminationGracePeriodSeconds: 5 },
        { ephemeralContainers: [{ name: 'e', image: 'x' }] },
        { hostname: 'x' },
      ])
        assert.match(await refusal(scope, one, { spec }), only)
      assert.match(await refusal(scope, one, { spec: more }, 'strategic'), only)
      assert.is(
        await refusal(
          scope,
          one,
          { spec: { containers: [{ name: 'd', image: 'x' }] } },
          'strategic',
        ),
        'spec.containers: Forbidden: pod updates may not add or remove containers',
      )
      assert.is(
        await refusal(scope, one, { spec: { tolerations: [] } }),
        'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
      )
      const image = { containers: [{ name: 'c', image: 'nginx:2' }] }
      await patch(one, 'strategic', { spec: { activeDeadlineSeconds: 100, ...image } })
      assert.is(
        await refusal(scope, one, { spec: { activeDeadlineSeconds: 200 } }),
        'spec.activeDeadlineSeconds: Invalid value: 200: must be less than or equal to previous value',
      )
    },
  },
  {
    title: 'ephemeral containers come through their subresource, and stay as they are',
    async run(scope) {
      const { path, post, waitFor, patch } = scope
      await waitFor(path('serviceaccounts', 'default'), () => true)
      await post(path('pods'), pod())
      const below = path('pods', 'a/ephemeralcontainers')
      const containers = (image: string): object => ({
        spec: { ephemeralContainers: [{ name: 'e', image }] },
      })
      const made = await patch(below, 'strategic', containers('x'))
      assert.is(at(made, 'spec/ephemeralContainers/0/name'), 'e')
      const field =
        'spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be'
      assert.is(await refusal(scope, below, containers('y'), 'strategic'), `${field} changed`)
      assert.is(
        await refusal(scope, below, { spec: { ephemeralContainers: [] } }),
        `${field} removed`,
      )
    },
  },
  {
    title: 'a pod whose classes do not exist is Forbidden, and one of a class has its priority',
    async run({ path, post, waitFor, refused }) {
      await waitFor(path('serviceaccounts', 'default'), () => true)
      const message = async (spec: object): Promise<unknown> =>
        at(await refused(403, 'POST', path('pods'), { body: pod(spec) }), 'message')
      assert.is(
        await message({ priorityClassName: 'none' }),
        'pods "a" is forbidden: no PriorityClass with name none was found',
      )
      assert.is(
        await message({ runtimeClassName: 'none' }),
        'pods "a" is forbidden: pod rejected: RuntimeClass "none" not found',
      )
      assert.match(
        String(await message({ priority: 5 })),
        'the integer value of priority (5) must not be provided in pod spec',
      )
      const made = await post(path('pods'), pod({ priorityClassName: 'system-node-critical' }))
      assert.is(at(made, 'spec/priority'), 2_000_001_000)
    },
  },
  {
    title:
      'how often a Job is to succeed does not change, unless its pods have indexes and run at once',
    async run(scope) {
      const { path, post, patch } = scope
      const jobs = path('jobs', undefined, 'batch/v1')
      const job = (name: string, spec: object = {}): object => ({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name },
        spec: {
          suspend: true,
          template: { spec: { restartPolicy: 'Never', containers: [container] } },
          ...spec,
        },
      })
      await post(jobs, job('a'))
      assert.is(
        await refusal(scope, `${jobs}/a`, { spec: { completions: 5 } }),
        'spec.completions: Invalid value: 5: field is immutable',
      )
      await patch(`${jobs}/a`, 'merge', {
        spec: { template: { spec: { nodeSelector: { a: 'b' } } } },
      })
      await post(jobs, job('b', { completionMode: 'Indexed', completions: 2, parallelism: 2 }))
      assert.is(
        await refusal(scope, `${jobs}/b`, { spec: { completions: 5 } }),
        'spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism',
      )
      await patch(`${jobs}/b`, 'merge', { spec: { completions: 5, parallelism: 5 } })
    },
  },
  {
    title: 'the size of a claim that has no volume does not change, and its volume is named once',
    async run(scope) {
      const { path, post, patch } = scope
      const requests = (storage: string): object => ({ resources: { requests: { storage } } })
      await post(path('persistentvolumeclaims'), {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'a' },
        spec: { storageClassName: 'none', accessModes: ['ReadWriteOnce'], ...requests('2Gi') },
      })
      const one = path('persistentvolumeclaims', 'a')
      const says =
        'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
      for (const spec of [requests('1Gi'), requests('3Gi'), { accessModes: ['ReadWriteMany'] }])
        assert.is(await refusal(scope, one, { spec }), says)
      await patch(one, 'merge', { spec: { volumeName: 'x' } })
      assert.is(await refusal(scope, one, { spec: { volumeName: 'y' } }), says)
    },
  },
  {
    title: 'logs of a pod of several containers are asked for by container',
    async run({ path, post, waitFor, refused }) {
      await waitFor(path('serviceaccounts', 'default'), () => true)
      const containers = [container, { name: 'd', image: 'nginx:1' }]
      await post(
        path('pods'),
        pod({ containers, initContainers: [{ name: 'i', image: 'nginx:1' }] }),
      )
      const status = await refused(400, 'GET', path('pods', 'a/log'))
      assert.is(
        at(status, 'message'),
        'a container name must be specified for pod a, choose one of: [i c d]',
      )
    },
  },
]
