// What helm 3.17 and 4.1 make of values.yaml, as printed by a template with {{ toJson .Values }}.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readYaml } from '../../lib/util/yaml.ts'

const test = suite('readYaml()')

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
    assert.equal(readYaml(`a: ${written}\n`), { value: { a: expected } })
  })
}

test('merge keys and aliases are resolved', () => {
  assert.equal(readYaml('a: &x {k: 1}\nb: {<<: *x, l: 2}\nc: *x\n'), {
    value: { a: { k: 1 }, b: { k: 1, l: 2 }, c: { k: 1 } },
  })
})

test('only the first document counts, and an empty text is null', () => {
  assert.equal(readYaml('a: 1\n---\na: 2\n'), { value: { a: 1 } })
  for (const text of ['', '# nothing\n', '---\n']) assert.equal(readYaml(text), { value: null })
})

test('of two members of one name the last counts', () => {
  assert.equal(readYaml('a: 1\na: 2\n'), { value: { a: 2 } })
})

test('a member called __proto__ is a member', () => {
  const result = readYaml('__proto__: {polluted: true}\n')
  assert.ok('value' in result && Object.hasOwn(result.value as object, '__proto__'))
  assert.is(({} as { polluted?: boolean }).polluted, undefined)
})

test('a mistake is told by its place, and nothing of the text is quoted', () => {
  assert.equal(readYaml('a: 1\nb: [hunter2\n'), {
    why: 'line 3, column 1: bad indent',
  })
})

test('a text that stands for gigabytes is refused', () => {
  const levels = 'abcdefghij'.split('').map((name, index, all) => {
    const below = all[index - 1]
    return `${name}: &${name} [${Array(9)
      .fill(below ? `*${below}` : 'x')
      .join(', ')}]`
  })
  assert.equal(readYaml(levels.join('\n')), {
    why: 'aliases are nested too deeply or have no anchor',
  })
})

test.run()
