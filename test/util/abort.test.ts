import { getEventListeners } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { followAbort } from '../../lib/util/abort.ts'

const test = suite('followAbort()')

for (const isEarly of [true, false])
  test(`aborts with the reason of the other, aborted ${isEarly ? 'before' : 'later'}`, () => {
    const [controller, other] = [new AbortController(), new AbortController()]
    if (isEarly) other.abort('enough')
    followAbort(controller, other.signal)
    other.abort('enough')
    assert.equal([controller.signal.aborted, controller.signal.reason], [true, 'enough'])
  })

test('follows no longer when told so, and leaves nothing behind', () => {
  const [controller, other] = [new AbortController(), new AbortController()]
  for (let count = 0; count < 100; count++) followAbort(controller, other.signal)()
  assert.is(getEventListeners(other.signal, 'abort').length, 0)
  other.abort()
  assert.is(controller.signal.aborted, false)
})

test.run()
