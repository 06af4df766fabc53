import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { condense } from '../../lib/util/condense.ts'

const test = suite('condense()')

test('leaves what a program usually says as it is', () => {
  const text = `Error: UPGRADE FAILED: 2 errors occurred:\n\t* one "${'n'.repeat(253)}"\n\t* two\n\n`
  assert.is(condense(text), text)
})

for (const [what, text] of [
  ['a word without end', 'a'.repeat(65_536)],
  ['empty lines without end', `a${'\n'.repeat(65_536)}b`],
  ['blanks without end', `a${' '.repeat(65_536)}b`],
  ['words without end', 'one "two" is '.repeat(6_000)],
] as const)
  test(`cuts ${what}`, () => {
    const short = condense(text)
    assert.ok(short.length < 8_200, `${short.length} characters`)
    assert.not.match(short, /\S{513}/)
    assert.not.match(short, /\s{17}/)
  })

test('keeps how a long text begins and ends', () => {
  const short = condense(`Error: it ${'went on and on '.repeat(6_000)}killed by SIGKILL`)
  assert.match(short, /^Error: it went on/)
  assert.match(short, /killed by SIGKILL$/)
})

test('keeps lines apart whose gap it shortens', () => {
  assert.is(condense(`a${' '.repeat(20)}\n${' '.repeat(20)}b`), 'a\nb')
})

test.run()
