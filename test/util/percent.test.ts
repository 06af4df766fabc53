import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodePercent } from '../../lib/util/percent.ts'

const test = suite('decodePercent()')

test('decodes, and leaves alone what was never encoded', () => {
  assert.is(decodePercent('p%40ss%2Fword'), 'p@ss/word')
  assert.is(decodePercent('50%off'), '50%off')
  assert.is(decodePercent(''), '')
})

test.run()
