// Contract: strategic merge patch, with the merge keys of the server's own kinds.
import * as assert from 'uvu/assert'
import {
  container,
  containersOf,
  deployment,
  namesIn,
  podPatch,
  withContainers,
} from '../manifests.ts'
import { at, configMap, listAt, textAt, type Case } from '../scope.ts'

export const strategicCases: Case[] = [
  {
    title: 'a strategic merge patch merges containers by name and leaves the others',
    async run(scope) {
      const one = await withContainers(scope, container('a', { args: ['x'] }), container('b'))
      const patched = await scope.patch(
        one,
        'strategic',
        podPatch({ containers: [{ name: 'a', image: 'a:2' }] }),
      )
      assert.equal(
        containersOf(patched).map((c) => [at(c, 'name'), at(c, 'image')]),
        [
          ['a', 'a:2'],
          ['b', 'b:1'],
        ],
      )
      assert.equal(at(containersOf(patched)[0], 'args'), ['x'])
    },
  },
  {
    title:
      'a strategic merge patch deletes a container with $patch and replaces a list with $patch',
    async run(scope) {
      const one = await withContainers(scope, container('a'), container('b'))
      const deleted = await scope.patch(
        one,
        'strategic',
        podPatch({ containers: [{ name: 'a', $patch: 'delete' }] }),
      )
      assert.equal(namesIn(containersOf(deleted)), ['b'])
      const replaced = await scope.patch(
        one,
        'strategic',
        podPatch({ containers: [container('c'), { $patch: 'replace' }] }),
      )
      assert.equal(namesIn(containersOf(replaced)), ['c'])
    },
  },
  {
    title: 'a strategic merge patch orders a merged list as $setElementOrder says',
    async run(scope) {
      const one = await withContainers(scope, container('a'), container('b'))
      const body = podPatch({
        $setElementOrder: undefined,
        '$setElementOrder/containers': [{ name: 'c' }, { name: 'b' }, { name: 'a' }],
        containers: [container('c')],
      })
      assert.equal(namesIn(containersOf(await scope.patch(one, 'strategic', body))), [
        'c',
        'b',
        'a',
      ])
    },
  },
  {
    title: 'a strategic merge patch merges env by name and ports by number',
    async run(scope) {
      const env = [
        { name: 'A', value: '1' },
        { name: 'B', value: '1' },
      ]
      const ports = [{ containerPort: 80, name: 'http' }, { containerPort: 81 }]
      const one = await withContainers(scope, container('a', { env, ports }))
      const change = {
        name: 'a',
        env: [
          { name: 'B', value: '2' },
          { name: 'C', value: '3' },
        ],
        ports: [{ containerPort: 80, name: 'web' }],
      }
      const [patched] = containersOf(
        await scope.patch(one, 'strategic', podPatch({ containers: [change] })),
      )
      const values = listAt(patched, 'env').map((e) => `${textAt(e, 'name')}=${textAt(e, 'value')}`)
      assert.equal(values.sort(), ['A=1', 'B=2', 'C=3'])
      const found = listAt(patched, 'ports').map((p) => [at(p, 'containerPort'), at(p, 'name')])
      assert.equal(found, [
        [80, 'web'],
        [81, undefined],
      ])
    },
  },
  {
    title:
      'a strategic merge patch merges the ports of a Service by their number and replaces args as a whole',
    async run(scope) {
      const { path, post, patch } = scope
      const ports = [
        { port: 80, name: 'a' },
        { port: 81, name: 'b' },
      ]
      await post(path('services'), {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 's' },
        spec: { ports },
      })
      const changed = await patch(path('services', 's'), 'strategic', {
        spec: { ports: [{ port: 81, targetPort: 8081 }] },
      })
      const found = listAt(changed, 'spec/ports').map((p) => [at(p, 'name'), at(p, 'targetPort')])
      assert.equal(found, [
        ['a', 80],
        ['b', 8081],
      ])
      const one = await withContainers(scope, container('a', { args: ['x', 'y'] }))
      const [patched] = containersOf(
        await patch(one, 'strategic', podPatch({ containers: [{ name: 'a', args: ['z'] }] })),
      )
      assert.equal(at(patched, 'args'), ['z'])
    },
  },
  {
    title: 'a strategic merge patch adds to and deletes from a set of primitives',
    async run({ path, post, patch, put }) {
      const metadata = { name: 'a', finalizers: ['example.test/a', 'example.test/b'] }
      await post(path('configmaps'), configMap('a', { metadata }))
      const one = path('configmaps', 'a')
      const added = await patch(one, 'strategic', { metadata: { finalizers: ['example.test/c'] } })
      assert.equal([...listAt(added, 'metadata/finalizers')].sort(), [
        'example.test/a',
        'example.test/b',
        'example.test/c',
      ])
      const body = {
        metadata: { '$deleteFromPrimitiveList/finalizers': ['example.test/a', 'example.test/c'] },
      }
      assert.equal(at(await patch(one, 'strategic', body), 'metadata/finalizers'), [
        'example.test/b',
      ])
      await put(one, configMap('a'))
    },
  },
  {
    title: 'a strategic merge patch removes what is null and retains only the keys it is told to',
    async run(scope) {
      const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } }
      const { path, post, patch } = scope
      await post(
        path('deployments', undefined, 'apps/v1'),
        deployment('web', { replicas: 0, strategy }),
      )
      const body = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }
      const patched = await patch(path('deployments', 'web', 'apps/v1'), 'strategic', body)
      assert.equal(at(patched, 'spec/strategy'), { type: 'Recreate' })
    },
  },
]
