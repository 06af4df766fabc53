// Is a schema in a CustomResourceDefinition structural, so that fields can be pruned, defaulted and merged by it?
// The rules are those of apiextensions.k8s.io/v1; rules written in CEL are not compiled.
import { forbiddenValue, invalidValue, requiredValue, unsupportedValue } from './causes.ts'
import { childPath, isMap, type Schema } from './schema.ts'
import { validate } from './structural.ts'
import type { Cause } from './status.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const listTypes = ['atomic', 'map', 'set']

/** What keeps a root schema from being structural. */
export function schemaCauses(schema: Schema, path: string): Cause[] {
  const causes = nodeCauses(schema, path)
  const { type } = schema
  if (type === undefined)
    causes.push(requiredValue(childPath(path, 'type'), 'must not be empty at the root'))
  else if (type !== 'object')
    causes.push(invalidValue(childPath(path, 'type'), type, 'must be object at the root'))
  return causes
}

function nodeCauses(schema: Schema, path: string): Cause[] {
  const at = (name: string): string => childPath(path, name)
  const { type, items, properties, additionalProperties } = schema
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true
  const intOrString = schema['x-kubernetes-int-or-string'] === true
  const causes: Cause[] = forbiddenKeywords(schema, path)
  if (type === undefined) {
    if (!open && !intOrString)
      causes.push(requiredValue(at('type'), 'must not be empty for specified object fields'))
  } else if (!types.includes(type as string)) causes.push(unsupportedValue(at('type'), type, types))
  if (type === 'array' && !isMap(items))
    causes.push(requiredValue(at('items'), 'must be specified'))
  if (isMap(properties) && isMap(additionalProperties))
    causes.push(
      forbiddenValue(
        at('additionalProperties'),
        'additionalProperties and properties are mutual exclusive',
      ),
    )
  causes.push(...listCauses(schema, path), ...defaultCauses(schema, path))
  if (isMap(properties))
    for (const [name, one] of Object.entries(properties))
      if (isMap(one)) causes.push(...nodeCauses(one as Schema, `${at('properties')}[${name}]`))
  if (isMap(items)) causes.push(...nodeCauses(items as Schema, at('items')))
  if (isMap(additionalProperties))
    causes.push(...nodeCauses(additionalProperties as Schema, at('additionalProperties')))
  return causes
}

function forbiddenKeywords(schema: Schema, path: string): Cause[] {
  const at = (name: string): string => childPath(path, name)
  const causes: Cause[] = []
  if (schema['$ref'] !== undefined) causes.push(forbiddenValue(at('$ref'), '$ref is not supported'))
  if (schema['uniqueItems'] === true)
    causes.push(
      forbiddenValue(
        at('uniqueItems'),
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    )
  if (schema['additionalProperties'] === false)
    causes.push(
      forbiddenValue(at('additionalProperties'), 'additionalProperties cannot be set to false'),
    )
  for (const word of ['definitions', 'dependencies', 'id', 'patternProperties', 'additionalItems'])
    if (schema[word] !== undefined)
      causes.push(forbiddenValue(at(word), `${word} is not supported`))
  return causes
}

function listCauses(schema: Schema, path: string): Cause[] {
  const at = (name: string): string => childPath(path, name)
  const kind = schema['x-kubernetes-list-type']
  if (kind === undefined) return []
  if (!listTypes.includes(kind as string))
    return [unsupportedValue(at('x-kubernetes-list-type'), kind, listTypes)]
  if (kind !== 'map') return []
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []) as string[]
  if (keys.length === 0)
    return [
      requiredValue(
        at('x-kubernetes-list-map-keys'),
        'must not be empty if x-kubernetes-list-type is map',
      ),
    ]
  const items = (schema['items'] ?? {}) as Schema
  const known = (items['properties'] ?? {}) as Schema
  const required = (items['required'] ?? []) as string[]
  return keys.flatMap((key) => {
    const property = known[key]
    if (!isMap(property)) {
      const detail = `entries must all be names of item properties`
      return [
        invalidValue(`${at('x-kubernetes-list-map-keys')}[${keys.indexOf(key)}]`, key, detail),
      ]
    }
    if (property['default'] !== undefined || required.includes(key)) return []
    const detail = `this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`
    return [requiredValue(`${at('items')}.properties[${key}].default`, detail)]
  })
}

function defaultCauses(schema: Schema, path: string): Cause[] {
  if (schema['default'] === undefined) return []
  return validate(schema, schema['default']).map((cause) => ({
    ...cause,
    field: childPath(childPath(path, 'default'), cause.field).replace(/\.$/, ''),
  }))
}
