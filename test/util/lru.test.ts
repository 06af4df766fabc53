import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLru } from '../../lib/util/lru.ts'

const test = suite('createLru()')

test('forgets what was used longest ago', () => {
  const cache = createLru<number>(3)
  for (const [n, key] of ['a', 'b', 'c'].entries()) cache.set(key, n, 1)
  cache.get('a')
  cache.set('d', 3, 1)
  assert.equal(['a', 'b', 'c', 'd'].map(cache.get), [0, undefined, 2, 3])
})

test('makes room for what is heavy', () => {
  const cache = createLru<string>(10)
  cache.set('a', 'a', 4)
  cache.set('b', 'b', 4)
  cache.set('c', 'c', 9)
  assert.equal(['a', 'b', 'c'].map(cache.get), [undefined, undefined, 'c'])
  assert.is(cache.weight, 9)
})

test('replaces a value with its weight', () => {
  const cache = createLru<string>(10)
  cache.set('a', 'old', 9)
  cache.set('a', 'new', 1)
  assert.equal([cache.get('a'), cache.weight], ['new', 1])
})

test('forgets what it is told to, with its weight', () => {
  const cache = createLru<string>(10)
  cache.set('a', 'A', 4)
  cache.delete('a')
  cache.delete('b')
  assert.equal([cache.get('a'), cache.weight], [undefined, 0])
})

test('does not keep what is too heavy, nor the value it would replace', () => {
  const cache = createLru<string>(10)
  cache.set('a', 'old', 1)
  cache.set('a', 'new', 11)
  assert.equal([cache.get('a'), cache.weight], [undefined, 0])
})

test.run()
