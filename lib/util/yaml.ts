// YAML as Helm reads it: version 1.1 with the exceptions of Go's library, so that "yes" is true and a date is a text.
import { parseDocument } from 'yaml'

/**
 * The first document of a YAML text as JSON. Throws an Error that names line and column but quotes nothing of the text,
 * which may be secret. An empty text is null.
 */
export function parseYaml(text: string): unknown {
  const [first = ''] = text.replace(/^(?:---[ \t]*\n)?/, '').split(/^(?:---|\.\.\.)(?=\s|$)/m)
  const document = parseDocument(first, {
    version: '1.1',
    merge: true,
    prettyErrors: false,
    // Go's library leaves dates and base-60 numbers alone.
    customTags: (tags) =>
      tags.filter(
        (tag) =>
          typeof tag === 'string' ||
          !(tag.tag.endsWith(':timestamp') || ('format' in tag && tag.format === 'TIME')),
      ),
  })
  const [error] = document.errors
  if (error !== undefined) {
    const before = first.slice(0, error.pos[0]).split('\n')
    throw new Error(
      `not valid YAML at line ${before.length}, column ${before.at(-1)!.length + 1} (${error.code})`,
    )
  }
  return toJson(document.toJS({ maxAliasCount: 1_000 }))
}

// Keys are texts, and what JSON cannot say becomes what Go's bridge makes of it.
function toJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toJson)
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, one]) => [String(key), toJson(one)]))
  if (value instanceof Uint8Array) return new TextDecoder('latin1').decode(value)
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toJson(one)]))
}
