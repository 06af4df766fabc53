// Which objects a client asks for: label selectors (equality and set-based) and field selectors, parsed and tried.
import { badRequest } from './status.ts'
import type { Obj, ResourceDefinition } from './types.ts'

export type Matcher = (object: Obj) => boolean

type Requirement = { key: string; matches: (value: string | undefined) => boolean }

const labelName = String.raw`(?:[A-Za-z0-9.-]+\/)?[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?`
const setBased = new RegExp(String.raw`^(${labelName})\s+(in|notin)\s*\(([^()]*)\)$`)
const equality = new RegExp(String.raw`^(${labelName})\s*(==|=|!=|>|<)\s*([\w.-]*)$`)
const existence = new RegExp(String.raw`^(!?)\s*(${labelName})$`)

/** Parses "a=b,c in (d,e),!f"; undefined for the selector that selects everything. Throws StatusError 400. */
export function parseLabelSelector(text: string): Matcher | undefined {
  const requirements = splitTerms(text).map(parseRequirement)
  if (requirements.length === 0) return undefined
  return ({ metadata: { labels } }) =>
    requirements.every(({ key, matches }) => matches(labels?.[key]))
}

// Commas part terms, except between the parentheses of a set.
function splitTerms(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '')
}

function parseRequirement(term: string): Requirement {
  const set = setBased.exec(term)
  if (set !== null) {
    const values = set[3]!.split(',').map((value) => value.trim())
    return set[2] === 'in'
      ? { key: set[1]!, matches: (value) => value !== undefined && values.includes(value) }
      : { key: set[1]!, matches: (value) => value === undefined || !values.includes(value) }
  }
  const equal = equality.exec(term)
  if (equal !== null) return compared(equal[1]!, equal[2]!, equal[3]!)
  const exists = existence.exec(term)
  if (exists !== null)
    return { key: exists[2]!, matches: (value) => (value === undefined) === (exists[1] === '!') }
  const [, found = ''] = new RegExp(`^${labelName}\\s+(\\S+)$`).exec(term) ?? []
  const expected = found === '' ? `',' or ')'` : 'in, notin, =, ==, !=, gt, lt'
  throw badRequest(`unable to parse requirement: found '${found}', expected: ${expected}`)
}

function compared(key: string, operator: string, wanted: string): Requirement {
  if (operator === '!=') return { key, matches: (value) => value !== wanted }
  if (operator === '>') return { key, matches: (value) => Number(value) > Number(wanted) }
  if (operator === '<') return { key, matches: (value) => Number(value) < Number(wanted) }
  return { key, matches: (value) => value === wanted }
}

// Fields that a real server can select by, besides metadata.name and metadata.namespace.
const selectable: Record<string, readonly string[]> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  Event: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
      (field) => `involvedObject.${field}`,
    ),
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  Secret: ['type'],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  Job: ['status.successful'],
  ReplicaSet: ['status.replicas'],
  ReplicationController: ['status.replicas'],
  Service: ['spec.clusterIP', 'spec.type'],
  CertificateSigningRequest: ['spec.signerName'],
}

export type FieldSelector = {
  matches: Matcher
  // Set when at most one object can match, which saves walking through all of them.
  name?: string
  namespace?: string
}

/** Parses "metadata.name=x,status.phase!=Running"; undefined for the empty selector. Throws StatusError 400. */
export function parseFieldSelector(
  text: string,
  definition: ResourceDefinition,
): FieldSelector | undefined {
  const terms = text.split(',').filter((term) => term.trim() !== '')
  if (terms.length === 0) return undefined
  const parsed = terms.map((term) => parseFieldTerm(term, definition))
  const exact = (field: string): string | undefined =>
    parsed.find((one) => one.field === field && one.equal)?.wanted
  const [name, namespace] = [exact('metadata.name'), exact('metadata.namespace')]
  return {
    matches: (object) =>
      parsed.every(({ field, equal, wanted }) => (fieldOf(object, field) === wanted) === equal),
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  }
}

function parseFieldTerm(
  term: string,
  definition: ResourceDefinition,
): { field: string; equal: boolean; wanted: string } {
  const match = /^\s*([^=!]+?)\s*(==|=|!=)\s*(.*?)\s*$/.exec(term)
  if (match === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`)
  const [, field = '', operator, wanted = ''] = match
  const known =
    field === 'metadata.name' ||
    (field === 'metadata.namespace' && definition.namespaced) ||
    (!definition.custom && (selectable[definition.kind] ?? []).includes(field)) ||
    (definition.selectableFields ?? []).includes(field)
  if (!known) throw unknownField(field, definition)
  return { field, equal: operator !== '!=', wanted }
}

function unknownField(field: string, { custom, kind }: ResourceDefinition): Error {
  if (custom || kind in selectable) return badRequest(`field label not supported: ${field}`)
  const names = 'only "metadata.name", "metadata.namespace"'
  return badRequest(`"${field}" is not a known field selector: ${names}`)
}

// Events name their reporter in one of two places, depending on the API that wrote them.
function fieldOf(object: Obj, field: string): string {
  if (object.kind === 'Event' && field === 'source')
    return at(object, ['source', 'component']) || at(object, ['reportingComponent'])
  const value = at(object, field.split('.'))
  return value === '' && unsetMeansFalse.has(field) ? 'false' : value
}

const unsetMeansFalse = new Set(['spec.hostNetwork', 'spec.unschedulable'])

function at(object: unknown, path: readonly string[]): string {
  let value = object
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return ''
    value = (value as Record<string, unknown>)[part]
  }
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value)
}
