import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createKnownObjects } from '../../lib/edge/known.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { WatchEvent } from '../../lib/model/ports.ts'

const test = suite('createKnownObjects()')

function object(name: string, resourceVersion: string, uid = `uid-${name}`): KubeObject {
  const metadata = { name, namespace: 'shop', uid, resourceVersion, managedFields: [{}] }
  return { apiVersion: 'v1', kind: 'Secret', metadata, data: {} }
}

const told = (events: WatchEvent[]): string[] =>
  events.map(
    ({ type, object: { metadata } }) => `${type} ${metadata.uid}@${metadata.resourceVersion}`,
  )

test('a new object is ADDED, a later version MODIFIED, whatever the stream called them', () => {
  const known = createKnownObjects()
  assert.equal(told(known.apply({ type: 'MODIFIED', object: object('a', '1') })), ['ADDED uid-a@1'])
  assert.equal(told(known.apply({ type: 'ADDED', object: object('a', '2') })), ['MODIFIED uid-a@2'])
})

test('a repetition is nothing', () => {
  const known = createKnownObjects()
  known.apply({ type: 'ADDED', object: object('a', '1') })
  assert.equal(known.apply({ type: 'ADDED', object: object('a', '1') }), [])
})

test('a name that is used anew means that the object before is gone', () => {
  const known = createKnownObjects()
  known.apply({ type: 'ADDED', object: object('a', '1', 'old') })
  assert.equal(told(known.apply({ type: 'ADDED', object: object('a', '2', 'new') })), [
    'DELETED old@1',
    'ADDED new@2',
  ])
  assert.equal(known.apply({ type: 'DELETED', object: object('a', '1', 'old') }), [])
  assert.equal(known.keys(), ['shop/a'])
})

test('a deletion carries the last state of the object, and is told once', () => {
  const known = createKnownObjects()
  known.apply({ type: 'ADDED', object: object('a', '1') })
  assert.equal(told(known.apply({ type: 'DELETED', object: object('a', '5') })), [
    'DELETED uid-a@5',
  ])
  assert.equal(known.apply({ type: 'DELETED', object: object('a', '5') }), [])
})

test('a complete list tells what went, came and changed', () => {
  const known = createKnownObjects()
  known.replace([object('a', '1'), object('b', '1'), object('c', '1')])
  const events = known.replace([object('b', '2'), object('c', '1'), object('d', '1')])
  assert.equal(told(events), ['DELETED uid-a@1', 'MODIFIED uid-b@2', 'ADDED uid-d@1'])
  assert.equal(known.replace([]).length, 3)
})

test('what has changed since somebody looked is not taken for gone', () => {
  const known = createKnownObjects()
  known.replace([object('a', '1'), object('b', '1')])
  const then = known.versions()
  known.apply({ type: 'MODIFIED', object: object('b', '2') })
  assert.equal(told(known.remove(['shop/a', 'shop/b', 'shop/x'], then)), ['DELETED uid-a@1'])
  assert.equal(known.keys(), ['shop/b'])
})

test('keeps no content of the objects', () => {
  const known = createKnownObjects()
  known.apply({ type: 'ADDED', object: object('a', '1') })
  const [event] = known.replace([])
  assert.equal(Object.keys(event!.object), ['apiVersion', 'kind', 'metadata'])
  assert.not('managedFields' in event!.object.metadata)
})

test('keeps no copy of the objects that kubectl apply has left in their annotations', () => {
  const known = createKnownObjects()
  const applied = object('a', '1')
  const copy = 'kubectl.kubernetes.io/last-applied-configuration'
  applied.metadata.annotations = { [copy]: '{"data":{}}', mine: 'x' }
  known.apply({ type: 'ADDED', object: applied })
  const [event] = known.replace([])
  assert.equal(event!.object.metadata.annotations, { mine: 'x' })
})

test.run()
