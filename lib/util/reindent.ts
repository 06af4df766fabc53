// Lines inside brackets and quotes, where Go's YAML parser lets them stand anywhere and ours wants them to be deeper than what
// they belong to: moved in until ours is content, because their indentation means nothing.

type Mistake = { code: string; message: string; pos: [number, number] }
type Moved = { line: number; width: number }

const tooShallow = /^(?:Flow (?:map|sequence) in block collection|Missing closing)/
// Each line costs another reading of the whole text.
const mostCharacters = 1_000_000
const mostLines = 100

/**
 * What `parse` makes of a text, with lines moved in where only that is wrong with it, and the text that was parsed in the end;
 * if that does not help, what it makes of the text as it is.
 */
export function parseMovingIn<T extends { errors: readonly Mistake[] }>(
  text: string,
  parse: (text: string) => T | undefined,
): { document: T | undefined; parsed: string } {
  const asItIs = { document: parse(text), parsed: text }
  let last: Moved | undefined
  let { document, parsed } = asItIs
  const most = Math.min(mostCharacters, mostLines * text.length)
  for (let left = most; left > 0; left -= parsed.length) {
    const [mistake] = document?.errors ?? []
    if (mistake === undefined) return { document, parsed }
    const lines = parsed.split('\n')
    const line = lineAfter(parsed, mistake)
    if (line === undefined || line >= lines.length) return asItIs
    last = { line, width: widthFor(lines, line, last) }
    if (/^ */.exec(lines[line]!)![0].length >= last.width) return asItIs
    lines[line] = ' '.repeat(last.width) + lines[line]!.trimStart()
    parsed = lines.join('\n')
    document = parse(parsed)
  }
  return asItIs
}

// The line that ours takes for the end of the brackets or quotes.
function lineAfter(text: string, { message, pos }: Mistake): number | undefined {
  if (!tooShallow.test(message)) return undefined
  const before = text.slice(0, pos[0]).split('\n')
  let line = before.at(-1) === '' ? before.length - 1 : before.length
  const lines = text.split('\n')
  while (line < lines.length && lines[line]!.trim() === '') line++
  return line
}

// Deeper than the line before it, or just as deep if that was moved in, too.
function widthFor(lines: readonly string[], line: number, last: Moved | undefined): number {
  let before = line - 1
  while (before > 0 && /^\s*(?:#|$)/.test(lines[before]!)) before--
  if (last?.line === before) return last.width
  return /^[ -]*/.exec(lines[before] ?? '')![0].length + 1
}
