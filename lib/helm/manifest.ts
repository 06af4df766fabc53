// Which objects does a release consist of? Reads no more of a manifest than the names of the objects in it.
import { parseAllDocuments } from 'yaml'
import type { ObjectRef } from '../model/key.ts'
import { checkYamlExtent, YamlTooLarge } from '../util/yaml-extent.ts'

/**
 * The objects of a release in manifest order, each once, lists taken apart. An object that names no namespace gets the
 * release's, also where its kind has none: only the API server knows that. Documents that are no objects are left out.
 */
export function manifestRefs({
  manifest,
  namespace,
}: {
  manifest: string
  namespace: string
}): ObjectRef[] {
  const refs = new Map<string, ObjectRef>()
  for (const document of splitManifest(manifest))
    for (const { apiVersion, kind, name, namespace: own } of scan(document) ?? parse(document)) {
      const ref = { apiVersion, kind, namespace: own ?? namespace, name }
      const key = JSON.stringify(ref)
      if (!refs.has(key)) refs.set(key, ref)
    }
  return [...refs.values()]
}

/** The documents of a manifest that hold more than comments. */
export function splitManifest(manifest: string): string[] {
  return manifest
    .split(/^---(?=\s|$)/m)
    .filter((document) => document.split('\n').some((line) => /^\s*[^\s#]/.test(line)))
}

type Named = { apiVersion: string; kind: string; namespace?: string; name: string }

const plain = /^(?:"([\w./:-]+)"|'([\w./:-]+)'|([A-Za-z][\w./:-]*))\s*(?:#.*)?$/

// Nearly every document is a block mapping with plain names: reading just those lines is a hundred times faster than
// parsing YAML. Whatever looks different is left to the parser.
function scan(document: string): [Named] | undefined {
  const apiVersion = member(document, /^apiVersion:[ \t]+(.*)$/gm)
  const kind = member(document, /^kind:[ \t]+(.*)$/gm)
  if (apiVersion === undefined || kind === undefined || kind.endsWith('List')) return undefined
  const metadata = block(document)
  const name = metadata && member(metadata.text, metadata.member('name'))
  if (!metadata || name === undefined) return undefined
  if (!metadata.member('namespace').test(metadata.text)) return [{ apiVersion, kind, name }]
  const namespace = member(metadata.text, metadata.member('namespace'))
  return namespace === undefined ? undefined : [{ apiVersion, kind, namespace, name }]
}

// The one plain value of a member; undefined when there is none, or more than one, or anything but a plain word.
function member(text: string, pattern: RegExp): string | undefined {
  const found = [...text.matchAll(pattern)]
  const [, double, single, bare] = plain.exec(found[0]?.[1]?.trim() ?? '') ?? []
  return found.length === 1 ? (double ?? single ?? bare) : undefined
}

function block(document: string): { text: string; member: (name: string) => RegExp } | undefined {
  const [, text] =
    /^metadata:[ \t]*(?:#.*)?\r?\n((?:(?:[ \t#].*)?\r?\n)*(?:[ \t].*)?)/m.exec(document) ?? []
  const [, indent] = /^( +)[^\s#]/m.exec(text ?? '') ?? []
  if (text === undefined || indent === undefined || /^ *[&*]|<<:/m.test(text)) return undefined
  return { text, member: (name) => new RegExp(`^${indent}["']?${name}["']?:[ \\t]*(.*)$`, 'gm') }
}

function parse(document: string): Named[] {
  try {
    checkYamlExtent(document)
  } catch (error) {
    // No API server takes as much for an object.
    if (error instanceof YamlTooLarge) return []
    throw error
  }
  const [content] = parseAllDocuments(document, {
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    logLevel: 'silent',
  })
  // A document that Helm could apply and we cannot read is still no reason to fail: it has no name that we know.
  if (content === undefined || !('toJS' in content) || content.errors.length > 0) return []
  try {
    return objectsIn(content.toJS({ maxAliasCount: 1_000 }))
  } catch {
    // An alias that means nothing, or too much.
    return []
  }
}

function objectsIn(value: unknown): Named[] {
  if (!isMapping(value)) return []
  const { apiVersion, kind, metadata, items } = value
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items))
    return items.flatMap(objectsIn)
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isMapping(metadata)) return []
  const { name, namespace } = metadata
  if (typeof name !== 'string' || name === '') return []
  return typeof namespace === 'string' && namespace !== ''
    ? [{ apiVersion, kind, namespace, name }]
    : [{ apiVersion, kind, name }]
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
