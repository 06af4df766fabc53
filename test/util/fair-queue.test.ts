import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FairQueue, type Urgency } from '../../lib/util/fair-queue.ts'

const test = suite('FairQueue')

// Keys are "group/name"; a "!" behind one asks for it now, a "?" has it wait patiently.
function queueOf(...keys: string[]): FairQueue {
  const queue = new FairQueue()
  for (const key of keys) add(queue, key)
  return queue
}

function add(queue: FairQueue, text: string): void {
  const urgency: Urgency = text.endsWith('?') ? 'later' : text.endsWith('!') ? 'asked' : 'first'
  queue.add(text.replace(/[?!]/, ''), { group: text.split('/')[0]!, urgency })
}

function takeAll(queue: FairQueue): string[] {
  const taken: string[] = []
  for (let next = queue.take(); next !== undefined; next = queue.take()) taken.push(next.key)
  return taken
}

test('hands out the keys of one group in the order they came', () => {
  assert.equal(takeAll(queueOf('a/1', 'a/2', 'a/3')), ['a/1', 'a/2', 'a/3'])
})

test('lets groups take turns, however many keys one of them has', () => {
  const queue = queueOf('a/1', 'a/2', 'a/3', 'b/1', 'c/1', 'c/2')
  assert.equal(takeAll(queue), ['a/1', 'b/1', 'c/1', 'a/2', 'c/2', 'a/3'])
})

test('lets urgent keys go before patient ones that came earlier', () => {
  const queue = queueOf('a/1?', 'b/1?', 'a/2', 'b/2', 'a/3!')
  assert.equal(takeAll(queue), ['a/3', 'a/2', 'b/2', 'a/1', 'b/1'])
})

test('tells how many go before a key, which is how many it then hands out before', () => {
  const keys = fc.array(fc.stringMatching(/^[abc]\/[1-9][?!]?$/), { maxLength: 9 })
  fc.assert(
    fc.property(keys, (texts) => {
      const queue = queueOf(...texts)
      const names = texts.map((text) => text.replace(/[?!]/, ''))
      const told = new Map(names.map((name) => [name, queue.before(name)]))
      const taken = takeAll(queue)
      assert.equal(
        taken.map((name) => told.get(name)),
        taken.map((_, at) => at),
      )
    }),
  )
})

test('moves a patient key that becomes urgent, and never an urgent one back', () => {
  const queue = queueOf('a/1?', 'a/2', 'a/3', 'a/1', 'a/2?', 'a/3!')
  assert.equal(takeAll(queue), ['a/3', 'a/2', 'a/1'])
})

test('gives one turn in ten to the less urgent while others keep coming', () => {
  const queue = queueOf('z/first', 'z/later?', 'z/next')
  const order: string[] = []
  for (let turn = 0; turn < 40; turn += 1) {
    add(queue, `a/${turn}!`)
    order.push(queue.take()!.key)
  }
  assert.equal(
    ['z/first', 'z/later', 'z/next'].map((key) => order.indexOf(key)),
    [9, 19, 29],
  )
})

test('passes over those that may not go, and keeps their turn', () => {
  const queue = queueOf('a/1', 'b/1', 'a/2')
  assert.is(queue.take(({ group }) => group !== 'a')?.key, 'b/1')
  assert.is(
    queue.take(() => false),
    undefined,
  )
  assert.equal(takeAll(queue), ['a/1', 'a/2'])
})

test('forgets a key that is deleted', () => {
  const queue = queueOf('a/1', 'a/2?')
  queue.delete('a/1')
  queue.delete('a/2')
  assert.equal([takeAll(queue), queue.length], [[], 0])
})

test('hands out every key once, and none waits for more turns than there are groups and keys before it in its own', () => {
  const word = fc.constantFrom('a', 'b', 'c', 'd')
  const keys = fc.uniqueArray(
    fc.tuple(word, fc.nat(30)).map(([group, number]) => `${group}/${number}`),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(keys, (all) => {
      const taken = takeAll(queueOf(...all))
      assert.equal([...taken].sort(), [...all].sort())
      const groups = new Set(all.map((key) => key[0])).size
      for (const key of all) {
        const before = all.slice(0, all.indexOf(key)).filter((one) => one[0] === key[0]).length
        assert.ok(taken.indexOf(key) <= (before + 1) * groups - 1, key)
      }
    }),
    { numRuns: 500 },
  )
})

test.run()
