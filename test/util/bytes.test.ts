import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatBytes, parseBytes } from '../../lib/util/bytes.ts'

const test = suite('bytes')

for (const [text, expected] of [
  ['0', 0],
  ['1024', 1_024],
  ['512Mi', 536_870_912],
  ['1.5Gi', 1_610_612_736],
  ['500M', 500_000_000],
  ['1k', 1_000],
  ['', undefined],
  ['512MB', undefined],
  ['-1Mi', undefined],
  ['1e3', undefined],
] as const)
  test(`parseBytes() reads "${text}" as ${expected}`, () => {
    assert.is(parseBytes(text), expected)
  })

test('formatBytes() names the unit that fits', () => {
  assert.equal([512 * 2 ** 20, 1.5 * 2 ** 30].map(formatBytes), ['512 MiB', '1.5 GiB'])
})

test.run()
