// What does a client send? Request bodies as data: JSON, YAML, and the protobuf that helm and client-go write.
import { Buffer } from 'node:buffer'
import { parseDocument } from 'yaml'
import { checkYamlExtent, YamlTooLarge } from '../util/yaml-extent.ts'
import { explainDepth } from './depth.ts'
import { duplicateMembers } from './duplicates.ts'
import { createProtobufDecoder, type ProtobufDecoder, type SchemaFinder } from './protobuf.ts'
import { badRequest } from './status.ts'
import { StatusError } from './types.ts'

// The API server's own limit: what would not fit into etcd anyway.
const largestBody = 3 * 1024 * 1024

/** The body's bytes; throws StatusError 413 when there are too many. */
export async function readBody(request: Request): Promise<Buffer> {
  const bytes = Buffer.from(await request.arrayBuffer())
  if (bytes.length <= largestBody) return bytes
  const message = `Request entity too large: limit is ${largestBody}`
  throw new StatusError(413, 'RequestEntityTooLarge', message)
}

/** "application/merge-patch+json" of the Content-Type header, without parameters. */
export function mediaType(request: Request): string {
  return (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
}

// What is said twice is added to `duplicates`.
export type BodyDecoder = (bytes: Buffer, type: string, duplicates: string[]) => unknown

/** A decodeBody() that also reads protobuf, by the schemas of the kinds that are served. */
export function createBodyDecoder(schemaOf: SchemaFinder): BodyDecoder {
  // Made when the first such body comes: most clients never send one.
  let decodeProtobuf: ProtobufDecoder | undefined
  return (bytes, type, duplicates) => {
    if (type !== 'application/vnd.kubernetes.protobuf') return decodeBody(bytes, type, duplicates)
    decodeProtobuf ??= createProtobufDecoder()
    return bytes.length === 0 ? undefined : checkDepth(decodeProtobuf(bytes, schemaOf))
  }
}

/**
 * The value that JSON or YAML means; undefined for no bytes. Of what is said twice, the last counts, and `duplicates` is
 * told. Throws StatusError 400 or 415.
 */
export function decodeBody(bytes: Buffer, type: string, duplicates: string[] = []): unknown {
  if (bytes.length === 0) return undefined
  if (type.endsWith('yaml')) return decodeYaml(bytes.toString('utf8'), duplicates)
  if (type !== '' && !type.endsWith('json') && type !== 'application/octet-stream')
    throw unsupported([
      'application/json',
      'application/yaml',
      'application/vnd.kubernetes.protobuf',
    ])
  return decodeJson(bytes.toString('utf8'), duplicates)
}

export function unsupported(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`
  return new StatusError(415, 'UnsupportedMediaType', message)
}

function decodeJson(text: string, duplicates: string[]): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${(error as Error).message}`)
  }
  checkDepth(value)
  duplicates.push(...duplicateMembers(text).map((path) => `duplicate field "${path}"`))
  return value
}

function checkDepth<T>(value: T): T {
  const why = explainDepth(value)
  if (why !== undefined) throw badRequest(`the body of the request ${why}`)
  return value
}

function decodeYaml(text: string, duplicates: string[]): unknown {
  return jsonIn(text) ?? checkDepth(decodeBlocks(text, duplicates))
}

// What kubectl and helm send as YAML is JSON, which is parsed faster and as deep as any other JSON; where it says something
// twice, the answer is to be in YAML's words.
function jsonIn(text: string): unknown {
  if (!/^\s*\{/.test(text)) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  checkDepth(value)
  return duplicateMembers(text).length > 0 ? undefined : value
}

function decodeBlocks(text: string, duplicates: string[]): unknown {
  checkExtent(text)
  const document = parseDocument(text, { schema: 'yaml-1.1', merge: true })
  const error = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY')
  if (error !== undefined) throw badRequest(`error converting YAML to JSON: ${error.message}`)
  const lines = document.errors.map(({ linePos, pos }) => {
    const [key = ''] = /^[^\s:,}]*/.exec(text.slice(pos[0])) ?? []
    return `  line ${linePos?.[0].line}: key ${JSON.stringify(key)} already set in map`
  })
  if (lines.length > 0) duplicates.push(['yaml: unmarshal errors:', ...lines].join('\n'))
  return document.toJS({ maxAliasCount: 100 }) ?? undefined
}

function checkExtent(text: string): void {
  try {
    checkYamlExtent(text)
  } catch (error) {
    if (!(error instanceof YamlTooLarge)) throw error
    throw badRequest(`the body of the request ${error.message}`)
  }
}
