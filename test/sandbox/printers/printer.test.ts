import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { humanDuration, parseColumns, selectorText } from '../../../lib/sandbox/printers/printer.ts'

const test = suite('what tables are made of')

for (const [seconds, expected] of [
  [-5, '<invalid>'],
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [312, '5m12s'],
  [3600, '60m'],
  [3 * 3600 + 60, '3h1m'],
  [9 * 3600, '9h'],
  [49 * 3600, '2d1h'],
  [30 * 86400, '30d'],
  [800 * 86400, '2y70d'],
] as const)
  test(`humanDuration() of ${seconds} seconds is ${expected}`, () => {
    assert.is(humanDuration(seconds * 1000), expected)
  })

test('parseColumns() reads the shorthand', () => {
  assert.equal(parseColumns('Name|Ready#|Since@*'), [
    { name: 'Name', type: 'string' },
    { name: 'Ready', type: 'integer' },
    { name: 'Since', type: 'date', priority: 1 },
  ])
})

for (const [expression, expected] of [
  [{ key: 'a', operator: 'In', values: ['y', 'x'] }, 'a in (x,y)'],
  [{ key: 'a', operator: 'NotIn', values: ['x'] }, 'a notin (x)'],
  [{ key: 'a', operator: 'Exists' }, 'a'],
  [{ key: 'a', operator: 'DoesNotExist' }, '!a'],
] as const)
  test(`selectorText() writes ${expected}`, () => {
    assert.is(selectorText({ matchExpressions: [expression] }), expected)
  })

test.run()
