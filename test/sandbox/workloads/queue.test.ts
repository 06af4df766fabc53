import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createDueQueue } from '../../../lib/sandbox/workloads/queue.ts'
import { manualClock } from '../../helpers/hollow.ts'

const test = suite('createDueQueue()')

test('a key is visited once for many reasons, at the earliest time', () => {
  const clock = manualClock()
  const visited: string[] = []
  const queue = createDueQueue(clock, (key) => visited.push(key))
  for (const delay of [50, 10, 30]) queue.add('a', delay)
  clock.advance(9)
  assert.equal(visited, [])
  clock.advance(1000)
  assert.equal(visited, ['a'])
})

test('a key that is added while it is visited is visited again', () => {
  const clock = manualClock()
  let visits = 0
  const queue = createDueQueue(clock, (key) => {
    visits += 1
    if (visits < 3) queue.add(key, 10)
  })
  queue.add('a', 0)
  clock.advance(100)
  assert.is(visits, 3)
})

test('many keys are visited in rounds, none is forgotten', () => {
  const clock = manualClock()
  const visited = new Set<string>()
  const queue = createDueQueue(clock, (key) => visited.add(key))
  for (let n = 0; n < 100; n += 1) queue.add(`key ${n}`, 0)
  clock.advance(0)
  assert.is(visited.size, 100)
})

test('an appointment in years is no timer of years, which a runtime would take for none', () => {
  const asked: number[] = []
  const clock = manualClock()
  const visited: string[] = []
  const spying = {
    ...clock,
    after: (ms: number, run: () => void) => {
      asked.push(ms)
      return clock.after(ms, run)
    },
  }
  const day = 86_400_000
  createDueQueue(spying, (key) => visited.push(key)).add('a', 40 * day)
  clock.advance(39 * day)
  assert.equal(visited, [])
  clock.advance(2 * day)
  assert.equal(visited, ['a'])
  assert.ok(Math.max(...asked) < 2 ** 31)
})

test('after stop() nothing is visited', () => {
  const clock = manualClock()
  const visited: string[] = []
  const queue = createDueQueue(clock, (key) => visited.push(key))
  queue.add('a', 10)
  queue.stop()
  clock.advance(100)
  assert.equal(visited, [])
})

test.run()
