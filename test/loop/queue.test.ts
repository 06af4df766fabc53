import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WorkQueue } from '../../lib/loop/queue.ts'
import { fakeClock } from '../helpers/clock.ts'

const test = suite('WorkQueue')

function setUp() {
  const clock = fakeClock()
  const queue = new WorkQueue({ clock, backoff: (retry) => 100 * 2 ** retry })
  // What take() answers now, or 'nothing' when it still waits.
  const takeNow = async (): Promise<string | undefined> => {
    let taken: string | undefined = 'nothing'
    const pending = queue.take().then((key) => (taken = key))
    await clock.advance(0)
    if (taken === 'nothing') void pending
    return taken
  }
  return { clock, queue, takeNow }
}

test('hands out keys in the order they came', async () => {
  const { queue } = setUp()
  for (const key of ['a', 'b', 'c']) queue.add(key)
  assert.equal([await queue.take(), await queue.take(), await queue.take()], ['a', 'b', 'c'])
})

test('hands out a key once that was added many times', async () => {
  const { queue, takeNow } = setUp()
  for (let time = 0; time < 5; time += 1) queue.add('a')
  assert.is(await queue.take(), 'a')
  queue.done('a')
  assert.is(await takeNow(), 'nothing')
})

test('never hands out a key that is being worked on', async () => {
  const { queue, takeNow } = setUp()
  queue.add('a')
  await queue.take()
  queue.add('a')
  assert.is(await takeNow(), 'nothing')
})

test('hands out a key again as soon as it is done when it was added meanwhile', async () => {
  const { queue, takeNow } = setUp()
  queue.add('a')
  await queue.take()
  queue.add('a')
  queue.done('a')
  assert.is(await takeNow(), 'a')
})

test('hands out a delayed key when its time has come, and not before', async () => {
  const { clock, queue } = setUp()
  queue.addAfter('a', 1_000)
  let taken: string | undefined
  void queue.take().then((key) => (taken = key))
  await clock.advance(999)
  assert.is(taken, undefined)
  await clock.advance(1)
  assert.is(taken, 'a')
})

test('keeps the earliest of several times', async () => {
  const { clock, queue } = setUp()
  queue.addAfter('a', 1_000)
  queue.addAfter('a', 10)
  queue.addAfter('a', 5_000)
  let taken: string | undefined
  void queue.take().then((key) => (taken = key))
  await clock.advance(10)
  assert.is(taken, 'a')
})

test('forgets a delay when the key is added at once', async () => {
  const { clock, queue, takeNow } = setUp()
  queue.addAfter('a', 1_000)
  queue.add('a')
  assert.is(await queue.take(), 'a')
  queue.done('a')
  await clock.advance(2_000)
  assert.is(await takeNow(), 'nothing')
})

test('waits longer after each failure until the key is well again', () => {
  const { queue } = setUp()
  assert.equal([queue.retry('a'), queue.retry('a'), queue.retry('a')], [100, 200, 400])
  queue.forget('a')
  assert.is(queue.retry('a'), 100)
})

test('gives a dropped key to nobody', async () => {
  const { clock, queue, takeNow } = setUp()
  queue.add('a')
  queue.addAfter('b', 10)
  queue.drop('a')
  queue.drop('b')
  await clock.advance(10)
  assert.is(await takeNow(), 'nothing')
})

test('sends its workers home when it is closed', async () => {
  const { queue } = setUp()
  const waiting = queue.take()
  queue.close()
  assert.is(await waiting, undefined)
  queue.add('a')
  assert.is(await queue.take(), undefined)
})

test.run()
