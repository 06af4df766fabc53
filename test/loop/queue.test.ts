import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fakeClock } from '../helpers/clock.ts'
import { workQueue } from '../helpers/queue.ts'

const test = suite('WorkQueue')

function setUp() {
  const clock = fakeClock()
  // "shop/a" is of namespace "shop".
  const groupOf = (key: string): string => key.split('/')[0]!
  const backoff = (retry: number): number => 100 * 2 ** retry
  const queue = workQueue({ clock, backoff, groupOf, mostOfGroup: 3, mostUngranted: 5 })
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

test('hands out what somebody has changed before what is only looked at anew', async () => {
  const { clock, queue } = setUp()
  queue.addAfter('shop/sync', 10)
  await clock.advance(10)
  queue.add('shop/retry', 'later')
  queue.add('shop/edited')
  const taken = [await queue.take(), await queue.take(), await queue.take()]
  assert.equal(taken, ['shop/edited', 'shop/sync', 'shop/retry'])
})

test('lets namespaces take turns, so that many of one do not hold up another', async () => {
  const { queue } = setUp()
  for (const key of ['a/1', 'a/2', 'a/3', 'b/1']) queue.add(key)
  assert.equal([await queue.take(), await queue.take()], ['a/1', 'b/1'])
})

test('leaves room for others while passes over one namespace hang', async () => {
  const { queue, takeNow } = setUp()
  for (const key of ['a/1', 'a/2', 'a/3', 'a/4']) queue.add(key)
  for (const _ of [1, 2, 3]) await queue.take()
  const fourth = queue.take()
  queue.add('b/1')
  assert.is(await fourth, 'b/1')
  queue.done('a/2')
  assert.is(await takeNow(), 'a/4')
})

test('hands out a key that is granted a place for helm, however many passes hang', async () => {
  const { queue, takeNow } = setUp()
  for (const key of ['a/1', 'a/2', 'a/3', 'b/1', 'b/2', 'c/1']) queue.add(key, 'asked')
  for (const _ of [1, 2, 3, 4, 5]) await queue.take()
  const sixth = queue.take()
  queue.add('a/4', 'granted')
  assert.is(await sixth, 'a/4')
  queue.done('a/4')
  assert.is(await takeNow(), 'nothing')
})

test('runs a key again as something urgent when it was edited meanwhile, whatever else has asked for it', async () => {
  const { queue } = setUp()
  queue.add('a/1', 'later')
  await queue.take()
  for (const urgency of ['first', 'later'] as const) queue.add('a/1', urgency)
  queue.add('a/2')
  queue.add('b/1', 'later')
  queue.done('a/1')
  assert.equal([await queue.take(), await queue.take()], ['a/2', 'a/1'])
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

test('waits longer after each failure until the key is well again', async () => {
  const { clock, queue } = setUp()
  // Milliseconds until the key is handed out.
  const delay = async (): Promise<number> => {
    let taken: string | undefined
    void queue.take().then((key) => (taken = key))
    const begun = clock.now()
    while (taken === undefined) await clock.advance(50)
    queue.done(taken)
    return clock.now() - begun
  }
  const retried = (): Promise<number> => (queue.retry('a'), delay())
  assert.equal([await retried(), await retried(), await retried()], [100, 200, 400])
  queue.forget('a')
  assert.is(await retried(), 100)
  queue.retry('a', (retry) => 1_000 * (retry + 1))
  assert.is(await delay(), 2_000)
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
