import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isTooSoon } from '../../lib/loop/await.ts'
import { fakeClock } from '../helpers/clock.ts'
import { condition, helmRelease, noon, status } from '../helpers/release.ts'

const test = suite('isTooSoon()')

const said = new Date(noon).toISOString()
const ready = { ...condition('Ready', 'Unknown'), lastUpdateTime: said, reason: 'Progressing' }

for (const [situation, ms, over, expected] of [
  ['progress was said a moment ago', 9_000, {}, true],
  ['progress was said an interval ago', 10_000, {}, false],
  ['a phase has just begun', 0, { reason: 'Upgrading' }, false],
  ['the release has failed since', 0, { status: 'False' }, false],
] as const)
  test(`is ${expected} when ${situation}`, () => {
    const desired = helmRelease({ status: status({ conditions: [{ ...ready, ...over }] }) })
    const clock = fakeClock(noon + ms)
    assert.is(isTooSoon({ clock, reportIntervalMs: 10_000 }, desired), expected)
  })

test('is false when nothing was ever said', () => {
  assert.is(isTooSoon({ clock: fakeClock(noon), reportIntervalMs: 10_000 }, helmRelease()), false)
})

test.run()
