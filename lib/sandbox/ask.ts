// What does a client ask of a resource? The request with its query parameters read, once, for all verbs.
import type { User } from './auth/user.ts'
import type { BodyDecoder } from './body.ts'
import { negotiate, type View } from './accept.ts'
import { badRequest, invalidOptions } from './status.ts'
import type { DeleteOptions, ResourceDefinition } from './types.ts'
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
  }
}

export function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1'
}

/** Is this a rehearsal? Throws StatusError 400 for any word but "All". */
export function isDryRun({ query, method }: Ask): boolean {
  const words = query.getAll('dryRun').filter((word) => word !== '')
  const wrong = words.find((word) => word !== 'All')
  if (wrong !== undefined)
    throw invalidOptions(optionsKind(method), {
      field: 'dryRun',
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(words)}: supported values: "All"`,
    })
  return words.length > 0
}

/** Who owns the fields that this request writes: the fieldManager parameter, else the program that sent it. */
export function managerOf({ query, request }: Ask): string {
  const agent = request.headers.get('user-agent') ?? ''
  return query.get('fieldManager') || agent.split('/')[0]!.slice(0, 128) || 'unknown'
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

const policies = ['Background', 'Foreground', 'Orphan'] as const

/** How to delete: the body's DeleteOptions, with the query's parameters where the body says nothing. */
export function deleteOptionsOf(
  { query }: Ask,
  body: unknown,
): DeleteOptions & { dryRun: boolean } {
  const sent = (body ?? {}) as DeleteOptions & { dryRun?: string[]; orphanDependents?: boolean }
  const seconds = sent.gracePeriodSeconds ?? numberOf(query, 'gracePeriodSeconds')
  const word =
    sent.propagationPolicy ??
    (sent.orphanDependents ? 'Orphan' : undefined) ??
    query.get('propagationPolicy') ??
    undefined
  const policy = policies.find((known) => known === word)
  if (word && policy === undefined)
    throw invalidOptions('DeleteOptions', {
      field: 'propagationPolicy',
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: "${word}": supported values: "Foreground", "Background", "Orphan", "nil"`,
    })
  return {
    ...(seconds === undefined ? {} : { gracePeriodSeconds: seconds }),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(sent.preconditions === undefined ? {} : { preconditions: sent.preconditions }),
    dryRun: (sent.dryRun ?? []).includes('All') || query.getAll('dryRun').includes('All'),
  }
}

export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  const number = Number(text)
  if (Number.isInteger(number)) return number
  throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`)
}
