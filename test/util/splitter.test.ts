import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLineSplitter } from '../../lib/util/splitter.ts'

const test = suite('createLineSplitter()')

function split(
  text: string,
  size: number,
  maxLineBytes = 1_000,
): { lines: string[]; dropped: number } {
  let dropped = 0
  const splitter = createLineSplitter(maxLineBytes, () => dropped++)
  const bytes = Buffer.from(text)
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += size)
    lines.push(...splitter.push(bytes.subarray(at, at + size)))
  return { lines: [...lines, ...splitter.end()], dropped }
}

for (const size of [1, 2, 3, 7, 1_000]) {
  test(`gives the same lines in pieces of ${size} bytes`, () => {
    const text = 'one\n\nzwei €\n三四五\nrest'
    assert.equal(split(text, size).lines, ['one', '', 'zwei €', '三四五', 'rest'])
  })
}

test('gives no empty line after the last line feed', () => {
  assert.equal(split('a\n', 10).lines, ['a'])
})

test('drops a line that is too long, says so, and goes on with the next', () => {
  for (const size of [1, 4, 100])
    assert.equal(split('ab\n0123456789\ncd\n', size, 5), { lines: ['ab', 'cd'], dropped: 1 })
})

test('drops a too long rest', () => {
  assert.equal(split('0123456789', 3, 5), { lines: [], dropped: 1 })
})

test('keeps a line of exactly the limit', () => {
  assert.equal(split('12345\n', 2, 5), { lines: ['12345'], dropped: 0 })
})

test.run()
