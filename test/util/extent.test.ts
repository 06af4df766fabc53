import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { canonicalJson } from '../../lib/util/digest.ts'
import { isSameJson } from '../../lib/util/equal.ts'
import { explainExtent } from '../../lib/util/extent.ts'

const deep = (levels: number, inner: unknown = 1): unknown => {
  let value = inner
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { a: value }
  return value
}

const extent = suite('explainExtent()')

for (const [what, value, expected] of [
  ['a number', 1, undefined],
  ['as deep as allowed', deep(4), undefined],
  ['one level deeper', deep(5), 'is nested more than 4 levels deep'],
  ['100,000 levels', deep(100_000), 'is nested more than 4 levels deep'],
  ['as many values as allowed', [1, 2, 3, 4, { a: 5, b: 6, c: 7, d: 8 }], undefined],
  ['one value more', [1, 2, 3, 4, { a: 5, b: 6, c: 7, d: 8, e: 9 }], 'has more than 10 values'],
  ['a million values', Array.from({ length: 1_000_000 }, () => 1), 'has more than 10 values'],
] as const)
  extent(`${what}: ${expected ?? 'fine'}`, () => {
    assert.is(explainExtent(value, { maxDepth: 4, maxNodes: 10 }), expected)
  })

extent.run()

const canonical = suite('canonicalJson()')

canonical('writes what is nested 100,000 levels deep', () => {
  const text = canonicalJson(deep(100_000))
  assert.ok(text.startsWith('[{"a":[{"a":'))
  assert.is(text.length, 50_000 * '{"a":}'.length + 50_000 * '[]'.length + 1)
})

canonical('sorts keys and leaves out what is undefined', () => {
  const value = { b: [1, undefined, {}, []], a: { d: null, c: undefined } }
  assert.is(canonicalJson(value), '{"a":{"d":null},"b":[1,null,{},[]]}')
})

canonical.run()

const same = suite('isSameJson()')

for (const [a, b, expected] of [
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: undefined }, { b: undefined }, true],
  [{ a: null }, {}, false],
  [[], {}, false],
  [[1], [1, 2], false],
  [{ a: 1 }, { b: 1 }, false],
  ['1', 1, false],
  [null, {}, false],
] as const)
  same(`${JSON.stringify(a)} and ${JSON.stringify(b)}: ${expected}`, () => {
    assert.is(isSameJson(a, b), expected)
  })

same('compares what is nested 100,000 levels deep', () => {
  assert.is(isSameJson(deep(100_000), deep(100_000)), true)
  assert.is(isSameJson(deep(100_000), deep(100_000, 2)), false)
})

same.run()
