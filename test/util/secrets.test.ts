import { Buffer } from 'node:buffer'
import { performance } from 'node:perf_hooks'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SecretBook } from '../../lib/util/secrets.ts'
import { deadlineMs } from '../helpers/deadline.ts'

const test = suite('SecretBook')

function bookOf(known: Record<string, string[]>): SecretBook {
  const book = new SecretBook()
  for (const [key, texts] of Object.entries(known)) book.know(key, texts)
  return book
}

test('takes the secrets of every key out of a text, however they are written', () => {
  const book = bookOf({ a: ['hunter2!'], b: ['correct "horse"'] })
  const coded = Buffer.from('hunter2!').toString('base64')
  // Of base64, the padding tells nothing.
  assert.is(
    book.redact(`x hunter2! y ${coded} z correct \\"horse\\" end`),
    'x *** y ***= z *** end',
  )
})

test('hides the whole of a secret that contains another', () => {
  assert.is(bookOf({ a: ['abcd'], b: ['abcdefgh'] }).redact('abcdefgh abcd'), '*** ***')
})

test('finds a secret at either end of a text', () => {
  assert.is(bookOf({ a: ['hunter2'] }).redact('hunter2hunter2 and hunter2'), '****** and ***')
})

test('takes out what looks like a credential even when it knows nothing', () => {
  assert.is(bookOf({}).redact('at https://me:pw@host'), 'at https://***@host')
  assert.is(bookOf({}).redactFor('a')('at https://me:pw@host'), 'at https://***@host')
})

test('keeps the words of one key in the texts of another', () => {
  const book = bookOf({ a: ['default'], b: ['hunter2'] })
  assert.is(book.redactFor('b')('default hunter2'), 'default ***')
  assert.is(book.redactFor('a')('default hunter2'), '*** hunter2')
})

test('still hides the secret before the newest, and no older one', () => {
  const book = bookOf({ a: ['first-one'] })
  book.know('a', ['second-one'])
  assert.is(book.redact('first-one second-one'), '*** ***')
  assert.is(book.redactFor('a')('first-one second-one'), '*** ***')
  book.know('a', ['second-one'])
  assert.is(book.redact('first-one second-one'), '*** ***')
  book.know('a', ['third-one'])
  assert.is(book.redact('first-one second-one third-one'), 'first-one *** ***')
})

test('forgets a key, but not what another one shares with it', () => {
  const book = bookOf({ a: ['shared-one', 'own-one'], b: ['shared-one'] })
  book.forget('a')
  book.forget('a')
  assert.is(book.redact('shared-one own-one'), '*** own-one')
  book.forget('b')
  assert.is(book.redact('shared-one own-one'), 'shared-one own-one')
})

test('of a key with more secrets than can be looked for, nothing is shown until it has fewer', () => {
  const many = Array.from({ length: 5_001 }, (_, index) => `secret-${index}`)
  const book = bookOf({ a: many, b: ['hunter2'] })
  assert.match(book.redactFor('a')('it is secret-17'), /^a text is withheld/)
  assert.is(book.redactFor('b')('it is hunter2'), 'it is ***')
  book.know('a', ['secret-17'])
  assert.is(book.redactFor('a')('it is secret-17, not x'), 'it is ***, not x')
})

test('a secret that is taken out of the values is hidden one round longer', () => {
  const book = bookOf({ a: ['hunter2'] })
  book.know('a', [])
  assert.is(book.redact('hunter2'), '***')
})

test('ten thousand secrets do not slow a line down', () => {
  const book = new SecretBook()
  for (let index = 0; index < 1_000; index++)
    book.know(
      `key-${index}`,
      Array.from({ length: 10 }, (_, n) => `secret-${index * 7919}-${n}`),
    )
  // They all begin alike: the worst there is.
  const line = `${'nothing to see here '.repeat(10)} secret-7919-3`
  const startedAt = performance.now()
  for (let round = 0; round < 10; round++) assert.match(book.redact(line), / \*\*\*$/)
  assert.ok((performance.now() - startedAt) / 10 < deadlineMs(20), 'it takes too long')
})

test.run()
