import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLines, type LinesOptions } from '../../lib/edge/stream.ts'
import { CommandError } from '../../lib/model/errors.ts'
import { isRunning, processesWith } from '../helpers/processes.ts'
import { until } from '../helpers/until.ts'

const test = suite('lines()')
const lines = createLines({ env: process.env })

type Result = { read: string[]; error: CommandError | undefined }

async function read(
  script: string,
  options?: LinesOptions,
  onLine?: (line: string) => void,
): Promise<Result> {
  return readCommand(['bash', '-c', script], options, onLine)
}

async function readCommand(
  command: readonly string[],
  options?: LinesOptions,
  onLine?: (line: string) => void,
): Promise<Result> {
  const result: Result = { read: [], error: undefined }
  try {
    for await (const line of lines(command, options)) {
      result.read.push(line)
      onLine?.(line)
    }
  } catch (error) {
    assert.instance(error, CommandError)
    result.error = error as CommandError
  }
  return result
}

test('gives every line, also the last one without a line feed, and ends with exit code 0', async () => {
  assert.equal(await read('echo one; echo; printf two'), {
    read: ['one', '', 'two'],
    error: undefined,
  })
})

test('gives a line as soon as it is printed', async () => {
  for await (const line of lines(['bash', '-c', 'echo now; sleep 60'])) {
    assert.is(line, 'now')
    break
  }
})

test('throws after the last line when the program fails', async () => {
  const { read: got, error } = await read('echo one; echo why >&2; exit 4')
  assert.equal(got, ['one'])
  assert.equal([error?.reason, error?.exitCode, error?.stderr], ['exit', 4, 'why\n'])
})

for (const [situation, command] of [
  ['does not exist', ['no-such-program']],
  ['gets a NUL byte', ['echo', 'a\0b']],
] as const) {
  test(`throws "spawn" when the program ${situation}`, async () => {
    assert.is((await readCommand(command)).error?.reason, 'spawn')
  })
}

test('reads a line of 1.5 MB', async () => {
  const { read: got } = await read("head -c 1500000 /dev/zero | tr '\\0' a; echo; echo next")
  assert.equal(
    got.map((line) => line.length),
    [1_500_000, 4],
  )
})

test('drops a line that is too long and goes on', async () => {
  let dropped = 0
  const { read: got } = await read('echo aaaaaaaaaa; echo b', {
    maxLineBytes: 5,
    onTooLong: () => dropped++,
  })
  assert.equal([got, dropped], [['b'], 1])
})

test('a reader that stops reading stops the program and all it started', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'stream-test-'))
  const script = `(echo $BASHPID > ${directory}/pid; echo up; exec sleep 300) & wait`
  for await (const line of lines(['bash', '-c', script])) {
    assert.is(line, 'up')
    break
  }
  const pid = Number(await readFile(join(directory, 'pid'), 'utf8'))
  await until('it is gone', async () => !(await isRunning(pid)))
  await rm(directory, { recursive: true })
})

test('an abort ends a program, even one that ignores SIGTERM', async () => {
  const stop = new AbortController()
  const script = 'trap "" TERM; echo up; while :; do sleep 0.1; done'
  const options = { signal: stop.signal, graceMs: 100 }
  const ended = read(script, options, () => stop.abort())
  assert.is((await ended).error?.reason, 'abort')
})

test('starts nothing when the signal is aborted already', async () => {
  const seen: string[] = []
  const counted = createLines({ env: process.env, onStart: (program) => seen.push(program) })
  const first = counted(['true'], { signal: AbortSignal.abort() }).next()
  assert.is(await first.catch((error: CommandError) => error.reason), 'abort')
  assert.equal(seen, [])
})

test('reads no faster than its reader', async () => {
  const word = `word-${process.pid}`
  const reading = lines(['yes', word])
  assert.is((await reading.next()).value, word)
  const [program] = await processesWith(word)
  let written = 0
  await until('the program waits for its reader', async () => {
    const before = written
    written = await bytesWritten(program!.pid)
    return written === before
  })
  assert.ok(written < 10_000_000, `${written} bytes`)
  await reading.return(undefined)
})

async function bytesWritten(pid: number): Promise<number> {
  return Number(/^wchar: (\d+)$/m.exec(await readFile(`/proc/${pid}/io`, 'utf8'))?.[1])
}

test.run()
