import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startCli } from '../helpers/cli.ts'
import { processesWith } from '../helpers/processes.ts'
import { until } from '../helpers/until.ts'

const test = suite('operator.ts demo')

// What it unpacks for the next time is no leftover.
const kept = /^(?:helm-operator-bin-|tsx-)/

async function withTemporary<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'dm-'))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

test('shows every example to its end, and leaves nothing behind', () =>
  withTemporary(async (TMPDIR) => {
    const { code, stdout } = await startCli(['demo', '--exit'], { TMPDIR }).ended
    assert.match(stdout, /Settled: 3 released, 1 with the mistake they were written with/)
    assert.is(code, 0)
    assert.equal(
      (await readdir(TMPDIR)).filter((name) => !kept.test(name)),
      [],
    )
    assert.equal(await processesWith(TMPDIR), [])
  }))

test('stays for whoever wants to try something, until it is interrupted, and leaves nothing behind', () =>
  withTemporary(async (TMPDIR) => {
    const demo = startCli(['demo'], { TMPDIR })
    await until('it invites to try', () => /export KUBECONFIG=/.test(demo.stdout()), 60_000)
    assert.match(demo.stdout(), /kubectl --namespace demo edit/)
    process.kill(demo.child.pid!, 'SIGINT')
    assert.is((await demo.ended).code, 0)
    assert.equal(
      (await readdir(TMPDIR)).filter((name) => !kept.test(name)),
      [],
    )
    assert.equal(await processesWith(TMPDIR), [])
  }))

test.run()
