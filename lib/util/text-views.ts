// The ways in which one text may be written inside another: as it is, escaped, over several lines, in base64, in hexadecimal.
// Each view of a text is what one gets by undoing one of these, with where in the text each of its bytes comes from.
import { Buffer } from 'node:buffer'

/** Bytes as characters; `place` tells which stretch of the text a stretch of the view stands for. */
export type View = { bytes: string; place: (from: number, to: number) => [number, number] }

const isAscii = /^[\x00-\x7f]*$/

/** A text as one character for each byte of its UTF-8, in which views are looked for. */
export function toBytes(text: string): string {
  if (isAscii.test(text)) return text
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** The inverse of toBytes(). */
export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** All views of a text of bytes, together about ten times its length. */
export function* viewsOf(bytes: string): Generator<View, void, undefined> {
  const plain: View = { bytes, place: (from, to) => [from, to] }
  yield plain
  yield* packedViews(plain)
  // Errors quote each other: what is escaped may be escaped once more.
  let last = plain
  for (let level = 0; level < mostEscapes && /[\\%]/.test(last.bytes); level++) {
    last = unescaped(last)
    yield last
  }
  if (!bytes.includes('\n')) return
  const joined = withoutBreaks(plain)
  yield joined
  yield* packedViews(joined)
}

const mostEscapes = 3
const shortEscapes: Readonly<Record<string, string>> = {
  ...{ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '"': '"', "'": "'", '\\': '\\', '/': '/' },
}
const escape = /\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\(["'\\/ntrbf])|%([0-9a-fA-F]{2})/g

// What JSON, Go's %q and URLs make of a text.
function unescaped(escaped: View): View {
  const { bytes } = escaped
  const build = new Builder(escaped)
  for (const match of bytes.matchAll(escape)) {
    const [whole, unicode, hex, short, percent] = match
    const code = hex ?? percent
    const meant =
      unicode !== undefined
        ? toBytes(String.fromCharCode(Number.parseInt(unicode, 16)))
        : code !== undefined
          ? String.fromCharCode(Number.parseInt(code, 16))
          : (shortEscapes[short ?? ''] ?? '')
    build.replace(match.index, match.index + whole.length, meant)
  }
  return build.view()
}

// A text that was wrapped, or indented as a block.
function withoutBreaks(broken: View): View {
  const { bytes } = broken
  const build = new Builder(broken)
  for (const match of bytes.matchAll(/\r?\n[ \t]*/g))
    build.replace(match.index, match.index + match[0].length, '')
  return build.view()
}

function* packedViews({ bytes, place }: View): Generator<View, void, undefined> {
  for (const { 0: run, index } of bytes.matchAll(/[A-Za-z0-9+/_-]{8,}/g))
    // Amid other bytes a text may begin anywhere.
    for (let offset = 0; offset < 4; offset++)
      yield {
        bytes: Buffer.from(run.slice(offset), 'base64').toString('latin1'),
        place: (from, to) => {
          const start = index + offset
          return place(start + Math.floor((from * 4) / 3), start + Math.ceil((to * 4) / 3))
        },
      }
  for (const { 0: run, index } of bytes.matchAll(/[0-9a-fA-F]{8,}/g))
    for (let offset = 0; offset < 2; offset++)
      yield {
        bytes: Buffer.from(run.slice(offset), 'hex').toString('latin1'),
        place: (from, to) => place(index + offset + 2 * from, index + offset + 2 * to),
      }
}

// A stretch of a view and the stretch of the source that it stands for.
type Part = { inView: number; from: number; to: number; isCopy: boolean }

// A text in which some stretches stand for others.
class Builder {
  readonly #source: View
  readonly #texts: string[] = []
  readonly #parts: Part[] = []
  #at = 0
  #length = 0

  constructor(source: View) {
    this.#source = source
  }

  replace(from: number, to: number, by: string): void {
    this.#copyTo(from)
    this.#push(by, { from, to, isCopy: false })
    this.#at = to
  }

  view(): View {
    this.#copyTo(this.#source.bytes.length)
    return {
      bytes: this.#texts.join(''),
      place: (from, to) => this.#source.place(this.#placeOf(from)[0], this.#placeOf(to - 1)[1]),
    }
  }

  #copyTo(to: number): void {
    this.#push(this.#source.bytes.slice(this.#at, to), { from: this.#at, to, isCopy: true })
  }

  #push(text: string, part: Omit<Part, 'inView'>): void {
    if (text === '') return
    this.#parts.push({ ...part, inView: this.#length })
    this.#texts.push(text)
    this.#length += text.length
  }

  // Where a byte of the view comes from. By bisection: parts are many where there are many escapes.
  #placeOf(index: number): [number, number] {
    let [low, high] = [0, this.#parts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#parts[middle]!.inView <= index) low = middle
      else high = middle - 1
    }
    const { inView, from, to, isCopy } = this.#parts[low]!
    return isCopy ? [from + index - inView, from + index - inView + 1] : [from, to]
  }
}
