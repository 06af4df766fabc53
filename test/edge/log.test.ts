import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLog, type LogFormat } from '../../lib/edge/log.ts'
import { ApiError, CommandError, ReconcileError } from '../../lib/model/errors.ts'
import type { Log } from '../../lib/model/ports.ts'
import { createRedactor } from '../../lib/util/redact.ts'

const test = suite('createLog()')
const now = (): number => Date.UTC(2024, 0, 2, 3, 4, 5, 6)

function written(format: LogFormat, use: (log: Log) => void): string {
  let text = ''
  const redact = createRedactor(['hunter2 "x"'])
  use(createLog({ format, write: (line) => (text += line), now, redact }))
  return text
}

test('writes logfmt with the message under its level', () => {
  const text = written('fmt', (log) => {
    log.with({ component: 'release' }).info('upgrade succeeded', { revision: 3, wait: true })
    log.warn('slow')
    log.error('upgrade failed', { err: 'no' })
  })
  assert.is(
    text,
    'ts=2024-01-02T03:04:05.006Z component=release info="upgrade succeeded" revision=3 wait=true\n' +
      'ts=2024-01-02T03:04:05.006Z warning=slow\n' +
      'ts=2024-01-02T03:04:05.006Z error="upgrade failed" err=no\n',
  )
})

test('writes JSON that keeps numbers, booleans and null', () => {
  const text = written('json', (log) => log.info('x', { a: 1, b: false, c: null, d: { e: [1] } }))
  assert.equal(JSON.parse(text), {
    ts: '2024-01-02T03:04:05.006Z',
    info: 'x',
    a: 1,
    b: false,
    c: null,
    d: '{"e":[1]}',
  })
})

for (const format of ['fmt', 'json'] as const) {
  test(`writes one line a record as ${format}, whatever is in it`, () => {
    const odd = 'a\nb\r\tc\u0000\u0085\u2028 = "q" \\ é'
    const text = written(format, (log) => log.info(odd, { 'odd name=': odd }))
    assert.is(text.trimEnd().split(/[\n\r\u0085\u2028]/).length, 1)
    assert.ok(text.endsWith('\n'))
    assert.match(text, 'é')
  })

  test(`takes secrets out of ${format}, also those that quoting would change`, () => {
    const text = written(format, (log) => {
      const error = new Error('got hunter2 "x"', { cause: new Error('from hunter2 "x"') })
      log.with({ field: 'hunter2 "x"' }).info('x', { error, nested: ['hunter2 "x"'] })
    })
    assert.not.match(text, 'hunter2')
  })
}

test('keeps the message and names whole, though a secret be the same word', () => {
  let text = ''
  const redact = createRedactor(['test', 'default'])
  const log = createLog({ format: 'fmt', write: (line) => (text = line), now, redact })
  log.with({ release: 'default-web' }).info('test failed', { action: 'test', why: 'no test' })
  assert.match(text, 'release=default-web info="test failed" action=test why="no ***"')
})

test('keeps the secrets of one log out of its own lines only', () => {
  const lines: string[] = []
  const log = createLog({ format: 'fmt', write: (line) => lines.push(line), now, redact: (a) => a })
  log
    .with({ a: 'hunter2' }, createRedactor(['hunter2']))
    .with({})
    .info('x')
  log.info('x', { a: 'hunter2' })
  assert.match(lines[0]!, 'a=***')
  assert.match(lines[1]!, 'a=hunter2')
})

test('keeps the message of an error that comes with an error', () => {
  const text = written('fmt', (log) => log.error('upgrade failed', { error: 'no such chart' }))
  assert.match(text, 'error="upgrade failed" err="no such chart"')
})

test('leaves out what is undefined', () => {
  assert.not.match(
    written('fmt', (log) => log.info('x', { a: undefined })),
    'a=',
  )
})

test('says what an error is, and what caused it, but not what a command printed', () => {
  const command = new CommandError({
    program: 'helm',
    args: ['upgrade'],
    reason: 'exit',
    exitCode: 1,
    stderr: 'private',
  })
  const api = new ApiError(409, 'Conflict', 'Cannot patch "a"', { cause: command })
  const error = new ReconcileError('UpgradeFailed', 'Cannot upgrade "b"', { cause: api })
  const text = written('json', (log) => log.error('x', { error }))
  assert.is(
    (JSON.parse(text) as { err: string }).err,
    'UpgradeFailed: Cannot upgrade "b": Conflict: Cannot patch "a": helm upgrade failed: exit 1',
  )
})

test('cuts a field that is a document', () => {
  assert.ok(written('fmt', (log) => log.info('x', { a: 'x'.repeat(1_000_000) })).length < 20_000)
})

test.run()
