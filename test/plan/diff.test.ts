import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/model/json.ts'
import type { StoredChart } from '../../lib/model/source.ts'
import { diffRelease } from '../../lib/plan/diff.ts'

const test = suite('diffRelease()')

const chart: StoredChart = {
  name: 'web',
  version: '1.0.0',
  appVersion: '1',
  values: { replicas: 1, sub: { port: 80 } },
  templates: { 'templates/a.yaml': 'YQ==', 'templates/b.yaml': 'Yg==' },
}

function diffOf(old: JsonObject, values: JsonObject, secrets: string[] = []): string[] {
  const isSecret = (text: string): boolean => secrets.some((secret) => text.includes(secret))
  return diffRelease({ config: old, chart }, { values, chart }, isSecret)
}

for (const [situation, old, now, expected] of [
  ['nothing changed', { a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 }, []],
  ['a value changed', { a: { b: 1 } }, { a: { b: 'x' } }, ['~ values.a.b: 1 -> "x"']],
  ['a value came', {}, { a: { b: [1] } }, ['+ values.a: {"b":[1]}']],
  ['a value went', { a: { b: 'x', c: 1 } }, { a: { c: 1 } }, ['- values.a.b']],
  ['an item changed', { a: [1, 2] }, { a: [1, 3, 4] }, ['~ values.a.1: 2 -> 3', '+ values.a.2: 4']],
  ['a map became a list', { a: {} }, { a: [] }, ['~ values.a: {} -> []']],
  ['a value became null', { a: 1 }, { a: null }, ['~ values.a: 1 -> null']],
] as const)
  test(`when ${situation}`, () => {
    assert.equal(diffOf(old as JsonObject, now as unknown as JsonObject), expected as never)
  })

for (const [situation, old, now, expected] of [
  ['is new', { a: 'was' }, { a: 'hunter2' }, ['~ values.a: *** -> ***']],
  ['was there', { a: 'hunter2' }, { a: 'is' }, ['~ values.a: *** -> ***']],
  ['is a part', {}, { a: 'x://u:hunter2@h' }, ['+ values.a: "***"']],
  ['is deep inside', {}, { a: { b: ['hunter2', 'x'] } }, ['+ values.a: {"b":["***","x"]}']],
  ['is a number', { a: 123_456 }, { a: 1 }, ['~ values.a: *** -> ***']],
  ['is gone', { a: 'hunter2' }, {}, ['- values.a']],
] as const)
  test(`hides what is known to be secret when it ${situation}`, () => {
    const secrets = ['hunter2', '123456']
    assert.equal(
      diffOf(old as JsonObject, now as unknown as JsonObject, secrets),
      expected as never,
    )
  })

test('hides what is called a secret, wherever it comes from', () => {
  const names = ['password', 'dbPassword', 'apiKey', 'api-key', 'token', 'existingSecret', 'tokens']
  const lines = diffOf({}, Object.fromEntries(names.map((name) => [name, 'plain'])))
  assert.equal(
    lines.filter((line) => line.includes('plain')),
    ['+ values.tokens: "plain"'],
  )
  assert.equal(diffOf({ auth: { password: 1 } }, { auth: { password: 2 } }), [
    '~ values.auth.password: *** -> ***',
  ])
})

test('tells what is new about a chart, of templates the names only', () => {
  const next: StoredChart = {
    name: 'web',
    version: '1.1.0',
    appVersion: '1',
    values: { replicas: 2, fresh: true },
    templates: { 'templates/a.yaml': 'YWE=', 'templates/c.yaml': 'Yw==' },
  }
  assert.equal(
    diffRelease({ config: {}, chart }, { values: {}, chart: next }, () => false),
    [
      '~ chart.version: "1.0.0" -> "1.1.0"',
      '~ chart.values.replicas: 1 -> 2',
      '+ chart.values.fresh: true',
      '~ templates/a.yaml',
      '- templates/b.yaml',
      '+ templates/c.yaml',
    ],
  )
})

test('stays short, however much has changed', () => {
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, 1]))
  assert.is(diffOf({}, many).length, 101)
  assert.is(diffOf({}, many).at(-1), '… and 900 more')
  assert.ok(diffOf({}, { a: 'x'.repeat(10_000) })[0]!.length < 300)
})

test.run()
