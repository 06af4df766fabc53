import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Claims } from '../../lib/loop/claims.ts'

const test = suite('Claims')

const setUp = () => new Claims(['new.group', 'old.group'])

test('knows every key that wants a release', () => {
  const claims = setUp()
  claims.set('new.group/a/x', 'a/x')
  claims.set('new.group/b/x', 'a/x')
  claims.set('new.group/c/x', 'c/x')
  assert.equal(claims.keysOf('a/x'), ['new.group/a/x', 'new.group/b/x'])
})

test('forgets what a key wanted before', () => {
  const claims = setUp()
  claims.set('new.group/a/x', 'a/x')
  claims.set('new.group/a/x', 'a/y')
  assert.equal([claims.keysOf('a/x'), claims.keysOf('a/y')], [[], ['new.group/a/x']])
  claims.delete('new.group/a/x')
  assert.equal(claims.keysOf('a/y'), [])
})

test('names the newer generation of the same object as its successor, never the older one', () => {
  const claims = setUp()
  claims.set('old.group/a/x', 'a/x')
  claims.set('new.group/a/x', 'a/x')
  assert.is(claims.successorOf('old.group/a/x'), 'new.group/a/x')
  assert.is(claims.successorOf('new.group/a/x'), undefined)
})

test('names no successor among objects of another name or release', () => {
  const claims = setUp()
  claims.set('old.group/a/x', 'a/x')
  claims.set('new.group/a/y', 'a/x')
  claims.set('new.group/a/x', 'b/x')
  assert.is(claims.successorOf('old.group/a/x'), undefined)
})

test.run()
