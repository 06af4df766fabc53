import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { backoffMs } from '../../lib/util/backoff.ts'

const test = suite('backoffMs()')
const backoff = { firstMs: 1_000, maxMs: 60_000 }

test('doubles with every attempt and stops at the maximum', () => {
  const longest = [0, 1, 2, 5, 6, 7, 5_000].map((attempt) => backoffMs(attempt, backoff, () => 1))
  assert.equal(longest, [1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000])
})

test('leaves the upper half to chance', () => {
  assert.is(
    backoffMs(1, backoff, () => 0),
    1_000,
  )
  assert.is(
    backoffMs(1, backoff, () => 0.5),
    1_500,
  )
})

test.run()
