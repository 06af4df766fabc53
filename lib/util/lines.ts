// The lines of a text one by one. What looks at whole lines is linear, which an expression such as /^\s*x/m is not: it runs
// through the rest of a blank stretch from every line of it.

/** Each line without its line feed, and where it begins. */
export function* linesOf(text: string): Generator<{ line: string; at: number }, void, undefined> {
  let at = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
    yield { line: text.slice(at, end), at }
    at = end + 1
  }
  yield { line: text.slice(at), at }
}
