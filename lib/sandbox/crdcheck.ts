// What is wrong with the names and versions of a CustomResourceDefinition? Its schemas: crdschema.ts.
import { invalidValue, requiredValue, unsupportedValue } from './causes.ts'
import { schemaCauses } from './crdschema.ts'
import { equalJson } from './equal.ts'
import { isJsonPath } from './jsonpath.ts'
import { at, mapsAt, textAt, textsAt } from './reading.ts'
import { ruleCauses } from './rules/check.ts'
import { isMap, type JsonMap, type Schema } from './schema.ts'
import type { Cause } from './status.ts'

const label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const labelRule =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const pathRule = 'must be a simple json path starting with .'
const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']

/** Causes in spec.group. */
export function groupCauses(group: string): Cause[] {
  if (group === '') return [requiredValue('spec.group')]
  return group.includes('.')
    ? []
    : [invalidValue('spec.group', group, 'should be a domain with at least one dot')]
}

/** Causes in spec.scope. */
export function scopeCauses(scope: string): Cause[] {
  const scopes = ['Cluster', 'Namespaced']
  if (scope === '') return [requiredValue('spec.scope')]
  return scopes.includes(scope) ? [] : [unsupportedValue('spec.scope', scope, scopes)]
}

/** Causes in spec.names. */
export function nameCauses(names: unknown): Cause[] {
  const causes: Cause[] = []
  for (const field of ['plural', 'singular', 'kind', 'listKind']) {
    const name = textAt(names, field)
    const isMixed = field === 'kind' || field === 'listKind'
    const rule = isMixed
      ? `may have mixed case, but should otherwise match: ${labelRule}`
      : labelRule
    if (name === '') causes.push(requiredValue(`spec.names.${field}`))
    else if (!label.test(isMixed ? name.toLowerCase() : name))
      causes.push(invalidValue(`spec.names.${field}`, name, rule))
  }
  for (const field of ['shortNames', 'categories'])
    for (const [index, name] of textsAt(names, field).entries())
      if (!label.test(name))
        causes.push(invalidValue(`spec.names.${field}[${index}]`, name, labelRule))
  return causes
}

/** Causes in spec.versions and all that is in them. */
export function versionsCauses(versions: readonly JsonMap[]): Cause[] {
  const causes: Cause[] = []
  const names = versions.map((version) => textAt(version, 'name'))
  const stored = versions.filter((version) => version['storage'] === true)
  if (new Set(names).size < names.length)
    causes.push(invalidValue('spec.versions', versions, 'must contain unique version names'))
  if (stored.length !== 1) {
    const detail = 'must have exactly one version marked as storage version'
    causes.push(invalidValue('spec.versions', versions, detail))
  }
  for (const [index, name] of names.entries())
    if (!label.test(name))
      causes.push(invalidValue(`spec.versions[${index}].name`, name, labelRule))
  return [...causes, ...contentCauses(versions)]
}

// What all versions have in common, a server reports where the first API had it: once, above the versions.
function contentCauses(versions: readonly JsonMap[]): Cause[] {
  const places = [
    { field: 'schema', common: 'spec.validation', causes: validationCauses },
    { field: 'subresources', common: 'spec.subresources', causes: subresourceCauses },
    {
      field: 'additionalPrinterColumns',
      common: 'spec.additionalPrinterColumns',
      causes: columnsCauses,
    },
  ]
  return places.flatMap(({ field, common, causes }) => {
    const [first, ...others] = versions.map((version) => version[field])
    if (versions.length > 0 && others.every((other) => equalJson(first, other)))
      return causes(first, common)
    return versions.flatMap((version, index) =>
      causes(version[field], `spec.versions[${index}].${field}`),
    )
  })
}

function validationCauses(validation: unknown, path: string): Cause[] {
  const schema = at(validation, 'openAPIV3Schema')
  const isCommon = path === 'spec.validation'
  if (isMap(schema)) {
    const causes = schemaCauses(schema as Schema, `${path}.openAPIV3Schema`)
    // Rules are about types, which only a structural schema has.
    return causes.length > 0 ? causes : ruleCauses(schema as Schema, `${path}.openAPIV3Schema`)
  }
  const field = isCommon ? 'spec.versions[0].schema' : path
  return [requiredValue(`${field}.openAPIV3Schema`, 'schemas are required')]
}

function subresourceCauses(subresources: unknown, path: string): Cause[] {
  const scale = at(subresources, 'scale')
  if (!isMap(scale)) return []
  return [
    ['specReplicasPath', '.spec.'],
    ['statusReplicasPath', '.status.'],
  ].flatMap(([name = '', root = '']) => {
    const field = `${path}.scale.${name}`
    const given = textAt(scale, name)
    if (given === '') return [requiredValue(field)]
    if (!given.startsWith('.')) return [invalidValue(field, given, pathRule)]
    if (given.startsWith(root)) return []
    return [invalidValue(field, given, `should be a json path under ${root.slice(0, -1)}`)]
  })
}

function columnsCauses(columns: unknown, path: string): Cause[] {
  return mapsAt({ columns }, 'columns').flatMap((column, index) => {
    const field = `${path}[${index}]`
    const [type, jsonPath] = [textAt(column, 'type'), textAt(column, 'jsonPath')]
    const causes: Cause[] = []
    if (textAt(column, 'name') === '') causes.push(requiredValue(`${field}.name`))
    if (type === '')
      causes.push(requiredValue(`${field}.type`, `must be one of ${columnTypes.join(',')}`))
    else if (!columnTypes.includes(type))
      causes.push(invalidValue(`${field}.type`, type, `must be one of ${columnTypes.join(',')}`))
    if (jsonPath === '') causes.push(requiredValue(`${field}.JSONPath`))
    else if (!jsonPath.startsWith('.') || !isJsonPath(jsonPath))
      causes.push(invalidValue(`${field}.JSONPath`, jsonPath, pathRule))
    return causes
  })
}
