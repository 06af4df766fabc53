// A parser for what is tested with one. Its thread keeps no process alive, so that nobody need end it.
import { createParser, parserLimits, type Parser } from '../../lib/edge/parser/parser.ts'

export function testParser(over: Partial<Parameters<typeof createParser>[0]> = {}): Parser {
  return createParser({ ...parserLimits, now: Date.now, onRefused: () => {}, ...over })
}
