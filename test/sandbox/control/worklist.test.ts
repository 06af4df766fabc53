import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createWorklist } from '../../../lib/sandbox/control/worklist.ts'
import { StatusError } from '../../../lib/sandbox/types.ts'
import { manualClock } from '../../helpers/hollow.ts'

const test = suite('createWorklist()')

function fail(error: unknown): never {
  throw error
}

test('what is asked for often is done once, with the last that was said', () => {
  const clock = manualClock()
  const done: string[] = []
  const list = createWorklist<string>({ clock, report: fail }, (item) => done.push(item))
  for (const item of ['a', 'b']) list.add('key', item)
  list.add('other', 'c')
  assert.equal(done, [])
  clock.advance(10)
  assert.equal(done, ['b', 'c'])
})

test('what is refused is tried ever more rarely, and does not hold up the rest', () => {
  const clock = manualClock()
  let tries = 0
  const done: string[] = []
  const list = createWorklist<string>({ clock, report: fail }, (item) => {
    if (item === 'good') return void done.push(item)
    tries += 1
    throw new StatusError(422, 'Invalid', 'no')
  })
  list.add('1', 'bad')
  list.add('2', 'good')
  clock.advance(60_000)
  assert.equal(done, ['good'])
  assert.ok(tries > 5 && tries < 20, `${tries} tries in a minute`)
})

test('an error that nobody expected is reported, and the rest is done', () => {
  const clock = manualClock()
  const reported: unknown[] = []
  const done: string[] = []
  const list = createWorklist<string>(
    { clock, report: (error) => reported.push(error) },
    (item) => {
      if (item === 'bad') throw new TypeError('no such field')
      done.push(item)
    },
  )
  list.add('1', 'bad')
  list.add('2', 'good')
  clock.advance(60_000)
  assert.equal(done, ['good'])
  assert.equal(reported.map(String), ['TypeError: no such field'])
})

test('after stop() nothing is done', () => {
  const clock = manualClock()
  const done: string[] = []
  const list = createWorklist<string>({ clock, report: fail }, (item) => done.push(item))
  list.add('a', 'a')
  list.stop()
  clock.advance(1000)
  assert.equal(done, [])
})

test.run()
