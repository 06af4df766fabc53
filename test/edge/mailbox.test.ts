import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createMailbox } from '../../lib/edge/mailbox.ts'

const test = suite('createMailbox()')

test('a writer waits until its message is taken, and messages keep their order', async () => {
  const mailbox = createMailbox<number>()
  const done: number[] = []
  const writers = [1, 2, 3].map((message) => mailbox.put(message).then(() => done.push(message)))
  assert.is(await mailbox.take(), 1)
  await writers[0]
  assert.equal(done, [1])
  assert.equal([await mailbox.take(), await mailbox.take()], [2, 3])
  await Promise.all(writers)
  assert.equal(done, [1, 2, 3])
})

test('a reader waits until there is a message', async () => {
  const mailbox = createMailbox<string>()
  const taken = mailbox.take()
  await mailbox.put('a')
  assert.is(await taken, 'a')
})

test('closing lets every writer go, those who come later too', async () => {
  const mailbox = createMailbox<number>()
  const writers = [mailbox.put(1), mailbox.put(2)]
  mailbox.close()
  await Promise.all(writers)
  await mailbox.put(3)
})

test.run()
