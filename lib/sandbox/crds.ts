// Which kinds does a CustomResourceDefinition bring, and what is wrong with one? The schemas in it: crdschema.ts.
import { invalidValue, requiredValue, unsupportedValue } from './causes.ts'
import { metaTypes } from './kinds/meta.ts'
import { compileTypes } from './kinds/shorthand.ts'
import { childPath, isMap, type JsonMap, type Schema } from './schema.ts'
import { schemaCauses } from './crdschema.ts'
import type { Cause } from './status.ts'
import type { Column, Obj, ResourceDefinition } from './types.ts'

type Names = {
  kind: string
  plural: string
  singular?: string
  listKind?: string
  shortNames?: string[]
  categories?: string[]
}
type Version = {
  name: string
  served: boolean
  storage: boolean
  schema?: { openAPIV3Schema?: Schema }
  subresources?: { status?: unknown; scale?: unknown }
  additionalPrinterColumns?: Column[]
  selectableFields?: { jsonPath: string }[]
}
type Spec = { group: string; scope: string; names: Names; versions: Version[] }

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']
const ageColumn: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
}

/** The kinds that a valid CustomResourceDefinition serves: one for each served version. */
export function definitionsOf(crd: Obj): ResourceDefinition[] {
  const { group, scope, names, versions } = crd['spec'] as Spec
  const meta = compileTypes(metaTypes)('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
  return versions
    .filter(({ served }) => served)
    .map((version) => ({
      group,
      version: version.name,
      kind: names.kind,
      listKind: names.listKind ?? `${names.kind}List`,
      plural: names.plural,
      singular: names.singular ?? names.kind.toLowerCase(),
      shortNames: names.shortNames ?? [],
      categories: names.categories ?? [],
      namespaced: scope === 'Namespaced',
      subresources: (['status', 'scale'] as const).filter((one) => version.subresources?.[one]),
      verbs,
      schema: rootSchema(version.schema?.openAPIV3Schema ?? {}, meta, {
        group,
        version: version.name,
        kind: names.kind,
      }),
      selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) =>
        jsonPath.replace(/^\./, ''),
      ),
      columns: version.additionalPrinterColumns ?? [ageColumn],
      custom: true,
    }))
}

// The author's schema says nothing of metadata, or restricts names only.
function rootSchema(schema: Schema, meta: Schema, gvk: { [key: string]: string }): Schema {
  const complete = withEmbedded(schema, meta)
  const own = isMap(complete['properties']) ? (complete['properties'] as Schema) : {}
  return {
    ...complete,
    type: 'object',
    properties: {
      ...own,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: restrictedMeta(meta, own['metadata'] as Schema | undefined),
    },
    'x-kubernetes-group-version-kind': [gvk],
  }
}

function restrictedMeta(meta: Schema, own: Schema | undefined): Schema {
  const restrictions = own?.['properties']
  if (!isMap(restrictions) || Object.keys(restrictions).length === 0) return meta
  const properties = { ...(meta['properties'] as Schema) }
  for (const [name, restriction] of Object.entries(restrictions))
    properties[name] = { ...(properties[name] as Schema), ...(restriction as Schema) }
  const { title: _, ...rest } = meta
  return { ...rest, properties }
}

// An object within the object has a type and metadata, whatever else its schema says.
function withEmbedded(schema: Schema, meta: Schema): Schema {
  const complete: Schema = { ...schema }
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties' && isMap(value))
      complete[key] = Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, withEmbedded(one as Schema, meta)]),
      )
    else if ((key === 'items' || key === 'additionalProperties') && isMap(value))
      complete[key] = withEmbedded(value as Schema, meta)
  }
  if (schema['x-kubernetes-embedded-resource'] !== true) return complete
  const own = isMap(complete['properties']) ? (complete['properties'] as Schema) : {}
  return {
    ...complete,
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      ...own,
      metadata: restrictedMeta(meta, own['metadata'] as Schema | undefined),
    },
    required: [...new Set(['apiVersion', 'kind', ...((schema['required'] ?? []) as string[])])],
  }
}

const label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']

/** Everything that is wrong with a CustomResourceDefinition; CEL rules in its schemas are not compiled. */
export function validateCrd(crd: Obj): Cause[] {
  const spec = crd['spec'] as Partial<Spec> | undefined
  const { group = '', scope = '', versions = [] } = spec ?? {}
  const names: Partial<Names> = spec?.names ?? {}
  const causes: Cause[] = []
  const expected = `${names.plural ?? ''}.${group}`
  if (crd.metadata.name !== expected)
    causes.push(
      invalidValue('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group'),
    )
  causes.push(...groupCauses(group), ...scopeCauses(scope), ...versionCauses(versions))
  causes.push(...nameCauses(names))
  for (const [index, version] of versions.entries())
    causes.push(...oneVersionCauses(version, `spec.versions[${index}]`))
  return causes
}

function groupCauses(group: string): Cause[] {
  if (group === '') return [requiredValue('spec.group')]
  return group.split('.').length < 2
    ? [invalidValue('spec.group', group, 'should be a domain with at least one dot')]
    : []
}

function scopeCauses(scope: string): Cause[] {
  const scopes = ['Cluster', 'Namespaced']
  if (scope === '') return [requiredValue('spec.scope')]
  return scopes.includes(scope) ? [] : [unsupportedValue('spec.scope', scope, scopes)]
}

function versionCauses(versions: readonly Version[]): Cause[] {
  const stored = versions.filter(({ storage }) => storage).length
  const causes: Cause[] = []
  if (new Set(versions.map(({ name }) => name)).size < versions.length)
    causes.push(invalidValue('spec.versions', versions, 'must contain unique version names'))
  if (stored !== 1)
    causes.push(
      invalidValue(
        'spec.versions',
        versions,
        'must have exactly one version marked as storage version',
      ),
    )
  return causes
}

function nameCauses(names: Partial<Names>): Cause[] {
  const causes: Cause[] = []
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    const at = `spec.names.${field}`
    const name = names[field]
    if (!name) {
      if (field === 'plural' || field === 'kind') causes.push(requiredValue(at))
    } else if (!label.test(name.toLowerCase()) || (field === 'plural' && !label.test(name)))
      causes.push(
        invalidValue(
          at,
          name,
          "a DNS-1035 label must consist of lower case alphanumeric characters or '-'",
        ),
      )
  }
  return causes
}

function oneVersionCauses(version: Version, path: string): Cause[] {
  const causes: Cause[] = []
  const schema = version.schema?.openAPIV3Schema
  const at = `${path}.schema.openAPIV3Schema`
  if (!isMap(schema)) causes.push(requiredValue(at, 'schemas are required'))
  else causes.push(...schemaCauses(schema as Schema, at))
  for (const [index, column] of (version.additionalPrinterColumns ?? []).entries())
    causes.push(...columnCauses(column, `${path}.additionalPrinterColumns[${index}]`))
  return causes
}

function columnCauses(column: Column, path: string): Cause[] {
  const causes: Cause[] = []
  for (const field of ['name', 'type', 'jsonPath'] as const)
    if (!column[field]) causes.push(requiredValue(childPath(path, field)))
  if (column.type && !columnTypes.includes(column.type))
    causes.push(unsupportedValue(childPath(path, 'type'), column.type, columnTypes))
  return causes
}
