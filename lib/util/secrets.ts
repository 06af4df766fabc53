// Which texts must not be shown to anybody, as long as the release they belong to is known.
import { createRedactor, formsOf, mask, type Redact, redactPatterns, shortest } from './redact.ts'

type Known = { texts: readonly string[]; forms: readonly string[]; redact: Redact }

export class SecretBook {
  readonly #known = new Map<string, Known>()
  // Every form by how it begins, with how many keys it belongs to: looking one up costs the same for one release and a thousand.
  readonly #heads = new Map<string, Map<string, number>>()

  /** These are the secrets of the key by now. Those before them are kept too: Helm's storage and cluster still have them. */
  know(key: string, texts: readonly string[]): void {
    const before = this.#known.get(key)
    if (before !== undefined && isSame(before.texts, texts)) return
    if (before === undefined && texts.length === 0) return
    const all = [...new Set([...texts, ...(before?.texts ?? [])])]
    const forms = formsOf(all)
    for (const form of forms) this.#count(form, 1)
    for (const form of before?.forms ?? []) this.#count(form, -1)
    this.#known.set(key, { texts, forms, redact: createRedactor(all) })
  }

  /** Nothing is secret on behalf of the key any more. */
  forget(key: string): void {
    for (const form of this.#known.get(key)?.forms ?? []) this.#count(form, -1)
    this.#known.delete(key)
  }

  /** Takes the secrets of one key out of a text: what is a secret for one is an ordinary word for another. */
  redactFor(key: string): Redact {
    return (text) => (this.#known.get(key)?.redact ?? redactPatterns)(text)
  }

  /** Takes the secrets of every key out of a text that belongs to none of them. */
  redact(text: string): string {
    let shown = ''
    let from = 0
    for (let at = 0; at + shortest <= text.length; at++) {
      const form = this.#formAt(text, at)
      if (form === undefined) continue
      shown += text.slice(from, at) + mask
      from = at + form.length
      at = from - 1
    }
    return redactPatterns(shown + text.slice(from))
  }

  #formAt(text: string, at: number): string | undefined {
    let longest: string | undefined
    for (const form of this.#heads.get(text.slice(at, at + shortest))?.keys() ?? [])
      if (form.length > (longest?.length ?? 0) && text.startsWith(form, at)) longest = form
    return longest
  }

  #count(form: string, change: number): void {
    const head = form.slice(0, shortest)
    const forms = this.#heads.get(head) ?? new Map<string, number>()
    const count = (forms.get(form) ?? 0) + change
    if (count > 0) forms.set(form, count)
    else forms.delete(form)
    if (forms.size > 0) this.#heads.set(head, forms)
    else this.#heads.delete(head)
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index])
}
