// What does a values.schema.json refer to outside of itself? Helm loads such references when it validates values, from the web and
// from the disk it runs on.
import { Buffer } from 'node:buffer'

/** A reference to a file is a reason to refuse the chart; of references to the web, one for each host. */
export type SchemaReferences = { file?: string; urls: readonly string[] }

// JSON Schema has a keyword for each kind of reference and, in its older drafts, another name for its base.
const references = ['$ref', '$dynamicRef', '$recursiveRef', '$schema']
const bases = ['$id', 'id']
// These every implementation knows by heart.
const metaschema = /^https?:\/\/json-schema\.org\/(?:draft-0\d|draft\/20\d\d-\d\d)\/schema#?$/

/**
 * The references of a schema. Names that are no keyword where they stand count too: which ones are is another matter in each
 * draft. The file is named as it is written; of what is no JSON, Helm reads nothing but what stands before the mistake, so that a
 * reference in it is taken for one to a file.
 */
export function findSchemaReferences(content: Uint8Array): SchemaReferences {
  const text = Buffer.from(content).toString()
  let schema: unknown
  try {
    schema = JSON.parse(text)
  } catch {
    return /ref"|\\u/i.test(text) ? { file: 'a part that is no JSON', urls: [] } : { urls: [] }
  }
  const { base, words } = readWords(schema)
  const urls = new Map<string, string>()
  for (const { key, value } of words) {
    if (value.startsWith('#') || metaschema.test(value)) continue
    const isBase = bases.includes(key)
    if (isFile(value) || (!isBase && isRelative(value) && base === undefined))
      return { file: value, urls: [] }
    const url = resolve(value, base)
    if (url !== undefined) urls.set(url.host, url.href)
  }
  return { urls: [...urls.values()] }
}

type Word = { key: string; value: string }

// Without calling itself, however deep the schema is.
function readWords(schema: unknown): { base: string | undefined; words: Word[] } {
  const words: Word[] = []
  const open: unknown[] = [schema]
  for (let node = open.pop(); open.length > 0 || node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === 'object') open.push(value)
      else if (typeof value === 'string' && [...references, ...bases].includes(key))
        words.push({ key, value })
    }
  }
  return { base: baseOf(schema), words }
}

// Helm's own is a file. Drafts 3 and 4 look at "id", the others at "$id", and some at neither where a "$ref" stands beside it.
function baseOf(schema: unknown): string | undefined {
  const { $id, id, $schema, $ref } = (schema ?? {}) as Record<string, unknown>
  if ($ref !== undefined) return undefined
  const said = /draft-0[34]/.test(String($schema)) ? id : $id
  return typeof said === 'string' && /^https?:\/\//i.test(said) ? said : undefined
}

function isFile(value: string): boolean {
  return /^\s*file:/i.test(value)
}

function isRelative(value: string): boolean {
  return !/^\s*[a-z][a-z\d+.-]*:/i.test(value)
}

function resolve(value: string, base: string | undefined): URL | undefined {
  if (!URL.canParse(value, base)) return undefined
  const url = new URL(value, base)
  return /^https?:$/.test(url.protocol) ? url : undefined
}
