// Which texts must not be shown to anybody, as long as the release they belong to is known.
import { Needles, piecesOf } from './needles.ts'
import {
  mostSecrets,
  needlesOf,
  redactNeedles,
  redactPatterns,
  type Redact,
  withheld,
} from './redact.ts'

type Known = { texts: readonly string[]; needles: ReadonlySet<string>; pieces?: Set<string> }

// Characters of secrets that are looked for on behalf of one release. Values that are larger are no values, but files.
const mostCharacters = 4_000_000

export class SecretBook {
  readonly #known = new Map<string, Known | 'tooMuch'>()
  readonly #all = new Needles()

  /** These are the secrets of the key by now. Those before them are kept too: Helm's storage and cluster still have them. */
  know(key: string, texts: readonly string[]): void {
    const found = this.#known.get(key)
    const before = found === 'tooMuch' ? undefined : found
    if (before !== undefined && isSame(before.texts, texts)) return
    if (found === undefined && texts.length === 0) return
    const isMany = texts.length > mostSecrets
    const needles = new Set(isMany ? [] : needlesOf([...texts, ...(before?.texts ?? [])]))
    const former = before?.needles ?? new Set()
    let length = 0
    for (const needle of needles) length += needle.length
    const isTooMuch = isMany || length > mostCharacters
    if (!isTooMuch) for (const needle of needles) if (!former.has(needle)) this.#all.add(needle)
    for (const needle of former) if (isTooMuch || !needles.has(needle)) this.#all.remove(needle)
    this.#known.set(key, isTooMuch ? 'tooMuch' : { texts, needles })
  }

  /** Nothing is secret on behalf of the key any more. */
  forget(key: string): void {
    const known = this.#known.get(key)
    if (known !== undefined && known !== 'tooMuch')
      for (const needle of known.needles) this.#all.remove(needle)
    this.#known.delete(key)
  }

  /** Takes the secrets of one key out of a text: what is a secret for one is an ordinary word for another. */
  redactFor(key: string): Redact {
    return (text) => {
      const known = this.#known.get(key)
      if (known === 'tooMuch') return withheld
      if (known === undefined) return redactPatterns(text)
      const pieces = (known.pieces ??= new Set([...known.needles].flatMap(piecesOf)))
      return redactPatterns(redactNeedles(text, this.#all, (piece) => pieces.has(piece)))
    }
  }

  /** Takes the secrets of every key out of a text that belongs to none of them. */
  redact(text: string): string {
    return redactPatterns(redactNeedles(text, this.#all))
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index])
}
