import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { limitTimeouts } from '../../lib/plan/timeouts.ts'
import { helmRelease } from '../helpers/release.ts'

const test = suite('limitTimeouts()')

const hour = 3_600_000

test('leaves what is within the limit as it is', () => {
  const desired = helmRelease({ timeoutMs: hour })
  assert.is(limitTimeouts(desired, hour), desired)
})

test('cuts each timeout that is longer, and says so to the author', () => {
  const { rollback, test: tests } = helmRelease()
  const limited = limitTimeouts(
    helmRelease({
      timeoutMs: 30 * hour,
      rollback: { ...rollback, timeoutMs: 2 * hour },
      test: { ...tests, timeoutMs: hour / 2 },
    }),
    hour,
  )
  assert.equal(
    [limited.timeoutMs, limited.rollback.timeoutMs, limited.test.timeoutMs],
    [hour, hour, hour / 2],
  )
  assert.equal(limited.problems, [
    'spec.timeout is 108000, and the operator grants 1h at most (--max-timeout): 1h is used',
    'spec.rollback.timeout is 7200, and the operator grants 1h at most (--max-timeout): 1h is used',
  ])
})

test.run()
