// Regular expressions as Go has them: RE2 syntax, time linear in the text, and no pattern that costs more than its length
// allows. JavaScript's own would take other patterns for the same and can be made to run for ever.
import { RE2JS } from 're2js'

// Longer ones are refused: a program is compiled from every sign.
const longestPattern = 10_000

/** The compiled pattern; throws Error with RE2's words for what is none. */
export function compileRe2(pattern: string): RE2JS {
  if (pattern.length > longestPattern)
    throw new Error(`error parsing regexp: expression is longer than ${longestPattern} characters`)
  return RE2JS.compile(pattern)
}

/** All matches of the whole pattern, at most `most` of them. */
export function findAll(expression: RE2JS, text: string, most = Infinity): string[] {
  const found: string[] = []
  const matcher = expression.matcher(text)
  while (found.length < most && matcher.find()) found.push(matcher.group() ?? '')
  return found
}
