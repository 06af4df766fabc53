import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { spliceMember } from '../../lib/util/splice.ts'

const test = suite('spliceMember()')

for (const [situation, json, expected] of [
  ['an object', '{"a":1,"x":{"y":[1,{"z":"}"}]},"b":2}', '{"a":1,"x":NEW,"b":2}'],
  ['a string with quotes and braces', '{"x":"a\\"}{,\\\\","b":2}', '{"x":NEW,"b":2}'],
  ['a number at the end', '{"a":1, "x" : 12 }', '{"a":1, "x" : NEW}'],
  ['null', '{"x":null,"y":1}', '{"x":NEW,"y":1}'],
  ['an escaped key', '{"\\u0078":[],"y":1}', '{"\\u0078":NEW,"y":1}'],
  [
    'the outer of two',
    '{"a":{"x":1},"c":["x",{"x":2}],"x":3}',
    '{"a":{"x":1},"c":["x",{"x":2}],"x":NEW}',
  ],
  ['a key, not a value', '{"a":"x","x":true}', '{"a":"x","x":NEW}'],
] as const) {
  test(`replaces ${situation}`, () => {
    const given: string[] = []
    const edited = spliceMember(json, 'x', (value) => (given.push(value), 'NEW'))
    assert.is(edited?.replace(/NEW\s+/, 'NEW'), expected)
    assert.not.throws(() => JSON.parse(given[0] ?? 'nothing'))
  })
}

test('leaves numbers alone that JavaScript cannot hold', () => {
  const json = '{"n":12345678901234567890,"f":1.0,"x":1}'
  assert.is(
    spliceMember(json, 'x', () => '2'),
    '{"n":12345678901234567890,"f":1.0,"x":2}',
  )
})

test('says so when there is no such member', () => {
  assert.is(
    spliceMember('{"a":{"x":1}}', 'x', () => ''),
    undefined,
  )
  assert.is(
    spliceMember('[]', 'x', () => ''),
    undefined,
  )
})

test.run()
