import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isLaterVersion, objectVersion } from '../../lib/util/version.ts'

const test = suite('versions of objects')

test('objectVersion() tells objects of the same name apart', () => {
  assert.is(objectVersion({ metadata: { uid: 'a', resourceVersion: '7' } }), 'a@7')
  assert.is(objectVersion({ metadata: {} }), '@')
})

for (const [one, other, isLater] of [
  ['a@10', 'a@9', true],
  ['a@9', 'a@10', false],
  ['a@9', 'a@9', false],
  ['b@10', 'a@9', false],
  ['a@x10', 'a@9', false],
  ['', 'a@9', false],
  ['a@9', '', false],
] as const) {
  test(`isLaterVersion() of "${one}" and "${other}" is ${isLater}`, () => {
    assert.is(isLaterVersion(one, other), isLater)
  })
}

test.run()
