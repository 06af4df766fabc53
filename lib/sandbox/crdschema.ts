// Is a schema in a CustomResourceDefinition structural, so that fields can be pruned, defaulted and merged by it?
// The rules are those of apiextensions.k8s.io/v1; those written in CEL are checked in rules/.
import { compileRe2 } from '../util/re2.ts'
import { forbiddenValue, invalidValue, requiredValue, unsupportedValue } from './causes.ts'
import { childPath, isMap, type JsonMap, type Schema } from './schema.ts'
import type { Cause } from './status.ts'
import { unknownFields } from './fill.ts'
import { validate } from './structural.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const listTypes = ['atomic', 'set', 'map']

// What the schema is of, for the sentence that its type is missing.
type Role = 'object fields' | 'array items'

/** What keeps a root schema from being structural; `path` is where it stands. */
export function schemaCauses(schema: Schema, path: string): Cause[] {
  const { type, properties, additionalProperties } = schema
  const at = (name: string): string => childPath(path, name)
  const causes = nodeCauses(schema, path).filter(({ field }) => field !== at('type'))
  if (type === undefined) causes.push(requiredValue(at('type'), 'must not be empty at the root'))
  else if (type !== 'object')
    causes.push(invalidValue(at('type'), type, 'must be object at the root'))
  if (isMap(additionalProperties))
    causes.push(forbiddenValue(at('additionalProperties'), 'must not be used at the root'))
  return [...causes, ...(isMap(properties) ? rootCauses(properties, path) : [])]
}

function rootCauses(properties: JsonMap, path: string): Cause[] {
  const causes: Cause[] = []
  for (const name of ['apiVersion', 'kind']) {
    const type = isMap(properties[name]) ? properties[name]['type'] : 'string'
    if (type !== 'string')
      causes.push(invalidValue(`${path}.properties[${name}].type`, type, 'must be string'))
  }
  const { metadata } = properties
  const restricted = isMap(metadata) && isMap(metadata['properties']) ? metadata['properties'] : {}
  if (Object.keys(restricted).some((name) => name !== 'name' && name !== 'generateName')) {
    const detail =
      'must not specify anything other than name and generateName, but metadata is implicitly specified'
    causes.push(forbiddenValue(`${path}.properties[metadata]`, detail))
  }
  return causes
}

function nodeCauses(schema: Schema, path: string, role: Role = 'object fields'): Cause[] {
  const at = (name: string): string => childPath(path, name)
  const { items, properties, additionalProperties } = schema
  const causes = [
    ...typeCauses(schema, path, role),
    ...keywordCauses(schema, path),
    ...markCauses(schema, path),
    ...listCauses(schema, path),
    ...defaultCauses(schema, path),
    ...branchCauses(schema, path),
  ]
  if (isMap(properties))
    for (const [name, one] of Object.entries(properties))
      if (isMap(one)) causes.push(...nodeCauses(one as Schema, `${at('properties')}[${name}]`))
  if (isMap(items)) causes.push(...nodeCauses(items as Schema, at('items'), 'array items'))
  if (isMap(additionalProperties))
    causes.push(...nodeCauses(additionalProperties as Schema, at('additionalProperties')))
  return causes
}

function typeCauses(schema: Schema, path: string, role: Role): Cause[] {
  const { type, items, $ref } = schema
  const isFree =
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['x-kubernetes-int-or-string'] === true
  const at = (name: string): string => childPath(path, name)
  if ($ref !== undefined) return []
  if (type === undefined)
    return isFree ? [] : [requiredValue(at('type'), `must not be empty for specified ${role}`)]
  if (!types.includes(type as string)) return [unsupportedValue(at('type'), type, types)]
  return type === 'array' && !isMap(items) ? [requiredValue(at('items'), 'must be specified')] : []
}

function keywordCauses(schema: Schema, path: string): Cause[] {
  const at = (name: string): string => childPath(path, name)
  const { properties, additionalProperties, pattern } = schema
  const causes: Cause[] = []
  const forbid = (name: string, detail: string): number =>
    causes.push(forbiddenValue(at(name), detail))
  if (schema['$ref'] !== undefined) forbid('$ref', '$ref is not supported')
  if (schema['uniqueItems'] === true)
    forbid(
      'uniqueItems',
      'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    )
  if (isMap(properties) && isMap(additionalProperties))
    forbid('additionalProperties', 'additionalProperties and properties are mutual exclusive')
  for (const word of ['definitions', 'dependencies', 'id', 'patternProperties', 'additionalItems'])
    if (schema[word] !== undefined) forbid(word, `${word} is not supported`)
  if (typeof pattern === 'string') causes.push(...patternCauses(at('pattern'), pattern))
  return causes
}

function patternCauses(field: string, pattern: string): Cause[] {
  try {
    compileRe2(pattern)
    return []
  } catch (error) {
    const why = (error as Error).message
    const detail = `must be a valid regular expression, but isn't: ${why}`
    return [invalidValue(field, pattern, detail)]
  }
}

function markCauses(schema: Schema, path: string): Cause[] {
  const at = (name: string): string => childPath(path, `x-kubernetes-${name}`)
  const mark = (name: string): unknown => schema[`x-kubernetes-${name}`]
  const causes: Cause[] = []
  if (mark('preserve-unknown-fields') === false)
    causes.push(invalidValue(at('preserve-unknown-fields'), false, 'must be true or undefined'))
  const mapType = mark('map-type')
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular')
    causes.push(unsupportedValue(at('map-type'), mapType, ['atomic', 'granular']))
  const isClosed = mark('preserve-unknown-fields') !== true && !isMap(schema['properties'])
  if (mark('embedded-resource') === true && isClosed) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    causes.push(requiredValue(childPath(path, 'properties'), detail))
  }
  return causes
}

function listCauses(schema: Schema, path: string): Cause[] {
  const field = childPath(path, 'x-kubernetes-list-map-keys')
  const kind = schema['x-kubernetes-list-type']
  if (kind === undefined) return []
  if (!listTypes.includes(kind as string))
    return [unsupportedValue(childPath(path, 'x-kubernetes-list-type'), kind, listTypes)]
  if (kind !== 'map') return []
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []) as string[]
  if (keys.length === 0)
    return [requiredValue(field, 'must not be empty if x-kubernetes-list-type is map')]
  const items = (schema['items'] ?? {}) as Schema
  const known = (items['properties'] ?? {}) as Schema
  if (!keys.every((key) => isMap(known[key])))
    return [invalidValue(field, keys, 'entries must all be names of item properties')]
  const required = (items['required'] ?? []) as string[]
  const detail =
    'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
  return keys
    .filter((key) => (known[key] as Schema)['default'] === undefined && !required.includes(key))
    .map((key) => requiredValue(`${path}.items.properties[${key}].default`, detail))
}

function defaultCauses(schema: Schema, path: string): Cause[] {
  const preset = schema['default']
  if (preset === undefined) return []
  const field = childPath(path, 'default')
  if (unknownFields(schema, preset).length > 0)
    return [invalidValue(field, preset, 'must not have unknown fields')]
  return validate(schema, preset).map((cause) => ({
    ...cause,
    field: cause.field === '' ? field : childPath(field, cause.field),
  }))
}

// Alternatives only restrict what the structure has said: they name no types, and no field that it does not have.
function branchCauses(schema: Schema, path: string): Cause[] {
  return ['anyOf', 'oneOf', 'allOf', 'not'].flatMap((word) => {
    const branch = schema[word]
    const at = childPath(path, word)
    if (Array.isArray(branch))
      return branch.flatMap((one, index) => restrictionCauses(one, `${at}[${index}]`, schema))
    return restrictionCauses(branch, at, schema)
  })
}

function restrictionCauses(branch: unknown, path: string, structure: Schema): Cause[] {
  if (!isMap(branch)) return []
  const isFree = structure['x-kubernetes-int-or-string'] === true
  const causes: Cause[] = []
  for (const word of ['type', 'default', 'additionalProperties'])
    if (branch[word] !== undefined && !(isFree && word === 'type'))
      causes.push(forbiddenValue(childPath(path, word), 'must be empty to be structural'))
  for (const [name, one] of Object.entries(isMap(branch['properties']) ? branch['properties'] : {}))
    causes.push(...restrictionCauses(one, `${path}.properties[${name}]`, {}))
  return causes
}
