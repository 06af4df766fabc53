// A parser for what is tested with one. Its thread keeps no process alive, so that nobody need end it.
import { createParser, parserLimits, type Parser } from '../../lib/edge/parser/parser.ts'

const rest = { ...parserLimits, now: Date.now, onRefused: () => {} }
// Starting a thread takes longer than most tests.
const shared = createParser(rest)

/** The parser that all tests of a process share, or one with other limits of its own. */
export function testParser(over?: Partial<Parameters<typeof createParser>[0]>): Parser {
  return over === undefined ? shared : createParser({ ...rest, ...over })
}
