// How does a client want something deleted: the body's DeleteOptions, with the query's parameters where it says nothing.
import { isRehearsal, numberOf, type Ask } from './ask.ts'
import { decodeOptions } from './decode.ts'
import { isMap, type Schema } from './schema.ts'
import { badRequest, invalidOptions } from './status.ts'
import type { DeleteOptions } from './types.ts'

const policies = ['Background', 'Foreground', 'Orphan'] as const

type Sent = DeleteOptions & { dryRun?: string[]; orphanDependents?: boolean }

/** Reads the options; throws StatusError 400 and 422 for what is none. */
export function deleteOptionsOf(
  { query }: Ask,
  body: unknown,
): DeleteOptions & { dryRun: boolean } {
  const sent = sentOptions(body)
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
  if (sent.propagationPolicy !== undefined && sent.orphanDependents !== undefined)
    throw invalidOptions('DeleteOptions', {
      field: 'propagationPolicy',
      reason: 'FieldValueInvalid',
      message: `Invalid value: "${sent.propagationPolicy}": orphanDependents and deletionPropagation cannot be both set`,
    })
  return {
    ...(seconds === undefined ? {} : { gracePeriodSeconds: seconds }),
    ...(policy === undefined ? {} : { propagationPolicy: policy }),
    ...(sent.preconditions === undefined ? {} : { preconditions: sent.preconditions }),
    dryRun: isRehearsal('DeleteOptions', sent.dryRun ?? query.getAll('dryRun')),
  }
}

const text: Schema = { type: 'string' }
const schema: Schema = {
  type: 'object',
  title: 'v1.DeleteOptions',
  properties: {
    gracePeriodSeconds: { type: 'integer', format: 'int64', 'x-keeps-zero': true },
    orphanDependents: { type: 'boolean', 'x-keeps-zero': true },
    propagationPolicy: { ...text, title: 'v1.DeletionPropagation' },
    dryRun: { type: 'array', items: text },
    preconditions: {
      type: 'object',
      title: 'v1.Preconditions',
      properties: { uid: text, resourceVersion: text },
    },
  },
}

function sentOptions(body: unknown): Sent {
  if (body === undefined || body === null) return {}
  if (!isMap(body)) throw badRequest(`couldn't get version/kind; json parse error: no object`)
  const { apiVersion = 'v1', kind = 'DeleteOptions' } = body
  if (kind !== 'DeleteOptions')
    throw badRequest(`no kind "${String(kind)}" is registered for version "${String(apiVersion)}"`)
  return decodeOptions(schema, 'DeleteOptions', body) as Sent
}
