// What does a client ask of a resource? The request with its query parameters read, once, for all verbs.
import type { User } from './auth/identity/user.ts'
import { Buffer } from 'node:buffer'
import type { BodyDecoder } from './body.ts'
import { invalidValue, tooLong } from './causes.ts'
import { negotiate, type View } from './accept.ts'
import { badRequest, invalidOptions } from './status.ts'
import type { ResourceDefinition } from './types.ts'
import type { ResourcePath } from './route.ts'

export type Ask = {
  method: string
  path: ResourcePath
  definition: ResourceDefinition
  query: URLSearchParams
  view: View
  request: Request
  decode: BodyDecoder
  user: User
  // Sentences for the answer's Warning headers.
  warnings: string[]
  // What the body says twice.
  duplicates: string[]
}

const tableKinds = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']

export function createAsk(
  asked: Pick<Ask, 'request' | 'path' | 'definition' | 'decode' | 'user'>,
  query: URLSearchParams,
): Ask {
  const { method, headers } = asked.request
  return {
    ...asked,
    method,
    query,
    view: negotiate(headers.get('accept'), tableKinds),
    warnings: [],
    duplicates: [],
  }
}

/** A parameter that is there means yes, unless it says otherwise. */
export function isTrue(value: string | null): boolean {
  return value !== null && !['false', '0'].includes(value.toLowerCase())
}

/** Is this a rehearsal? Throws StatusError 422 for any word but "All". */
export function isDryRun({ query, method }: Ask): boolean {
  return isRehearsal(optionsKind(method), query.getAll('dryRun'))
}

/** Do these words ask for a rehearsal? Throws StatusError 422 for any but "All". */
export function isRehearsal(kind: string, words: readonly unknown[]): boolean {
  if (words.some((word) => word !== 'All'))
    throw invalidOptions(kind, {
      field: 'dryRun',
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(words)}: supported values: "All"`,
    })
  return words.length > 0
}

const longestManager = 128

/** Who owns the fields that this request writes: the fieldManager parameter, else the program that sent it. */
export function managerOf({ query, method, request }: Ask): string {
  const agent = request.headers.get('user-agent') ?? ''
  const manager = query.get('fieldManager') ?? ''
  checkManager(optionsKind(method), manager)
  return manager || agent.split('/')[0]!.slice(0, longestManager) || 'unknown'
}

function checkManager(kind: string, manager: string): void {
  const field = 'fieldManager'
  if (Buffer.byteLength(manager) > longestManager)
    throw invalidOptions(kind, tooLong(field, longestManager))
  const at = [...manager].findIndex((sign) => /[\p{C}\p{Z}]/u.test(sign) && sign !== ' ')
  if (at < 0) return
  const code = [...manager][at]!.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
  const detail = `invalid character U+${code} (at position ${at})`
  throw invalidOptions(kind, invalidValue(field, manager, detail))
}

function optionsKind(method: string): string {
  if (method === 'POST') return 'CreateOptions'
  return method === 'PUT' ? 'UpdateOptions' : 'PatchOptions'
}

type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

/** What becomes of fields that the kind does not know. */
export function fieldValidationOf({ query, method }: Ask): FieldValidation {
  const word = query.get('fieldValidation') || 'Warn'
  if (word === 'Strict' || word === 'Warn' || word === 'Ignore') return word
  throw invalidOptions(optionsKind(method), {
    field: 'fieldValidation',
    reason: 'FieldValueNotSupported',
    message: `Unsupported value: "${word}": supported values: "", "Ignore", "Strict", "Warn"`,
  })
}

export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const number = Number(text)
  if (Number.isInteger(number)) return number
  throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`)
}
