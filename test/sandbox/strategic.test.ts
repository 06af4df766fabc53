import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { builtinDefinitions } from '../../lib/sandbox/kinds.ts'
import { applyStrategicPatch } from '../../lib/sandbox/strategic.ts'
import { StatusError } from '../../lib/sandbox/types.ts'

const test = suite('applyStrategicPatch()')
const { schema } = builtinDefinitions().find(({ kind }) => kind === 'Pod')!
const deployment = builtinDefinitions().find(({ kind }) => kind === 'Deployment')!

const pod = {
  metadata: { finalizers: ['a/1', 'a/2'], labels: { x: '1', y: '2' } },
  spec: {
    containers: [
      { name: 'a', image: 'a:1', args: ['1', '2'], env: [{ name: 'A', value: '1' }] },
      { name: 'b', image: 'b:1' },
      { name: 'c', image: 'c:1' },
    ],
    volumes: [{ name: 'v', emptyDir: {} }],
    tolerations: [{ key: 'k' }],
    nodeSelector: { disk: 'ssd' },
  },
}

function patched(patch: object): typeof pod {
  return applyStrategicPatch(schema, pod, patch)
}

function names(patch: object): string {
  return patched({ spec: patch })
    .spec.containers.map(({ name }) => name)
    .join('')
}

test('merges containers by name and keeps what the patch does not mention', () => {
  const change = { name: 'a', image: 'a:2', env: [{ name: 'B', value: '2' }] }
  const [first, second] = patched({ spec: { containers: [change] } }).spec.containers
  assert.is(first!.image, 'a:2')
  assert.equal(first!.args, ['1', '2'])
  assert.equal(first!.env, [
    { name: 'B', value: '2' },
    { name: 'A', value: '1' },
  ])
  assert.is(second!.image, 'b:1')
  assert.is(pod.spec.containers[0]!.image, 'a:1')
})

test('puts new items where the order of the patch has them', () => {
  assert.is(names({ containers: [{ name: 'b' }, { name: 'd' }] }), 'abdc')
})

test('orders by $setElementOrder, others staying before whom they were before', () => {
  const order = [{ name: 'd' }, { name: 'c' }, { name: 'a' }]
  const patch = { '$setElementOrder/containers': order, containers: [{ name: 'd' }] }
  assert.is(names(patch), 'dbca')
  assert.is(names({ '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }] }), 'bca')
})

test('deletes an item, and replaces the whole list', () => {
  assert.is(names({ containers: [{ name: 'b', $patch: 'delete' }] }), 'ac')
  assert.is(names({ containers: [{ $patch: 'replace' }, { name: 'z' }] }), 'z')
})

test('replaces lists that have no merge key', () => {
  const { spec } = patched({
    spec: { tolerations: [{ key: 'z' }], containers: [{ name: 'a', args: ['9'] }] },
  })
  assert.equal(spec.tolerations, [{ key: 'z' }])
  assert.equal(spec.containers[0]!.args, ['9'])
})

test('removes what is null, and no null survives in what is new', () => {
  const { metadata, spec } = patched({
    metadata: { labels: { x: null, z: '3' } },
    spec: { nodeSelector: null, securityContext: { runAsUser: null, fsGroup: 1 } },
  })
  assert.equal(metadata.labels, { y: '2', z: '3' } as unknown as typeof metadata.labels)
  assert.is(spec.nodeSelector, undefined as unknown as typeof spec.nodeSelector)
  assert.equal((spec as Record<string, unknown>)['securityContext'], { fsGroup: 1 })
})

test('replaces a map on demand', () => {
  const { spec } = patched({ spec: { nodeSelector: { $patch: 'replace', q: '1' } } })
  assert.equal(spec.nodeSelector, { q: '1' } as unknown as typeof spec.nodeSelector)
})

test('unites lists of words, and takes words out of them', () => {
  assert.equal(patched({ metadata: { finalizers: ['a/3'] } }).metadata.finalizers, [
    'a/3',
    'a/1',
    'a/2',
  ])
  const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a/1'] } }
  assert.equal(patched(patch).metadata.finalizers, ['a/2'])
})

test('keeps only the retained keys of a union', () => {
  const volume = { name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }
  assert.equal(patched({ spec: { volumes: [volume] } }).spec.volumes, [
    { name: 'v', hostPath: { path: '/x' } },
  ] as unknown as typeof pod.spec.volumes)
  const current = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }
  const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }
  assert.equal(applyStrategicPatch<object>(deployment.schema, current, patch), {
    spec: { strategy: { type: 'Recreate' } },
  })
})

test('merges service ports by number, as kubectl does, whatever their protocol', () => {
  const service = builtinDefinitions().find(({ kind }) => kind === 'Service')!
  const current = { spec: { ports: [{ port: 80, protocol: 'TCP', name: 'a' }] } }
  const patch = { spec: { ports: [{ port: 80, name: 'b' }] } }
  assert.equal(applyStrategicPatch<object>(service.schema, current, patch), {
    spec: { ports: [{ port: 80, protocol: 'TCP', name: 'b' }] },
  })
})

for (const [situation, patch, code] of [
  ['an item without its merge key', { spec: { containers: [{ image: 'x' }] } }, 500],
  ['an unknown directive', { $patch: 'bogus' }, 500],
  ['a field that it does not retain', { spec: { volumes: [{ name: 'v', $retainKeys: [] }] } }, 400],
  ['a list', [], 400],
] as const) {
  test(`refuses ${situation} with ${code}`, () => {
    assert.throws(
      () => patched(patch),
      (error: unknown) => error instanceof StatusError && error.code === code,
    )
  })
}

test.run()
