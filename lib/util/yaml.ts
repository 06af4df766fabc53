// YAML as Helm reads it: the 1.1 rules of Go's yaml.v2 on its way to JSON, where "yes" is true and 0777 is 511.
import { Buffer } from 'node:buffer'
import { parseAllDocuments, type CollectionTag, type ScalarTag } from 'yaml'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

// What YAML 1.1 has and yaml.v2 has not: times and base-60 numbers stay text, sets and ordered maps are maps.
const unknownToGo = ['timestamp', 'set', 'omap', 'pairs', 'binary']
const dialect: ScalarTag[] = [
  {
    tag: 'tag:yaml.org,2002:binary',
    resolve: (text) => Buffer.from(text.replace(/\s/g, ''), 'base64').toString(),
  },
  // Go reads its own spellings of octal, binary and hexadecimal numbers.
  {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    test: /^[-+]?0(?:[oO][0-7_]+|B[01_]+|X[0-9a-fA-F_]+)$/,
    resolve: (text) => {
      const digits = text.replaceAll('_', '').toLowerCase()
      return Number(digits.replace(/^[-+]/, '')) * (digits.startsWith('-') ? -1 : 1)
    },
  },
]

/**
 * The first document as JSON; null when there is none. Numbers are doubles, as in Helm. Throws an Error that names line and
 * column but quotes nothing, since the text may be secret.
 */
export function parseYaml(text: string): Json {
  const [document] = parseAllDocuments(firstDocument(text), {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    customTags: (tags) => [...dialect, ...tags.filter(isKnownToGo)],
  })
  if (!document || !('toJS' in document)) return null
  const [error] = document.errors
  if (error) {
    const before = text.slice(0, error.pos[0]).split('\n')
    const place = `line ${before.length}, column ${before.at(-1)!.length + 1}`
    throw new Error(`not valid YAML at ${place} (${error.code})`)
  }
  try {
    // A handful of lines can stand for gigabytes; a thousand aliases are more than anybody wrote.
    return toJson(document.toJS({ mapAsMap: true, maxAliasCount: 1_000 }))
  } catch {
    // The library's message names the alias, which may be a password that begins with an asterisk.
    throw new Error('not valid YAML (an alias "*…", a merge "<<" or a key means nothing)')
  }
}

// What follows need not even be YAML. Positions must stay what they are in the whole text.
function firstDocument(text: string): string {
  const content = text.search(/^(?!#|---|%|\s*$)/m)
  const end = content < 0 ? -1 : text.slice(content).search(/^(?:---|\.\.\.)(?=\s|$)/m)
  return end < 0 ? text : text.slice(0, content + end)
}

function isKnownToGo(tag: string | ScalarTag | CollectionTag): boolean {
  if (typeof tag === 'string') return true
  const format = 'format' in tag ? tag.format : undefined
  return !unknownToGo.some((name) => tag.tag.endsWith(`:${name}`)) && format !== 'TIME'
}

// Keys become text as JSON demands it; what JSON cannot say becomes null.
function toJson(value: unknown): Json {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, member]) => [toKey(key), toJson(member)]))
  }
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  return null
}

function toKey(key: unknown): string {
  if (typeof key === 'object' && key !== null) throw new TypeError('a key is no text')
  return String(key)
}
