// What is wrong with an object by its schema alone: fields that must be there, and words that are not among the choices?
import { requiredValue, unsupportedValue } from '../causes.ts'
import { childPath, isMap, itemSchema, memberSchema, type JsonMap, type Schema } from '../schema.ts'
import type { Cause } from '../status.ts'

// Sentences that come with what is missing, and fields that may be empty although the schema requires them.
const details: Record<string, string | false> = {
  'PolicyRule.verbs': 'verbs must contain at least one value',
  'HTTPIngressPath.pathType': 'pathType must be specified',
  'PodAffinityTerm.topologyKey': 'can not be empty',
  'TopologySpreadConstraint.topologyKey': 'can not be empty',
  'NodeSelector.nodeSelectorTerms': 'must have at least one node selector term',
  'Endpoint.addresses': 'must contain at least 1 address',
  'CrossVersionObjectReference.apiVersion': false,
  'HTTPHeader.value': false,
  'LimitRangeSpec.limits': false,
  'LabelSelectorRequirement.operator': false,
  'RoleRef.kind': false,
  'RoleRef.name': false,
  'Subject.kind': false,
  'Subject.name': false,
  'Sysctl.value': false,
}

/** Causes for everything but metadata and status, which servers check by other rules or not at all. */
export function schemaCauses(schema: Schema | undefined, object: JsonMap): Cause[] {
  const { metadata: _, status: __, ...rest } = object
  return schema === undefined ? [] : causesIn(schema, rest, '')
}

function causesIn(schema: Schema, value: unknown, path: string): Cause[] {
  if (Array.isArray(value)) {
    const items = itemSchema(schema)
    return items ? value.flatMap((item, index) => causesIn(items, item, `${path}[${index}]`)) : []
  }
  if (isMap(value)) return structCauses(schema, value, path)
  const choices = schema['enum']
  if (!Array.isArray(choices) || typeof value !== 'string' || value === '') return []
  const supported = choices.filter((choice) => choice !== '')
  return choices.includes(value) ? [] : [unsupportedValue(path, value, supported)]
}

function structCauses(schema: Schema, value: JsonMap, path: string): Cause[] {
  const required = (schema['required'] ?? []) as string[]
  const missing = required.flatMap((name) => missingCauses(schema, value, { name, path }))
  const wrong = Object.entries(value).flatMap(([name, member]) => {
    const field = memberSchema(schema, name)
    return field ? causesIn(field, member, childPath(path, name)) : []
  })
  return [...missing, ...wrong]
}

function missingCauses(
  schema: Schema,
  value: JsonMap,
  { name, path }: { name: string; path: string },
): Cause[] {
  const struct = String(schema['title'] ?? '')
    .split('.')
    .at(-1)
  const detail = details[`${struct}.${name}`]
  const member = value[name]
  const isMissing =
    member === undefined || member === '' || (Array.isArray(member) && member.length === 0)
  // Within metadata of templates, and where a struct by value always is, nothing is missing.
  if (!isMissing || detail === false || name === 'metadata') return []
  return [requiredValue(childPath(path, name), detail)]
}
