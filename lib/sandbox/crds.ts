// Which kinds does a CustomResourceDefinition bring, and what is wrong with one? Details of the latter: crdcheck.ts.
import { invalidValue } from './causes.ts'
import { groupCauses, nameCauses, scopeCauses, versionsCauses } from './crdcheck.ts'
import { metaTypes } from './kinds/meta.ts'
import { compileTypes } from './kinds/shorthand.ts'
import { at, mapsAt, textAt } from './reading.ts'
import { createRuleChecker } from './rules/validate.ts'
import { isMap, type Schema } from './schema.ts'
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
  const served = versions.filter((version) => version.served)
  return served.map((version) => {
    const kind = names.kind
    const own = version.schema?.openAPIV3Schema ?? {}
    const schema = rootSchema(own, meta, { group, version: version.name, kind })
    return {
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
      schema,
      rules: createRuleChecker(schema),
      selectableFields: (version.selectableFields ?? []).map(({ jsonPath }) =>
        jsonPath.replace(/^\./, ''),
      ),
      columns: version.additionalPrinterColumns ?? [ageColumn],
      custom: true,
    }
  })
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

/** Everything that is wrong with a CustomResourceDefinition. */
export function validateCrd(crd: Obj): Cause[] {
  const { spec } = crd
  const expected = `${textAt(spec, 'names.plural')}.${textAt(spec, 'group')}`
  const { name } = crd.metadata
  const causes: Cause[] = []
  if (name !== expected)
    causes.push(invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group'))
  return [
    ...causes,
    ...groupCauses(textAt(spec, 'group')),
    ...scopeCauses(textAt(spec, 'scope')),
    ...nameCauses(at(spec, 'names')),
    ...versionsCauses(mapsAt(spec, 'versions')),
    ...(at(spec, 'preserveUnknownFields') === true
      ? [invalidValue('spec.preserveUnknownFields', true, preserveRule)]
      : []),
  ]
}

const preserveRule =
  'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
