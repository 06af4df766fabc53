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
 * The first document as JSON; null when there is none. `why` names place and kind of a mistake but quotes nothing, since
 * the text may be secret. Numbers are doubles, as in Helm.
 */
export function readYaml(text: string): { value: Json } | { why: string } {
  const [document] = parseAllDocuments(text, {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    logLevel: 'silent',
    stringKeys: false,
    customTags: (tags) => [...dialect, ...tags.filter(isKnownToGo)],
  })
  if (!document || !('toJS' in document)) return { value: null }
  const [error] = document.errors
  if (error) {
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 }
    return { why: `line ${line}, column ${col}: ${error.code.toLowerCase().replaceAll('_', ' ')}` }
  }
  try {
    // A handful of lines can stand for gigabytes; a hundred aliases are more than anybody wrote.
    return { value: toJson(document.toJS({ mapAsMap: true, maxAliasCount: 100 })) }
  } catch {
    return { why: 'aliases are nested too deeply or have no anchor' }
  }
}

function isKnownToGo(tag: string | ScalarTag | CollectionTag): boolean {
  if (typeof tag === 'string') return true
  const format = 'format' in tag ? tag.format : undefined
  return !unknownToGo.some((name) => tag.tag.endsWith(`:${name}`)) && format !== 'TIME'
}

// Keys become text as JSON demands it; what JSON cannot say becomes null.
function toJson(value: unknown): Json {
  if (value instanceof Map) {
    const members = [...value].map(([key, member]) => [String(key), toJson(member)] as const)
    return Object.fromEntries(members)
  }
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string' || typeof value === 'boolean') return value
  return null
}
