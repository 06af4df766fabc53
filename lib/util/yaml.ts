// YAML as Helm reads it: the 1.1 rules of Go's yaml.v2 on its way to JSON, where "yes" is true and 0777 is 511.
import { Buffer } from 'node:buffer'
import {
  type CollectionTag,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  Scalar,
  type ScalarTag,
} from 'yaml'
import { valuesExtent } from './extent.ts'
import { numberAsKey, readNumber } from './gonumber.ts'
import { linesOf } from './lines.ts'
import { parseMovingIn } from './reindent.ts'
import { checkYamlExtent, YamlTooLarge } from './yaml-extent.ts'

type Context = Parameters<NonNullable<Scalar['addToJSMap']>>[0]
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

// What YAML 1.1 has and yaml.v2 has not: times and base-60 numbers stay text, sets and ordered maps are maps.
const unknownToGo = ['int', 'float', 'merge', 'timestamp', 'set', 'omap', 'pairs', 'binary']
const dialect: ScalarTag[] = [
  {
    tag: 'tag:yaml.org,2002:binary',
    resolve: (text) => Buffer.from(text.replace(/\s/g, ''), 'base64').toString(),
  },
  {
    tag: 'tag:yaml.org,2002:number',
    default: true,
    test: /^[-+.0-9]/,
    resolve: (word) => readNumber(word) ?? word,
  },
  { tag: 'tag:yaml.org,2002:int', resolve: (word) => readNumber(word) ?? noNumber() },
  { tag: 'tag:yaml.org,2002:float', resolve: (word) => Number(readNumber(word) ?? noNumber()) },
  {
    tag: 'tag:yaml.org,2002:merge',
    default: 'key',
    test: /^<<$/,
    resolve: () => Object.assign(new Scalar('<<'), { addToJSMap: mergeInto }),
  },
]

class NoJson extends Error {
  constructor(why: string) {
    super(`not valid YAML (${why})`)
  }
}

const { maxDepth, maxNodes } = valuesExtent

/**
 * The first document as JSON; null when there is none. Numbers are doubles, as in Helm. Throws YamlTooLarge, or an Error that
 * names line and column but quotes nothing, since the text may be secret.
 */
export function parseYaml(text: string): Json {
  const first = firstDocument(text)
  checkYamlExtent(first)
  const { document, parsed } = parseMovingIn(first, parseFirst)
  if (document === undefined) return null
  const [error] = document.errors
  if (error) {
    const before = text.slice(0, error.pos[0]).split('\n')
    const place = `line ${before.length}, column ${before.at(-1)!.length + 1}`
    throw new Error(`not valid YAML at ${place} (${error.code})`)
  }
  if (!parsed.endsWith('\n')) endWithText(document.contents, parsed.length)
  try {
    // A handful of lines can stand for gigabytes; a thousand aliases are more than anybody wrote.
    return toJson(document.toJS({ mapAsMap: true, maxAliasCount: 1_000 }), {
      open: new Set(),
      nodes: 0,
    })
  } catch (failure) {
    if (failure instanceof NoJson || failure instanceof YamlTooLarge) throw failure
    // The library's message names the alias, which may be a password that begins with an asterisk.
    throw new Error('not valid YAML (an alias "*…" or a merge "<<" means nothing)')
  }
}

function parseFirst(text: string): Document.Parsed | undefined {
  const [document] = parseAllDocuments(text, {
    version: '1.1',
    uniqueKeys: false,
    prettyErrors: false,
    customTags: (tags) => [...dialect, ...tags.filter(isKnownToGo)],
  })
  return document && 'toJS' in document ? document : undefined
}

// What follows need not even be YAML. Positions must stay what they are in the whole text.
function firstDocument(text: string): string {
  let hasContent = false
  for (const { line, at } of linesOf(text)) {
    if (hasContent && /^(?:---|\.\.\.)(?=\s|$)/.test(line)) return text.slice(0, at)
    hasContent ||= !/^(?:#|---|%)/.test(line) && line.trim() !== ''
  }
  return text
}

function isKnownToGo(tag: string | ScalarTag | CollectionTag): boolean {
  if (typeof tag === 'string') return true
  const format = 'format' in tag ? tag.format : undefined
  return !unknownToGo.some((name) => tag.tag.endsWith(`:${name}`)) && format !== 'TIME'
}

// Go lets a merged map replace what stands before it, and of several the first one counts.
function mergeInto(ctx: Context, into: unknown, value: unknown): void {
  const sources = isSeq(value) ? value.items.toReversed() : [value]
  for (const source of sources) {
    const map: unknown = isAlias(source) || isMap(source) ? source.toJSON(null, ctx) : undefined
    if (!(map instanceof Map) || !(into instanceof Map)) throw new TypeError('no map to be merged')
    for (const [key, member] of map) into.set(key, member)
  }
}

// A block at the very end of a text has no last line break if the text has none.
function endWithText(node: unknown, end: number): void {
  if (isMap(node)) endWithText(node.items.at(-1)?.value, end)
  else if (isSeq(node)) endWithText(node.items.at(-1), end)
  else if (isScalar(node) && node.type?.startsWith('BLOCK') && node.range?.[1] === end)
    node.value = String(node.value).replace(/\n$/, '')
}

function noNumber(): never {
  throw new TypeError('no number')
}

type Walk = { open: Set<unknown>; nodes: number }

// What JSON cannot say is refused, as Helm does. Aliases are written out here, which makes much of little.
function toJson(value: unknown, walk: Walk): Json {
  if (++walk.nodes > maxNodes)
    throw new YamlTooLarge(`has more than ${maxNodes.toLocaleString('en')} values`)
  if (value instanceof Map || Array.isArray(value)) {
    if (walk.open.has(value)) throw new TypeError('an alias inside of what it stands for')
    walk.open.add(value)
    if (walk.open.size > maxDepth)
      throw new YamlTooLarge(`is nested more than ${maxDepth} levels deep`)
    const json = Array.isArray(value)
      ? value.map((item) => toJson(item, walk))
      : Object.fromEntries([...value].map(([key, member]) => [toKey(key), toJson(member, walk)]))
    walk.open.delete(value)
    return json
  }
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value
    throw new NoJson('infinity and .nan are no values; quote what is meant as text')
  }
  if (typeof value === 'string' || typeof value === 'boolean') return value
  return null
}

function toKey(key: unknown): string {
  const isNumber = typeof key === 'number' || typeof key === 'bigint'
  const name = isNumber ? numberAsKey(key) : key
  if (typeof name === 'string' || typeof name === 'boolean') return String(name)
  throw new NoJson('a key is neither text, number nor boolean')
}
