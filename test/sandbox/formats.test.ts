import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fitsFormat, isCidr, isIp } from '../../lib/sandbox/formats.ts'

const test = suite('fitsFormat()')

for (const [format, good, bad] of [
  [
    'date-time',
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123+02:00'],
    ['2026-01-01', 'now', '2026-13-01T00:00:00Z'],
  ],
  ['date', ['2026-02-28'], ['2026-2-28', '2026-02-32']],
  ['duration', ['1h30m', '250ms', '0'], ['1x', '']],
  ['ipv4', ['10.0.0.1'], ['10.0.0.256', '10.0.0', '::1']],
  [
    'ipv6',
    ['::1', 'fe80::1', '::ffff:10.0.0.1', '1:2:3:4:5:6:7:8'],
    ['10.0.0.1', '1::2::3', '1:2:3'],
  ],
  ['uri', ['https://a.b/c', '/x'], ['::']],
  ['uuid', ['b8cc845e-1c23-473e-924c-a4c380632096'], ['b8cc845e']],
  ['byte', ['YQ==', ''], ['Y', '$$$$']],
  ['no-such-format', ['anything'], []],
] as [string, string[], string[]][])
  test(`knows what is a ${format}`, () => {
    for (const text of good) assert.ok(fitsFormat(format, text), text)
    for (const text of bad) assert.not(fitsFormat(format, text), text)
  })

test('isIp() and isCidr() know both families', () => {
  assert.ok(isIp('10.0.0.1') && isIp('::1') && isCidr('10.0.0.0/8') && isCidr('fd00::/8'))
  assert.not(isIp('x') || isCidr('10.0.0.0/33') || isCidr('10.0.0.0') || isCidr('x/8'))
})

test.run()
