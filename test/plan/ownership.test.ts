import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { foreignOwner } from '../../lib/plan/ownership.ts'

const test = suite('foreignOwner()')

const ours = 'shop:helmrelease/web'

for (const [situation, found, expected] of [
  ['there are no objects', [], undefined],
  ['no object is marked', [undefined, undefined], undefined],
  ['an object bears an empty mark', [''], undefined],
  ['every mark is ours', [ours, undefined, ours], undefined],
  ['one of them is marked by another', [undefined, ours, 'a:helmrelease/b'], 'a:helmrelease/b'],
  ['two others have marked some', ['a:helmrelease/c', 'a:helmrelease/b'], 'a:helmrelease/c'],
  ['a mark differs in case only', ['shop:helmrelease/Web'], 'shop:helmrelease/Web'],
] as const)
  test(`answers ${expected ?? 'nobody'} when ${situation}`, () => {
    assert.is(foreignOwner(ours, found), expected)
  })

test.run()
