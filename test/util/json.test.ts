import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { digestJson } from '../../lib/util/digest.ts'
import { formatDuration, parseDuration } from '../../lib/util/duration.ts'
import { mergeValues } from '../../lib/util/merge.ts'

const merge = suite('mergeValues()')

for (const [under, over, expected] of [
  [{ a: { b: 1, c: [1] } }, { a: { c: [2], d: null } }, { a: { b: 1, c: [2], d: null } }],
  [{ a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  [{ a: { b: 1 } }, { a: 1 }, { a: 1 }],
  [{ a: { b: 1 } }, { a: null }, { a: null }],
  [{}, { a: 1 }, { a: 1 }],
  [{ a: 1 }, {}, { a: 1 }],
] as const)
  merge(`lays ${JSON.stringify(over)} on ${JSON.stringify(under)}`, () => {
    assert.equal(mergeValues(under, over), expected)
  })

merge('changes neither of its arguments', () => {
  const under = { a: { b: 1 } }
  const over = { a: { c: 2 } }
  mergeValues(under, over)
  assert.equal([under, over], [{ a: { b: 1 } }, { a: { c: 2 } }])
})

merge('takes a key called __proto__ for a key', () => {
  const merged = mergeValues(
    {},
    JSON.parse('{"__proto__": {"polluted": true}}') as { [key: string]: unknown },
  )
  assert.is(({} as { polluted?: boolean }).polluted, undefined)
  assert.is(Object.keys(merged).length, 1)
})

merge.run()

const digest = suite('digestJson()')

digest('is the same whatever the order of keys', () => {
  assert.is(digestJson({ a: 1, b: { c: 2, d: 3 } }), digestJson({ b: { d: 3, c: 2 }, a: 1 }))
})

digest('is the same for a number however it is written', () => {
  assert.is(digestJson(JSON.parse('{"n": 1.0}')), digestJson({ n: 1 }))
})

for (const [a, b] of [
  [{ n: '1' }, { n: 1 }],
  [{ a: null }, {}],
  [
    [1, 2],
    [2, 1],
  ],
  [{ a: {} }, { a: [] }],
] as const)
  digest(`tells ${JSON.stringify(a)} from ${JSON.stringify(b)}`, () => {
    assert.is.not(digestJson(a), digestJson(b))
  })

digest.run()

const duration = suite('durations')

for (const [text, ms] of [
  ['3m', 180_000],
  ['1h30m', 5_400_000],
  ['20s', 20_000],
  ['250ms', 250],
  ['1.5s', 1_500],
  ['0', 0],
  ['3', undefined],
  ['', undefined],
  ['m', undefined],
  ['3 m', undefined],
  ['-3m', undefined],
] as const)
  duration(`"${text}" is ${ms ?? 'none'}`, () => {
    assert.is(parseDuration(text), ms)
  })

for (const [ms, text] of [
  [0, '0s'],
  [250, '250ms'],
  [90_000, '1m30s'],
  [3_600_000, '1h'],
  [3_661_000, '1h1m1s'],
] as const)
  duration(`${ms} ms are written ${text}`, () => {
    assert.is(formatDuration(ms), text)
  })

duration.run()
