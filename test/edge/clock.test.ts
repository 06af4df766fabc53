import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemClock } from '../../lib/edge/clock.ts'
import { createNap } from '../../lib/edge/nap.ts'

const test = suite('clock')
const clock = systemClock()

const reasonOf = (promise: Promise<void>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )

test('sleep() ends with the reason of an abort, before and while it sleeps', async () => {
  const why = new Error('why')
  assert.is(await reasonOf(clock.sleep(60_000, AbortSignal.abort(why))), why)
  const end = new AbortController()
  const asleep = reasonOf(clock.sleep(60_000, end.signal))
  end.abort(why)
  assert.is(await asleep, why)
})

test('sleep() does not end at once when the time is longer than a timer can count', async () => {
  const end = new AbortController()
  const asleep = clock.sleep(1e12, end.signal).then(
    () => 'awake',
    () => 'aborted',
  )
  await clock.sleep(20)
  end.abort()
  assert.is(await asleep, 'aborted')
})

test('a nap ends when it is woken, also by a call just before it', async () => {
  const nap = createNap(clock)
  const { signal } = new AbortController()
  const asleep = nap.sleep(60_000, signal)
  nap.wake()
  await asleep
  nap.wake()
  await nap.sleep(60_000, signal)
})

test('a nap ends with the reason of an abort', async () => {
  const end = new AbortController()
  const asleep = reasonOf(createNap(clock).sleep(60_000, end.signal))
  end.abort('why')
  assert.is(await asleep, 'why')
})

test.run()
