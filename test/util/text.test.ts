import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeText } from '../../lib/util/text.ts'

const test = suite('decodeText()')

for (const [what, bytes, expected] of [
  ['UTF-8', Buffer.from('a: é€😀\n'), 'a: é€😀\n'],
  ['UTF-8 with a byte order mark', Buffer.from('\ufeffa: 1'), 'a: 1'],
  ['UTF-16 with a byte order mark', Buffer.from('\ufeffa: é', 'utf16le'), 'a: é'],
  ['big-endian UTF-16', Buffer.from('\ufeffa: é', 'utf16le').swap16(), 'a: é'],
  ['nothing', Buffer.alloc(0), ''],
  ['Latin-1', Buffer.from('a: \xe9', 'latin1'), undefined],
  ['the bytes of a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d]), undefined],
] as const) {
  test(`reads ${what}${expected === undefined ? ' as no text' : ''}`, () => {
    assert.is(decodeText(bytes), expected)
  })
}

test.run()
