// What helm 3.17 and 4.1 make of values.yaml, as printed by a template with {{ toJson .Values }}.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { YamlTooLarge } from '../../lib/util/yaml-extent.ts'
import { parseYaml } from '../../lib/util/yaml.ts'

const test = suite('parseYaml()')

for (const [written, expected] of [
  ['yes', true],
  ['No', false],
  ['on', true],
  ['Off', false],
  ['y', true],
  ['N', false],
  ['TRUE', true],
  ['"yes"', 'yes'],
  ['~', null],
  ['', null],
  ['NULL', null],
  ['0777', 511],
  ['-0777', -511],
  ['0o14', 12],
  ['0O17', 15],
  ['-0o17', -15],
  ['0x1F', 31],
  ['0X1f', 31],
  ['0b11', 3],
  ['0B11', 3],
  ['1_000', 1000],
  ['1e3', 1000],
  ['.5', 0.5],
  ['1.', 1],
  ['1.0', 1],
  ['08', 8],
  ['0888', 888],
  ['1,000', '1,000'],
  ['.', '.'],
  ['e3', 'e3'],
  ['.e3', '.e3'],
  ['._5', '._5'],
  ['.5_0', 0.5],
  ['1e1_0', 1e10],
  ['0_', 0],
  ['-_5', -5],
  ['1e400', '1e400'],
  ['0x10000000000000000', '0x10000000000000000'],
  ['18446744073709551616', 18446744073709552000],
  ['!!float 5', 5],
  ['!!int "5"', 5],
  ['12345678901234567890', 12345678901234567000],
  ['9007199254740993', 9007199254740992],
  ['12:30:45', '12:30:45'],
  ['190:20:30.15', '190:20:30.15'],
  ['2001-01-01', '2001-01-01'],
  ['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'],
  ['v1.2', 'v1.2'],
  ['!!str 123', '123'],
  ['!!binary aGVsbG8=', 'hello'],
  ['"a\\tb\\u00e9"', 'a\tb\u00e9'],
  ["'it''s'", "it's"],
  ['{1: a, true: b, 1.5: c}', { '1': 'a', '1.5': 'c', true: 'b' }],
  ['[1, [2, {a: b}]]', [1, [2, { a: 'b' }]]],
] as const) {
  test(`reads ${written === '' ? 'nothing' : written} as ${JSON.stringify(expected)}`, () => {
    assert.equal(parseYaml(`a: ${written}\n`), { a: expected })
  })
}

const keys = { '9007199254740993': 'a', '1e+06': 'b', '1.1': 'c', '16': 'd' }

for (const [text, expected] of [
  ['a: 1\n---\na: 2', { a: 1 }],
  ['---\na: 1', { a: 1 }],
  ['%YAML 1.1\n---\na: 1\n...\n}{', { a: 1 }],
  ['# only a comment', null],
  ['', null],
  ['---\n', null],
  ['a: 1\na: 2\n', { a: 2 }],
  ['base: &base\n  a: 1\nover:\n  <<: *base\n  b: 2', { base: { a: 1 }, over: { a: 1, b: 2 } }],
  ['a: &a {x: 1}\nb: {x: 2, <<: *a}', { a: { x: 1 }, b: { x: 1 } }],
  ['a: {<<: [{x: 1}, {x: 2, z: 2}], z: 3}', { a: { x: 1, z: 3 } }],
  ['a: {"<<": {x: 1}}', { a: { '<<': { x: 1 } } }],
  ['a: |\n  x\nb: |\n  y', { a: 'x\n', b: 'y' }],
  ['a:\n  - >+\n    x', { a: ['x'] }],
  ['a: |\n  x\n# end', { a: 'x\n' }],
  ['{9007199254740993: a, 1e6: b, 1.10: c, 0x10: d}', keys],
  // Go does not mind where lines stand between brackets and quotes.
  ['a: [\n1,\n\n2\n]\nb: 3', { a: [1, 2], b: 3 }],
  ['a:\n  - {\nb: 1,\n # so\nc: "x\ny"\n}\n  - z', { a: [{ b: 1, c: 'x y' }, 'z'] }],
  ['a: "x\nb: "\nc: 1', { a: 'x b: ', c: 1 }],
  ["a:\n  b: 'x\n\n  y\nz'\nc: |\n  d", { a: { b: 'x\ny z' }, c: 'd' }],
  ['{"a": [1, 2.5, "x"]}', { a: [1, 2.5, 'x'] }],
  ['text: |\n  ---\n  not a document\n', { text: '---\nnot a document\n' }],
] as const) {
  test(`reads ${JSON.stringify(text)} as ${JSON.stringify(expected)}`, () => {
    assert.equal(parseYaml(text), expected)
  })
}

test('a member called __proto__ is a member', () => {
  assert.ok(Object.hasOwn(parseYaml('__proto__: {polluted: true}\n') as object, '__proto__'))
  assert.is(({} as { polluted?: boolean }).polluted, undefined)
})

test('says where a text is broken without quoting it', () => {
  assert.throws(
    () => parseYaml('---\na: 1\npassword: "hunter2'),
    (error: Error) => /line 3/.test(error.message) && !error.message.includes('hunter2'),
  )
})

for (const text of [
  'password: *hunter2\n',
  '<<: hunter2\n',
  'a: &hunter2 [*hunter2]\n',
  '? {hunter2: 1}\n: 2\n',
  'a: !hunter2!hunter2 x\n',
  'a: b: hunter2\n',
  'a: !!int hunter2\n',
  'a: {hunter2: .inf}\n',
  'a: [hunter2, -.INF, .NaN]\n',
  'a: {~: hunter2}\n',
  '12345678901234567890: hunter2\n',
  '%TAG hunter2\n---\n@hunter2\n',
]) {
  test(`refuses ${JSON.stringify(text)} without quoting it`, () => {
    assert.throws(
      () => parseYaml(text),
      (error: Error) =>
        /^not valid YAML/.test(error.message) && !/hunter2/.test(String(error.stack)),
    )
  })
}

for (const [text, says] of [
  ['a: [1, -.inf]', /infinity and .nan are no values/],
  ['{a: 1, ~: 2}', /a key is neither text, number nor boolean/],
  ['a: *b', /an alias/],
] as const) {
  test(`says what is wrong with ${text}`, () => assert.throws(() => parseYaml(text), says))
}

test('a quote that ends where the next one should begin is refused where it is, and soon', () => {
  const lines = Array.from({ length: 2_000 }, (_, n) => `key-${n}: ${'x'.repeat(20)}`)
  const text = ['a: "hunter2', ...lines, 'b: "hunter2"'].join('\n')
  assert.throws(() => parseYaml(text), /^not valid YAML at line 1, column 12 /)
})

test('a text that stands for gigabytes is refused', () => {
  const levels = 'abcdefghij'.split('').map((name, index, all): string => {
    const below = all[index - 1]
    return `${name}: &${name} [${Array(9)
      .fill(below ? `*${below}` : 'x')
      .join(', ')}]`
  })
  assert.throws(() => parseYaml(levels.join('\n')))
})

for (const [what, text, why] of [
  ['a flow of a million items', `a: [${'1,'.repeat(1_000_000)}]`, 'has too many words and marks'],
  ['60,000 items', '- 1\n'.repeat(60_000), 'has more than 50,000 values'],
  [
    'a few aliases that stand for a million items',
    `a: &a [${'1,'.repeat(1_000)}]\nb: [${'*a,'.repeat(900)}]`,
    'has more than 50,000 values',
  ],
  ['300 brackets', '['.repeat(300) + ']'.repeat(300), 'is nested more than 200 levels deep'],
  ['a million brackets', '['.repeat(1_000_000), 'is nested more than 200 levels deep'],
  ['20,000 dashes', '- '.repeat(20_000), 'is nested more than 200 levels deep'],
  ['20,000 question marks', '? '.repeat(20_000), 'is nested more than 200 levels deep'],
  [
    'maps within maps',
    Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
    'is nested more than 200 levels deep',
  ],
] as const)
  test(`refuses ${what}: it ${why}`, () => {
    assert.throws(
      () => parseYaml(text),
      (error: Error) => error instanceof YamlTooLarge && error.message === why,
    )
  })

test('reads on behind 100,000 empty lines', () => {
  assert.equal(parseYaml(`a: 1\n${'\n'.repeat(100_000)}b: 2\n`), { a: 1, b: 2 })
})

test.run()
