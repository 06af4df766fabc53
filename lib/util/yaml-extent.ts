// How much YAML is in a text, found out without building anything of it. What is nested too deeply must not even come to the
// parser: where the call stack ends while V8 compiles an expression, V8 ends the process, not only the thread.
import { Lexer } from 'yaml'

/** It may be valid YAML, but there is too much of it. The message goes on from "the document". */
export class YamlTooLarge extends Error {
  override readonly name = 'YamlTooLarge'
}

// Words, marks, spaces and line breaks. A syntax tree takes half a kilobyte for each: this many fit into the parser's heap.
const maxTokens = 400_000
const maxDepth = 200

/** Throws YamlTooLarge for a text of which a syntax tree would take too much memory or too deep a call stack. */
export function checkYamlExtent(text: string): void {
  let tokens = 0
  const depth = new Depth()
  for (const token of new Lexer().lex(text)) {
    if (++tokens > maxTokens) throw new YamlTooLarge('has too many words and marks')
    depth.take(token)
    if (depth.now > maxDepth) throw new YamlTooLarge(`is nested more than ${maxDepth} levels deep`)
  }
}

// Counts brackets that are open, and columns at which collections in block style have begun.
class Depth {
  #brackets = 0
  #columns: number[] = []
  #column = 0
  #isFirst = true

  get now(): number {
    return this.#brackets + this.#columns.length
  }

  take(token: string): void {
    if (token === '[' || token === '{') this.#brackets++
    else if (token === ']' || token === '}') this.#brackets = Math.max(0, this.#brackets - 1)
    else if (this.#brackets === 0 && !/^[\s\x02\x18\x1f\ufeff]/.test(token)) this.#begin(token)
    this.#move(token)
  }

  // Only the first word of a line and marks that may follow each other begin something.
  #begin(token: string): void {
    const isMark = token === '-' || token === '?'
    if (!this.#isFirst && !isMark) return
    const columns = this.#columns
    if (this.#isFirst) while ((columns.at(-1) ?? -1) > this.#column) columns.pop()
    this.#isFirst = false
    if ((columns.at(-1) ?? -1) < this.#column) columns.push(this.#column)
  }

  #move(token: string): void {
    const lineFeed = token.lastIndexOf('\n')
    if (lineFeed >= 0) {
      this.#column = token.length - lineFeed - 1
      this.#isFirst = this.#column === 0
    } else if (!/^[\x02\x18\x1f]$/.test(token)) this.#column += token.length
  }
}
