import { Buffer } from 'node:buffer'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ProcessHost } from '../../lib/edge/child.ts'
import { createRunner, type RunOptions } from '../../lib/edge/exec.ts'
import { CommandError, ReconcileError } from '../../lib/model/errors.ts'
import { isRunning } from '../helpers/processes.ts'
import { until } from '../helpers/until.ts'

const test = suite('run()')

const host: ProcessHost = { env: process.env }
const run = createRunner(host)
const bash = (script: string, options?: RunOptions): Promise<{ stdout: string; stderr: string }> =>
  run(['bash', '-c', script], options)

async function failure(promise: Promise<unknown>): Promise<CommandError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.instance(error, CommandError)
  return error as CommandError
}

test('answers with what was printed, each stream by itself', async () => {
  assert.equal(await bash('echo out; echo err >&2'), { stdout: 'out\n', stderr: 'err\n' })
})

test('hands every argument on as it is, whatever it contains', async () => {
  const odd = ['', ' ', '$HOME', '`id`', "it's", '"', '\\', 'a\nb', '*', '--flag=a b', '日本', '!']
  const script = 'console.log(JSON.stringify(process.argv.slice(1)))'
  const { stdout } = await run(['node', '-e', script, '--', ...odd])
  assert.equal(JSON.parse(stdout), odd)
})

test('keeps a character whole that arrives in two pieces', async () => {
  const { stdout } = await bash("printf '\\xe2\\x82'; sleep 0.05; printf '\\xac'")
  assert.is(stdout, '€')
})

test('feeds stdin, also an empty one, and gives none otherwise', async () => {
  assert.is((await run(['cat'], { stdin: 'hello' })).stdout, 'hello')
  assert.is((await run(['cat'], { stdin: '' })).stdout, '')
  assert.is((await run(['cat'])).stdout, '')
})

test('survives a program that does not read its stdin', async () => {
  assert.is((await run(['true'], { stdin: Buffer.alloc(4_000_000) })).stdout, '')
})

if (process.platform === 'linux') {
  const gigabyte = 2 ** 30
  test('ends a program that holds more memory than it may, its children included', async () => {
    const hungry = `const kept = []; const eat = () => { kept.push(Buffer.alloc(20e6, 1)); setImmediate(eat) }; eat()`
    const limits = { residentBytes: gigabyte / 4, cpuMs: 0 }
    const script = `node -e '${hungry}'; echo survived`
    const { reason } = await failure(bash(script, { limits, timeoutMs: 60_000 }))
    assert.is(reason, 'memory')
  })

  test('ends a program that computes for longer than it may', async () => {
    const limits = { residentBytes: gigabyte, cpuMs: 300 }
    const { reason } = await failure(bash('while :; do :; done', { limits, timeoutMs: 60_000 }))
    assert.is(reason, 'cpu')
  })

  test('lets a program run that keeps within its limits', async () => {
    const limits = { residentBytes: gigabyte, cpuMs: 10_000 }
    assert.is((await bash('echo done', { limits })).stdout, 'done\n')
  })
}

test('lets a program run whose timeout is longer than a timer can be', async () => {
  assert.is((await bash('sleep 0.2; echo done', { timeoutMs: 2_500_000_000 })).stdout, 'done\n')
  assert.is((await bash('sleep 0.2; echo done', { timeoutMs: Infinity })).stdout, 'done\n')
})

test('runs in the given directory with the given environment', async () => {
  const { stdout } = await bash('pwd; echo "$A-${B-unset}-$SHLVL"', {
    cwd: '/',
    env: { A: 'a b', B: undefined, SHLVL: '4', BASH_ENV: '/nonexistent' },
  })
  assert.is(stdout, '/\na b-unset-5\n')
})

test('is not told otherwise by ZX_ variables or shell start-up files', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'exec-test-'))
  const env = { ...process.env, ZX_PREFIX: 'echo no;', ZX_SHELL: '/bin/false', HOME: directory }
  const other = createRunner({ env })
  assert.is((await other(['echo', 'yes'])).stdout, 'yes\n')
  await rm(directory, { recursive: true })
})

test('reports the exit code and stderr of a program that fails', async () => {
  const error = await failure(bash('echo why >&2; exit 3'))
  assert.equal([error.reason, error.exitCode, error.stderr], ['exit', 3, 'why\n'])
})

test('says which signal killed a program', async () => {
  const error = await failure(bash('kill -9 $$'))
  assert.equal([error.reason, error.exitCode, error.stderr], ['exit', null, 'killed by SIGKILL'])
})

test('keeps the output of a program out of the message', async () => {
  const error = await failure(bash('echo secret >&2; exit 1'))
  assert.not.match(error.message, 'secret')
})

for (const [situation, command, cwd] of [
  ['does not exist', ['no-such-program', 'x'], '/'],
  ['is not executable', ['/etc/passwd'], '/'],
  ['has no such working directory', ['true'], '/no/such/directory'],
  ['contains a NUL byte', ['echo', 'a\0b'], '/'],
] as const) {
  test(`fails with "spawn" when the program ${situation}`, async () => {
    assert.is((await failure(run(command, { cwd }))).reason, 'spawn')
  })
}

test('takes exit code 127 of a program itself for an exit', async () => {
  const error = await failure(bash('exit 127'))
  assert.equal([error.reason, error.exitCode], ['exit', 127])
})

test('ends a program that is out of time, even one that ignores SIGTERM', async () => {
  const script = 'trap "" TERM; while :; do sleep 1; done'
  const error = await failure(bash(script, { timeoutMs: 100, graceMs: 200 }))
  assert.is(error.reason, 'timeout')
})

test('gives a program that is out of time the grace to end by itself', async () => {
  const script = 'trap "echo bye >&2; exit 9" TERM; while :; do sleep 0.05; done'
  const error = await failure(bash(script, { timeoutMs: 200, graceMs: 10_000 }))
  assert.equal([error.reason, error.exitCode, error.stderr.endsWith('bye\n')], ['timeout', 9, true])
})

test('counts a program as late that succeeds after its time', async () => {
  const script = 'trap "exit 0" TERM; while :; do sleep 0.05; done'
  assert.is((await failure(bash(script, { timeoutMs: 200 }))).reason, 'timeout')
})

test('takes whatever a stopped program started with it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'exec-test-'))
  const script = `(trap "" TERM; echo $BASHPID > ${directory}/pid; while :; do sleep 1; done) & wait`
  await failure(bash(script, { timeoutMs: 400, graceMs: 100 }))
  const pid = Number(await readFile(join(directory, 'pid'), 'utf8'))
  assert.ok(pid > 0)
  await until('it is gone', async () => !(await isRunning(pid)))
  await rm(directory, { recursive: true })
})

test('does not wait for what a finished program left behind', async () => {
  // A daemon: in a session of its own, with the standard output of the one that started it.
  const daemon = `const options = { detached: true, stdio: ['ignore', 'inherit', 'ignore'] }
    const child = require('node:child_process').spawn('sleep', ['600'], options)
    child.unref()
    console.log(child.pid)`
  const { stdout } = await run(['node', '-e', daemon])
  const pid = Number(stdout)
  assert.ok(await isRunning(pid))
  process.kill(pid)
})

test('ends a program when the signal is aborted', async () => {
  const stop = new AbortController()
  const ended = failure(bash('sleep 20', { signal: stop.signal, timeoutMs: 10_000 }))
  stop.abort()
  assert.is((await ended).reason, 'abort')
})

test('starts nothing when the signal is aborted already', async () => {
  const started: string[] = []
  const counted = createRunner({ ...host, onStart: (program) => started.push(program) })
  const error = await failure(counted(['true'], { signal: AbortSignal.abort() }))
  assert.equal([error.reason, started], ['abort', []])
})

test('stops a program that prints more than may be kept', async () => {
  const error = await failure(run(['yes'], { maxOutputBytes: 100_000 }))
  assert.is(error.reason, 'overflow')
})

test('keeps the end of a long stderr', async () => {
  const error = await failure(bash('yes | head -c 1000000 >&2; echo last >&2; exit 1'))
  assert.ok(error.stderr.length <= 8_192)
  assert.ok(error.stderr.endsWith('last\n'))
})

test('tells the host of every start and every end', async () => {
  const seen: string[] = []
  const counted = createRunner({
    ...host,
    onStart: (program) => seen.push(`start ${program}`),
    onEnd: (program) => seen.push(`end ${program}`),
  })
  await counted(['true'])
  await counted(['false']).catch(() => {})
  assert.equal(seen, ['start true', 'end true', 'start false', 'end false'])
})

test('says so at once when there is no bash', () => {
  try {
    createRunner({ env: { PATH: '/nonexistent' } })
    assert.unreachable()
  } catch (error) {
    assert.is((error as ReconcileError).code, 'ProgramMissing')
  }
})

test.run()
