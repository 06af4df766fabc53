import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readConfig } from '../../lib/app/config.ts'
import { runOperator } from '../../lib/app/run.ts'

const test = suite('runOperator()')

test('logs a failure that nothing waits for with its stack, and goes on, as long as it runs', async () => {
  const lines: string[] = []
  let isFollowing = false
  const env = { PATH: process.env.PATH, HOME: process.env.HOME }
  const config = readConfig(['--kubeconfig=/nowhere', '--listen=127.0.0.1:0'], env)
  const running = runOperator(config, {
    env,
    signal: new AbortController().signal,
    write: (line) => lines.push(line),
    followStray: (report) => {
      isFollowing = true
      report(new RangeError('a promise of nobody'))
      return () => void (isFollowing = false)
    },
  })
  await running.then(
    () => assert.unreachable('there is no cluster'),
    () => {},
  )
  const [line = ''] = lines.filter((one) => one.includes('unexpected failure'))
  assert.match(line, /a promise of nobody/)
  assert.match(line, /run\.test\.ts/)
  assert.is(isFollowing, false)
})

test.run()
