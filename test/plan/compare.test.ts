import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/model/json.ts'
import type { Observed } from '../../lib/model/observed.ts'
import { findDifference } from '../../lib/plan/compare.ts'
import { digestJson } from '../../lib/util/digest.ts'
import { parseYaml } from '../../lib/util/yaml.ts'
import { helmRelease, observed, release, snapshot, memory } from '../helpers/release.ts'

const test = suite('findDifference()')

function wanting(content: JsonObject): Observed {
  return observed([], { values: { content, digest: digestJson(content), secrets: [] } })
}

const ours = memory({ observedGeneration: 1, history: [snapshot(1)] })
const reuse = { resetValues: false }

// Stored by somebody else, or by us with a CRD that forgets our records.
for (const [what, stored, given, expected] of [
  ['values that are stored among others', { a: 1, b: { c: 2, d: 3 } }, { b: { c: 2 } }, undefined],
  ['no values', { a: 1 }, {}, undefined],
  ['another value', { a: 1, b: 2 }, { a: 2 }, 'values'],
  ['a value that is not stored', { a: 1 }, { b: 1 }, 'values'],
  ['a longer list', { a: [1] }, { a: [1, 2] }, 'values'],
  ['a number as a text', { a: 1 }, { a: '1' }, 'values'],
  ['a map in place of a value', { a: 1 }, { a: {} }, 'values'],
  ['null for what is not stored', { a: 1 }, { b: null }, undefined],
  ['null for what is stored as null', { a: 1, b: null }, { b: null }, undefined],
  ['null for what is stored', { a: 1, b: 2 }, { b: null }, 'values'],
  ['a map of nulls that Helm has dropped', { a: 1 }, { b: { c: null } }, undefined],
] as const) {
  test(`reusing values, ${what}: ${expected ?? 'no difference'}`, () => {
    const found = release(1, 'deployed', { config: structuredClone(stored) as JsonObject })
    const content = structuredClone(given) as unknown as JsonObject
    assert.is(findDifference(helmRelease(reuse), wanting(content), found), expected)
  })
}

test('resetting values, one that is stored too much is a difference', () => {
  const found = release(1, 'deployed', { config: { a: 1, b: 2 } })
  assert.is(findDifference(helmRelease(), wanting({ a: 1 }), found), 'values')
})

for (const [stored, given, expected] of [
  ['n: 1', 'n: 1.0', undefined],
  ['n: 100', 'n: 1e2', undefined],
  ['{ a: 1, b: 2 }', '{ b: 2, a: 1 }', undefined],
  ['n: 1', 'n: "1"', 'values'],
  ['a: {}', 'a: null', 'values'],
  ['a: [1, 2]', 'a: [2, 1]', 'values'],
] as const)
  test(`resetting values, ${given} on top of ${stored}: ${expected ?? 'no difference'}`, () => {
    const found = release(1, 'deployed', { config: parseYaml(stored) as JsonObject })
    const wanted = wanting(parseYaml(given) as JsonObject)
    assert.is(findDifference(helmRelease(), wanted, found), expected)
  })

test("reusing values, the chart's defaults may be those of an earlier version", () => {
  const chart = { ...release(1, 'deployed').chart, values: { a: 'of the revision before' } }
  const found = release(1, 'deployed', { chart })
  const wanted = observed([])
  wanted.artifact = {
    ...wanted.artifact,
    chart: { ...wanted.artifact.chart, values: { a: 'new' } },
  }
  assert.is(findDifference(helmRelease(reuse), wanted, found), undefined)
  assert.is(findDifference(helmRelease(), wanted, found), 'chart')
})

test('our own record counts for more than what is stored', () => {
  const found = release(1, 'deployed', { config: { a: 1, of: 'the revision before' } })
  const desired = helmRelease({ ...reuse, memory: ours })
  assert.is(findDifference(desired, wanting({}), found), undefined)
  assert.is(findDifference(desired, wanting({ a: 1 }), found), 'values')
})

for (const [what, record] of [
  ['of another number', snapshot(2, { uid: 'uid-1' })],
  ['of the same number of a release before', snapshot(1, { uid: 'of a release before' })],
] as const)
  test(`a record ${what} is none of the stored revision`, () => {
    const found = release(1, 'deployed', { config: { a: 1 } })
    const desired = helmRelease({ memory: memory({ history: [record] }) })
    assert.is(findDifference(desired, wanting({}), found), 'storage')
    assert.is(findDifference(desired, wanting({ a: 1 }), found), undefined)
  })

test('values that have not been read are other values unless their digest is the same', () => {
  const found = release(1, 'deployed', { config: { a: 1 } })
  const unread = (content: JsonObject): Observed =>
    observed([], { values: { digest: digestJson(content), secrets: [] } })
  assert.is(findDifference(helmRelease(reuse), unread({ a: 1 }), found), undefined)
  assert.is(findDifference(helmRelease(reuse), unread({}), found), 'values')
})

test.run()
