import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatAddress, isWithin, parseAddress } from '../../lib/util/ip.ts'

const test = suite('addresses')

for (const [text, expected] of [
  ['10.0.0.1', '10.0.0.1'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::', '::'],
  ['::1', '::1'],
  ['fe80::', 'fe80::'],
  ['::ffff:1.2.3.4', '::ffff:102:304'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
] as const)
  test(`parseAddress() reads ${text}, formatAddress() writes ${expected}`, () => {
    const address = parseAddress(text)
    assert.is(address && formatAddress(address), expected)
  })

for (const text of [
  '',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '1:2',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7:8:9',
  'fe80::1%eth0',
  'g::',
  '12345::',
])
  test(`parseAddress() refuses "${text}"`, () => assert.is(parseAddress(text), undefined))

test('isWithin() compares as many bits as it is told, of the same family', () => {
  const [inside, outside, other] = ['10.1.2.3', '11.1.2.3', '::a01:203'].map((text) =>
    parseAddress(text)!,
  )
  const range = parseAddress('10.0.0.0')!
  assert.equal(
    [inside!, outside!, other!].map((one) => isWithin(one, range, 8)),
    [true, false, false],
  )
  assert.ok(isWithin(outside!, range, 0))
})

test.run()
