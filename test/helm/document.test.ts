import { Buffer } from 'node:buffer'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeValues } from '../../lib/helm/document.ts'

const test = suite('decodeValues()')

for (const [what, document, expected] of [
  ['YAML 1.1 booleans and octals', 'a: yes\nb: off\nc: 010\n', { a: true, b: false, c: 8 }],
  ['the first of several documents', 'a: 1\n---\na: 2\n', { a: 1 }],
  ['an empty document', '', {}],
  ['a document of comments', '# nothing\n---\n# either\n', {}],
  ['null', 'null\n', {}],
  ['JSON', ' {"a": {"b": [1, null, "yes"]}} ', { a: { b: [1, null, 'yes'] } }],
  ['numbers too large for JSON', '{"a": 1E400, "b": 1e3}', { a: '1E400', b: 1000 }],
  ['YAML that begins like JSON', '{a: yes}', { a: true }],
  ['bytes', Buffer.from('a: é'), { a: 'é' }],
  ['a byte order mark', Buffer.from('\ufeffa: 1'), { a: 1 }],
  ['characters beyond the first plane', 'a: 😀', { a: '😀' }],
  ['an explicit null', 'a: ~\n', { a: null }],
] as const) {
  test(`reads ${what}`, () => assert.equal(decodeValues(document), expected))
}

for (const [what, document, says] of [
  ['bytes that are no text', Buffer.from('hunter2: \xff\xfe', 'latin1'), /binary/],
  ['control characters', 'a: 1\nb: hunter2\u0000\n', /line 2/],
  ['broken YAML', 'a: "hunter2', /line 1/],
  ['broken JSON', '{"a": "hunter2"', /YAML/],
  ['a list', '- hunter2\n', /mapping/],
  ['a list in JSON', '["hunter2"]', /mapping/],
  ['a text', 'hunter2\n', /mapping/],
  ['a number', '5\n', /mapping/],
] as const) {
  test(`refuses ${what} and quotes nothing`, () => {
    assert.throws(
      () => decodeValues(document),
      (error: Error) => says.test(error.message) && !/hunter2/.test(String(error.stack)),
    )
  })
}

test('reads a megabyte of JSON without making others wait', () => {
  const values = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, n) => [`name-${n}`, { text: 'x'.repeat(80), n }]),
  )
  const startedAt = process.hrtime.bigint()
  assert.equal(decodeValues(JSON.stringify(values)), values)
  assert.ok(process.hrtime.bigint() - startedAt < 500_000_000n)
})

test.run()
