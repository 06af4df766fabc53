// The thread that reads what others wrote: what is too much for it ends it, and nothing else.
import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isLittle } from '../../../lib/edge/parser/little.ts'
import type { Call, Parser } from '../../../lib/edge/parser/parser.ts'
import { ReconcileError } from '../../../lib/model/errors.ts'
import { digestText } from '../../../lib/util/digest.ts'
import { testParser } from '../../helpers/parser.ts'

const test = suite('createParser()')

// A few hundred nodes, which is more than is read in line.
const ordinary = `text: ${'x'.repeat(5_000)}\n${'a: { b: 1 }\n'.repeat(10)}`

function callOf(text: string): Call {
  return {
    isLittle: isLittle(Buffer.from(text)),
    identity: () => digestText(text),
    refuse: (why) => new ReconcileError('ValuesInvalid', `Cannot use values: ${why}`),
  }
}

async function read(parser: Parser, text: string): Promise<string> {
  return await parser.run('values', Buffer.from(text), callOf(text)).then(
    (values) => Object.keys(values).join(' '),
    (error: Error) => error.message,
  )
}

async function withParser(
  over: Parameters<typeof testParser>[0],
  use: (parser: Parser, refused: string[]) => Promise<void>,
): Promise<void> {
  const refused: string[] = []
  const parser = testParser({ ...over, onRefused: (reason) => refused.push(reason) })
  try {
    await use(parser, refused)
  } finally {
    await parser.close()
  }
}

test('reads in its thread what it reads in line, and says the same of what is wrong', async () => {
  await withParser({}, async (parser) => {
    assert.is(await read(parser, 'a: 1'), 'a')
    assert.is(await read(parser, ordinary), 'text a')
    assert.is(await read(parser, 'a: ]'), await read(parser, `a: ]\n# ${'x'.repeat(5_000)}`))
  })
})

// As much as the parser takes for sensible, read with a tenth of the heap it has.
const large = Array.from({ length: 40_000 }, (_, index) => `k${index}: v`).join('\n')

test('an input that takes too much memory ends the thread only, and is not read again', async () => {
  await withParser({ heapMb: 24, deadlineMs: 10_000 }, async (parser, refused) => {
    const first = await read(parser, large)
    assert.match(
      first,
      /^Cannot use values: reading it takes more than (24 MB of memory|10 s); it is/,
    )
    assert.is(await read(parser, large), first)
    assert.is(await read(parser, ordinary), 'text a')
    assert.is(refused.length, 2)
    assert.is(refused[1], 'known')
  })
})

test('an input that takes too long is given up, and those behind it are read', async () => {
  await withParser({ deadlineMs: 1 }, async (parser, refused) => {
    const why =
      'Cannot use values: reading it takes more than 0.001 s; it is not read again until it changes'
    assert.equal(await Promise.all([read(parser, large), read(parser, `${large}\n`)]), [why, why])
    assert.equal(refused, ['time', 'time'])
  })
})

test('what was refused is read again after an hour: it may have been the machine', async () => {
  let now = 0
  const limits = { deadlineMs: 1, now: () => now }
  await withParser(limits, async (parser, refused) => {
    await read(parser, large)
    now = 3_599_999
    await read(parser, large)
    now = 3_600_000
    await read(parser, large)
    assert.equal(refused, ['time', 'known', 'time'])
  })
})

test('what is not read when it is closed is interrupted', async () => {
  const parser = testParser({})
  const pending = Promise.allSettled([read(parser, large), read(parser, ordinary)])
  await parser.close()
  const why = 'Cannot read further input: shutting down'
  assert.equal(
    (await pending).map((one) => one.status === 'fulfilled' && one.value),
    [why, why],
  )
  assert.is(await read(parser, ordinary), why)
})

test('a thread that was idle for long is started anew', async () => {
  await withParser({ idleMs: 0 }, async (parser) => {
    for (let round = 0; round < 3; round++) {
      assert.is(await read(parser, ordinary), 'text a')
      // Timers of one length go off in their order: the one that ends the thread is older.
      await new Promise((resolve) => setTimeout(resolve, 0))
    }
  })
})

test.run()
