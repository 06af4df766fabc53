import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { builtinDefinitions } from '../../lib/sandbox/kinds.ts'
import { recordUpdate } from '../../lib/sandbox/managed.ts'
import type { Obj } from '../../lib/sandbox/types.ts'

const test = suite('recordUpdate()')
const definitions = builtinDefinitions()
const configMap = definitions.find(({ kind }) => kind === 'ConfigMap')!
const deployment = definitions.find(({ kind }) => kind === 'Deployment')!

function map(data: Record<string, string>, metadata: object = {}): Obj {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', ...metadata }, data } as Obj
}

function written(before: Obj | undefined, after: Obj, manager = 'editor', now = 0): Obj {
  return recordUpdate({ definition: configMap, before, after, manager, now })
}

function owners(object: Obj): { [manager: string]: unknown } {
  const entries = (object.metadata.managedFields ?? []) as { [field: string]: unknown }[]
  return Object.fromEntries(entries.map(({ manager, fieldsV1 }) => [manager, fieldsV1]))
}

test('gives a new object to its creator, maps themselves included', () => {
  assert.equal(owners(written(undefined, map({ x: '1' }, { labels: { a: 'b' } }))), {
    editor: {
      'f:data': { '.': {}, 'f:x': {} },
      'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } },
    },
  })
})

test('knows which structs of a built-in kind are always there', () => {
  const spec = {
    replicas: 1,
    strategy: { type: 'Recreate' },
    selector: { matchLabels: { a: 'b' } },
  }
  const metadata = { name: 'x' }
  const after = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec } as Obj
  const write = { definition: deployment, before: undefined, after, manager: 'editor', now: 0 }
  assert.equal(owners(recordUpdate(write)), {
    editor: { 'f:spec': { 'f:replicas': {}, 'f:selector': {}, 'f:strategy': { 'f:type': {} } } },
  })
})

test('moves what changed to who changed it, and forgets what is gone', () => {
  const before = written(undefined, map({ x: '1', y: '1', z: '1' }), 'creator')
  const after = { ...before, data: { x: '1', y: '2' } } as Obj
  assert.equal(owners(written(before, after)), {
    creator: { 'f:data': { '.': {}, 'f:x': {} } },
    editor: { 'f:data': { 'f:y': {} } },
  })
})

test('leaves entries and times alone when nothing changes', () => {
  const before = written(undefined, map({ x: '1' }))
  assert.equal(written(before, before, 'other', 99_000), before)
})

test('keeps the entries when a client sends none, and takes the ones it sends', () => {
  const before = written(undefined, map({ x: '1' }))
  assert.equal(owners(written(before, map({ x: '1' }))), owners(before))
  const renamed = [{ ...(before.metadata.managedFields![0] as object), manager: 'renamed' }]
  assert.equal(Object.keys(owners(written(before, map({ x: '1' }, { managedFields: renamed })))), [
    'renamed',
  ])
})

test('a single empty entry ends the tracking, until somebody applies', () => {
  const before = written(undefined, map({ x: '1' }))
  const reset = written(before, map({ x: '1' }, { managedFields: [{}] }))
  assert.is(reset.metadata.managedFields, undefined)
  assert.is(written(reset, map({ x: '2' })).metadata.managedFields, undefined)
})

test('keeps writes of a subresource apart, and their fields to the subresource', () => {
  const metadata = { name: 'x' }
  const before = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 1 },
    status: {},
  } as Obj
  const created = recordUpdate({
    definition: deployment,
    before: undefined,
    after: before,
    manager: 'one',
    now: 0,
  })
  const after = { ...created, spec: { replicas: 2 }, status: { replicas: 1 } } as Obj
  const object = recordUpdate({
    definition: deployment,
    before: created,
    after,
    manager: 'one',
    subresource: 'status',
    now: 0,
  })
  const entries = object.metadata.managedFields as { [field: string]: unknown }[]
  assert.equal(
    entries.map(({ subresource, fieldsV1 }) => [subresource, fieldsV1]),
    [
      [undefined, { 'f:spec': { 'f:replicas': {} } }],
      ['status', { 'f:status': { 'f:replicas': {} } }],
    ],
  )
})

test('sorts appliers before updaters, then by time', () => {
  const first = written(undefined, map({ x: '1' }), 'late', 9_000)
  const second = written(first, { ...first, data: { x: '1', y: '1' } } as Obj, 'early', 1_000)
  assert.equal(Object.keys(owners(second)), ['early', 'late'])
})

test.run()
