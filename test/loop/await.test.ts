import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isTooSoon } from '../../lib/loop/await.ts'
import { fakeClock } from '../helpers/clock.ts'
import { helmRelease, memory, noon } from '../helpers/release.ts'

const test = suite('isTooSoon()')

for (const [situation, ms, isProgress, expected] of [
  ['progress was said a moment ago', 9_000, true, true],
  ['progress was said an interval ago', 10_000, true, false],
  ['something else was said a moment ago', 0, false, false],
] as const)
  test(`is ${expected} when ${situation}`, () => {
    const told = { verdict: 'open', message: 'it is so', at: noon, isProgress } as const
    const desired = helmRelease({ memory: memory({ told }) })
    const clock = fakeClock(noon + ms)
    assert.is(isTooSoon({ clock, reportIntervalMs: 10_000 }, desired), expected)
  })

test('is false when nothing was ever said', () => {
  assert.is(isTooSoon({ clock: fakeClock(noon), reportIntervalMs: 10_000 }, helmRelease()), false)
})

test.run()
