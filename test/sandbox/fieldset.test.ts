import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  decodeFields,
  difference,
  encodeFields,
  fieldSet,
  intersection,
  isEmpty,
  readablePaths,
  union,
  without,
} from '../../lib/sandbox/fieldset.ts'

const test = suite('field sets')

const encoded = {
  'f:data': { '.': {}, 'f:x': {} },
  'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} } } },
}
const set = decodeFields(encoded)

test('encode and decode are each other’s inverse', () => {
  assert.equal(encodeFields(set), encoded)
  assert.equal(encodeFields(decodeFields({})), {})
  assert.ok(isEmpty(decodeFields('nonsense')))
})

test('paths read as the API server writes them', () => {
  assert.equal(readablePaths(fieldSet([['f:spec', 'k:{"port":80,"protocol":"TCP"}', 'f:name']])), [
    '.spec[port=80,protocol="TCP"].name',
  ])
  assert.equal(readablePaths(fieldSet([['f:finalizers', 'v:"a/b"']])), ['.finalizers[="a/b"]'])
})

test('a difference takes away the paths named, without() also what is below them', () => {
  const data = fieldSet([['f:data']])
  assert.equal(encodeFields(difference(set, data))['f:data'], { 'f:x': {} })
  assert.is(encodeFields(without(set, data))['f:data'], undefined)
})

test('union and intersection', () => {
  const other = fieldSet([
    ['f:data', 'f:x'],
    ['f:data', 'f:y'],
  ])
  assert.equal(encodeFields(intersection(set, other)), { 'f:data': { 'f:x': {} } })
  assert.equal(encodeFields(union(set, other))['f:data'], { '.': {}, 'f:x': {}, 'f:y': {} })
})

test.run()
