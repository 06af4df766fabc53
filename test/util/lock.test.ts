import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createKeyedLock } from '../../lib/util/lock.ts'

const test = suite('createKeyedLock()')

function gate(): { open: () => void; opened: Promise<void> } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

test('lets one run at a time for a name, in the order they came', async () => {
  const lock = createKeyedLock()
  const { open, opened } = gate()
  const log: string[] = []
  const first = lock('a', async () => {
    await opened
    log.push('first')
  })
  const second = lock('a', async () => void log.push('second'))
  const third = lock('a', async () => void log.push('third'))
  open()
  await Promise.all([first, second, third])
  assert.equal(log, ['first', 'second', 'third'])
})

test('lets different names run side by side', async () => {
  const lock = createKeyedLock()
  const { open, opened } = gate()
  const first = lock('a', () => opened)
  assert.is(await lock('b', async () => 'b'), 'b')
  open()
  await first
})

test('goes on after a failure, and hands the failure to its own caller only', async () => {
  const lock = createKeyedLock()
  const failing = lock('a', async () => {
    throw new Error('no')
  })
  const next = lock('a', async () => 'yes')
  assert.is(await failing.catch((error: Error) => error.message), 'no')
  assert.is(await next, 'yes')
})

test.run()
