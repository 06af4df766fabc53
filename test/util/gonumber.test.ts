import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { numberAsKey, readNumber } from '../../lib/util/gonumber.ts'

const test = suite('numbers as Go writes them')

for (const word of [
  '',
  '+',
  '-',
  '.',
  '1.2.3',
  '0x',
  '0b2',
  '0o8',
  '12:30',
  '1d',
  'e1',
  '5_x',
  'inf',
]) {
  test(`"${word}" is none`, () => assert.is(readNumber(word), undefined))
}

for (const [word, expected] of [
  ['9223372036854775808', 9223372036854775808n],
  ['+9223372036854775808', 9223372036854775808],
  ['-9223372036854775808', -9223372036854775808n],
  ['-9223372036854775809', -9223372036854775809],
  ['01777777777777777777777', 18446744073709551615n],
  ['0_x1F', 31n],
  ['1_.5', 1.5],
  ['+.Inf', Infinity],
  ['-.INF', -Infinity],
] as const) {
  test(`"${word}" is ${typeof expected} ${expected}`, () => assert.is(readNumber(word), expected))
}

test('.nan is a number that is none', () => assert.ok(Number.isNaN(readNumber('.NaN'))))

// Helm shortens them to single precision, and so must whoever wants to name the same member.
for (const [number, expected] of [
  [1000000n, '1000000'],
  [1e6, '1e+06'],
  [123456.5, '123456.5'],
  [123456789.5, '1.2345679e+08'],
  [16777217, '1.6777216e+07'],
  [0.1, '0.1'],
  [0.0001, '0.0001'],
  [1e-7, '1e-07'],
  [-0, '-0'],
  [3.4e39, '.inf'],
  [-Infinity, '-.inf'],
  [NaN, '.nan'],
  [2n ** 63n, undefined],
] as const) {
  test(`${typeof number} ${number} names ${expected ?? 'nothing'}`, () => {
    assert.is(numberAsKey(number), expected)
  })
}

test.run()
