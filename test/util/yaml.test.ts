import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseYaml } from '../../lib/util/yaml.ts'

const test = suite('parseYaml()')

for (const [text, expected] of [
  [
    'a: yes\nb: no\nc: on\nd: off\ne: y\nf: n',
    { a: true, b: false, c: true, d: false, e: true, f: false },
  ],
  ['mode: 0755', { mode: 493 }],
  ['port: "0755"', { port: '0755' }],
  ['day: 2026-01-01', { day: '2026-01-01' }],
  ['time: 12:30:45', { time: '12:30:45' }],
  ['a: null\nb: ~\nc:', { a: null, b: null, c: null }],
  ['a: 1\n---\na: 2', { a: 1 }],
  ['---\na: 1', { a: 1 }],
  ['# only a comment', null],
  ['', null],
  ['1: one\ntrue: two', { 1: 'one', true: 'two' }],
  ['base: &base\n  a: 1\nover:\n  <<: *base\n  b: 2', { base: { a: 1 }, over: { a: 1, b: 2 } }],
  ['{"a": [1, 2.5, "x"]}', { a: [1, 2.5, 'x'] }],
  ['text: |\n  ---\n  not a document\n', { text: '---\nnot a document\n' }],
] as const)
  test(`reads ${JSON.stringify(text)} as Helm does`, () => {
    assert.equal(parseYaml(text), expected)
  })

test('says where a text is broken without quoting it', () => {
  assert.throws(
    () => parseYaml('a: 1\npassword: "hunter2'),
    (error: Error) => /line 2/.test(error.message) && !error.message.includes('hunter2'),
  )
})

test.run()
