import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { applyJsonPatch } from '../../lib/sandbox/jsonpatch.ts'
import { applyMergePatch } from '../../lib/sandbox/mergepatch.ts'
import { StatusError } from '../../lib/sandbox/types.ts'

const test = suite('JSON patches')

const document = { a: 1, list: ['x', 'y'], map: { 'k/e~y': 1 } }

for (const [title, operation, expected] of [
  ['adds a member', { op: 'add', path: '/b', value: 2 }, { ...document, b: 2 }],
  [
    'inserts into a list',
    { op: 'add', path: '/list/1', value: 'q' },
    { ...document, list: ['x', 'q', 'y'] },
  ],
  [
    'appends to a list',
    { op: 'add', path: '/list/-', value: 'q' },
    { ...document, list: ['x', 'y', 'q'] },
  ],
  [
    'removes a member with a strange name',
    { op: 'remove', path: '/map/k~1e~0y' },
    { ...document, map: {} },
  ],
  ['replaces', { op: 'replace', path: '/a', value: null }, { ...document, a: null }],
  [
    'moves',
    { op: 'move', from: '/a', path: '/list/0' },
    { list: [1, 'x', 'y'], map: document.map },
  ],
  ['copies', { op: 'copy', from: '/list', path: '/b' }, { ...document, b: ['x', 'y'] }],
  ['tests what is there', { op: 'test', path: '/list', value: ['x', 'y'] }, document],
  ['tests what is not there as null', { op: 'test', path: '/b', value: null }, document],
] as const) {
  test(`applyJsonPatch() ${title}`, () => {
    assert.equal(applyJsonPatch(document, [operation]), expected)
    assert.equal(document.list, ['x', 'y'])
  })
}

for (const [situation, operation] of [
  ['a member to remove that is missing', { op: 'remove', path: '/b' }],
  ['a test that fails', { op: 'test', path: '/a', value: 2 }],
  ['a parent that is missing', { op: 'add', path: '/b/c', value: 1 }],
  ['an index beyond the list', { op: 'add', path: '/list/3', value: 1 }],
  ['an unknown operation', { op: 'merge', path: '/a', value: 1 }],
] as const) {
  test(`applyJsonPatch() refuses ${situation} with 422`, () => {
    assert.throws(
      () => applyJsonPatch(document, [operation]),
      (error: unknown) => error instanceof StatusError && error.code === 422,
    )
  })
}

test('applyJsonPatch() refuses what is no list with 400', () => {
  assert.throws(
    () => applyJsonPatch(document, { op: 'remove', path: '/a' }),
    (error: unknown) => error instanceof StatusError && error.code === 400,
  )
})

test('applyMergePatch() merges objects, replaces lists and removes what is null', () => {
  const current = { a: { b: 1, c: 2 }, list: [1, 2], keep: true }
  const patch = { a: { b: null, d: { e: null, f: 1 } }, list: [3] }
  assert.equal(applyMergePatch(current, patch), { a: { c: 2, d: { f: 1 } }, list: [3], keep: true })
  assert.equal(current.a, { b: 1, c: 2 })
})

test('applyMergePatch() lets a member called __proto__ be a member', () => {
  const merged = applyMergePatch({}, JSON.parse('{"__proto__": {"x": 1}}')) as object
  assert.equal(Object.keys(merged), ['__proto__'])
})

test.run()
