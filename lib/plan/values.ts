// How the values of a release are put together from its sources, and what of them must not be shown.
import { Buffer } from 'node:buffer'
import type { Json, JsonObject } from '../model/json.ts'
import type { ValuesReference } from '../model/release.ts'
import { mergeValues } from '../util/merge.ts'

/** Sources in their order, lowest precedence first, then the inline values over all of them. */
export function composeValues(sources: readonly JsonObject[], inline: JsonObject): JsonObject {
  return [...sources, inline].reduce((under, over) => mergeValues(under, over), {})
}

/** May what comes from there be secret? Who guards a web server also guards what is on it, for all we know. */
export function mayBeSecret({ kind }: ValuesReference): boolean {
  return kind === 'Secret' || kind === 'url'
}

// Words of every other sentence.
const ordinary = /^\s*(?:true|false|null|none|default)?\s*$/i

/** Every text in a document that a message might quote: as it stands, and as a template would decode it. */
export function secretTexts(document: Json): string[] {
  if (typeof document === 'string')
    return ordinary.test(document) ? [] : [document, ...decoded(document)]
  // Shorter numbers are ports and counts, and would be missing from every message.
  if (typeof document === 'number') return String(document).length >= 6 ? [String(document)] : []
  if (typeof document !== 'object' || document === null) return []
  return Object.values(document).flatMap(secretTexts)
}

function decoded(text: string): string[] {
  const packed = text.replace(/\s/g, '')
  if (packed.length < 8 || packed.length % 4 !== 0 || !/^[\w+/-]+=*$/.test(packed)) return []
  const plain = Buffer.from(packed, 'base64').toString()
  return /^[^\u0000-\u0008\ufffd]+$/.test(plain) ? [plain] : []
}
