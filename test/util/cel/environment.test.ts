// What expressions in CEL may do, and what they may cost.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BudgetError, createBudget } from '../../../lib/util/cel/budget.ts'
import { createCel, type CelExpression } from '../../../lib/util/cel/environment.ts'

const test = suite('createCel()')

const structs: [string, Record<string, string>][] = [
  ['Part', { name: 'string', count: 'int' }],
  [
    'Root',
    { name: 'string', size: 'int', parts: 'list<Part>', map: 'map<string, int>', any: 'dyn' },
  ],
]
const compile = createCel()({ variables: { self: 'Root', oldSelf: 'Root' }, structs })
const self = {
  name: 'abc',
  size: 3n,
  parts: [
    { name: 'p', count: 1n },
    { name: 'q', count: 2n },
  ],
  map: { a: 1n, b: 2n },
  any: { list: [1n, 'x'] },
}

function evaluate(text: string, steps = 100_000): unknown {
  return compile(text).evaluate({ self, oldSelf: self }, createBudget(steps))
}

for (const [text, expected] of [
  ['self.parts.all(p, p.count > 0) && self == oldSelf', true],
  ['self.parts.exists_one(p, p.name == "p")', true],
  ['self.parts.map(p, p.name).join("-")', 'p-q'],
  ['self.parts.filter(p, p.count > 1).size()', 1n],
  ['self.parts.all(i, p, p.count == i + 1)', true],
  ['self.map.exists(k, v, k == "b" && v == 2)', true],
  ['self.map.transformList(k, v, k + string(v))', ['a1', 'b2']],
  ['self.map.transformMap(k, v, v > 1, v * 2)["b"]', 4n],
  ['self.?any.?none.orValue("none")', 'none'],
  ['optional.of(self.size).value() > 2', true],
  ['cel.bind(x, self.size, x + x)', 6n],
  ['self.size > 2 ? self.name + "d" : (self.size > 1 ? "b" : "c")', 'abcd'],
  ['!(self.size > 2 && self.size < 2) || -(1 + 2) == 3', true],
  ['self.name.matches("^[[:alpha:]]+$")', true],
  ['self.name.find("b.")', 'bc'],
  ['"a1b22".findAll("[0-9]+")', ['1', '22']],
  ['"a1b22".findAll("[0-9]+", 1)', ['1']],
  ['"abab".replace("a", "c") + "abab".replace("a", "c", 1)', 'cbcbcbab'],
  ['"abc".charAt(1) + "abc".reverse() + "ABC".lowerAscii()', 'bcbaabc'],
  ['"%s has %d of %.2f, %x".format([self.name, self.size, 1.5, 255])', 'abc has 3 of 1.50, ff'],
  ['[3, 1, 2].max() + [3, 1, 2].min() + [1, 2].sum()', 7n],
  ['["a", "b"].isSorted() && !["b", "a"].isSorted()', true],
  ['[1, 2, 1].lastIndexOf(1) - [1, 2, 1].indexOf(2)', 1n],
  [
    'sets.contains([1, 2], [2]) && sets.equivalent([1, 2], [2, 1]) && !sets.intersects([1], [2])',
    true,
  ],
  ['quantity("1Gi").compareTo(quantity("1024Mi"))', 0n],
  ['quantity("1500m").add(quantity("500m")).asInteger()', 2n],
  ['isQuantity("1e999999999")', false],
  ['ip("2001:DB8::0001") == ip("2001:db8::1") && ip("::1").isLoopback()', true],
  ['cidr("10.1.2.3/8").masked().containsCIDR("10.9.0.0/16")', true],
  ['isIP("01.2.3.4") || isCIDR("10.0.0.0/33")', false],
  ['string(cidr("fd00:0:0:0::1/64").ip())', 'fd00::1'],
  ['url("https://a.b:8443/c?d=e").getHost() + url("/x").getHost()', 'a.b:8443'],
  [
    'duration("1h") > duration("59m") && timestamp("2020-01-01T00:00:00Z").getFullYear() == 2020',
    true,
  ],
] as const)
  test(`${text} is ${String(expected)}`, () => assert.equal(evaluate(text), expected))

for (const [text, why] of [
  ['self.nope', 'No such key: nope'],
  ['has(self.nope)', 'No such key: nope'],
  ['self.parts.all(p, p.nope == 1)', 'No such key: nope'],
  ['self.size == "x"', 'no such overload: int == string'],
  ['other', 'Unknown variable: other'],
  ['self.size +', 'Unexpected token: EOF'],
  ['x'.repeat(20_000), 'the expression is longer than 10000 characters'],
] as const)
  test(`${text.slice(0, 40)} does not compile`, () => {
    assert.throws(
      () => compile(text),
      (error: Error) => error.message === why,
    )
  })

function isOverspent(expression: CelExpression): boolean {
  try {
    expression.evaluate({ self, oldSelf: self }, createBudget(100_000))
    return false
  } catch (error) {
    return error instanceof BudgetError
  }
}

const numbers = `[${Array.from({ length: 100 }, (_, at) => at).join()}]`

function nested(depth: number, innermost: string): string {
  let text = innermost
  for (let level = depth; level > 0; level -= 1) text = `${numbers}.all(x${level}, ${text})`
  return text
}

function doubled(first: string): string {
  let text = 'x25.size() > 0'
  for (let at = 25; at > 0; at -= 1) text = `cel.bind(x${at}, x${at - 1} + x${at - 1}, ${text})`
  return `cel.bind(x0, ${first}, ${text})`
}

for (const [what, text] of [
  ['loops within loops', nested(5, 'true')],
  ['loops whose errors are taken for answers', nested(5, 'self.any.none == 1')],
  ['a text that doubles', doubled("'some text'")],
  ['a list that doubles', doubled('[1, 2, 3]')],
  [
    'a text that is replaced by larger ones',
    `'x'.replace('x', '${'y'.repeat(900)}').replace('y', '${'z'.repeat(900)}').replace('z', '${'q'.repeat(900)}').size() > 0`,
  ],
  ['a pattern that is another at each turn', `${numbers}.exists(x, 'a'.matches('b' + string(x)))`],
] as const)
  test(`${what} end with the budget`, () => assert.ok(isOverspent(compile(text))))

test('a pattern that would take for ever with backtracking is answered at once', () => {
  assert.is(evaluate(`'${'a'.repeat(60)}!'.matches('^(a+)+$')`), false)
})

test('one budget counts for several expressions', () => {
  const budget = createBudget(300)
  const expression = compile('self.parts.all(p, p.count > 0)')
  let times = 0
  assert.throws(
    () => {
      for (; times < 1000; times += 1) expression.evaluate({ self, oldSelf: self }, budget)
    },
    (error: Error) => error instanceof BudgetError,
  )
  assert.ok(times > 2 && times < 100, `${times} times`)
})

test.run()
