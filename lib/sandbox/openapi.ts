// What does /openapi/v3/<group version> say? Enough for `kubectl apply` (validation, strategic merge), `kubectl explain` and
// both helms: every kind's schema as a component, and which verbs of which path take which parameters.
import { isMap, type Schema } from './schema.ts'
import type { Json, ResourceDefinition } from './types.ts'

type Components = Map<string, Schema>

/** The document of one group version; of the definitions given, those of other group versions are left out. */
export function openApiDocument(
  group: string,
  version: string,
  definitions: readonly ResourceDefinition[],
): { [key: string]: Json } {
  const components: Components = new Map()
  const paths: Schema = {}
  for (const definition of definitions) {
    if (definition.group !== group || definition.version !== version) continue
    addComponent(components, componentName(definition), definition.schema ?? { type: 'object' })
    Object.assign(paths, pathsOf(definition))
  }
  const schemas = Object.fromEntries([...components].sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'sandbox' },
    paths,
    components: { schemas },
  }
}

// Types of Kubernetes carry their names as titles (see kinds/shorthand.ts); custom kinds are named by their group.
const builtinType = /^io\.k8s\./

function componentName({ group, version, kind, schema }: ResourceDefinition): string {
  const title = schema?.['title']
  if (typeof title === 'string' && builtinType.test(title)) return title
  return [...group.split('.').reverse(), version, kind].join('.')
}

// What belongs to the field that refers to a type, not to the type.
const ofTheField = ['default', 'x-kubernetes-patch-strategy', 'x-kubernetes-patch-merge-key']

function addComponent(components: Components, name: string, schema: Schema): void {
  if (components.has(name)) return
  components.set(name, {})
  const { title, ...rest } = schema
  const keptTitle = title !== undefined && !builtinType.test(String(title)) ? { title } : {}
  for (const word of ofTheField) delete rest[word]
  components.set(name, { ...keptTitle, ...mapSubschemas(rest, (one) => referred(components, one)) })
}

function referred(components: Components, schema: Schema): Schema {
  const title = schema['title']
  if (typeof title !== 'string' || !builtinType.test(title))
    return mapSubschemas(schema, (one) => referred(components, one))
  addComponent(components, title, schema)
  const reference = { $ref: `#/components/schemas/${title}` }
  const own = Object.entries(schema).filter(([word]) => ofTheField.includes(word))
  return own.length === 0 ? reference : { ...Object.fromEntries(own), allOf: [reference] }
}

function mapSubschemas(schema: Schema, change: (schema: Schema) => Schema): Schema {
  const mapped: Schema = {}
  for (const [word, value] of Object.entries(schema)) {
    if (word === 'properties' && isMap(value))
      mapped[word] = Object.fromEntries(
        Object.entries(value).map(([name, one]) => [name, change(one as Schema)]),
      )
    else if ((word === 'items' || word === 'additionalProperties') && isMap(value))
      mapped[word] = change(value as Schema)
    else if (word !== 'x-keeps-zero') mapped[word] = value
  }
  return mapped
}

const writeParameters = ['dryRun', 'fieldManager', 'fieldValidation']
const listParameters = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
]
const deleteParameters = ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy']
const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

function pathsOf(definition: ResourceDefinition): Schema {
  const { group, version, plural, namespaced, subresources } = definition
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const base = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`
  const operation = operationOf(definition)
  const item = {
    get: operation('get', 'get', []),
    put: operation('put', 'update', writeParameters),
    patch: operation('patch', 'patch', [...writeParameters, 'force']),
    delete: operation('delete', 'delete', deleteParameters),
  }
  const collection = {
    get: operation('list', 'list', listParameters),
    post: operation('post', 'create', writeParameters),
    delete: operation('deletecollection', 'deletecollection', deleteParameters),
  }
  const where = namespaced ? ['namespace'] : []
  const paths: Schema = { [base]: served(collection, where) }
  if (definition.verbs.includes('get')) paths[`${base}/{name}`] = served(item, ['name', ...where])
  for (const one of subresources) {
    const { delete: _, ...verbs } = item
    paths[`${base}/{name}/${one}`] = served(verbs, ['name', ...where])
  }
  if (namespaced) paths[`${root}/${plural}`] = served({ get: collection.get }, [])
  return paths
}

function served(verbs: { [verb: string]: Schema | undefined }, where: readonly string[]): Schema {
  const path: Schema = {}
  for (const [verb, one] of Object.entries(verbs)) if (one !== undefined) path[verb] = one
  path['parameters'] = where.map((name) => ({ ...parameter(name, 'path'), required: true }))
  return path
}

function operationOf(
  definition: ResourceDefinition,
): (action: string, verb: string, parameters: readonly string[]) => Schema | undefined {
  const { group, version, kind } = definition
  const schema = { $ref: `#/components/schemas/${componentName(definition)}` }
  return (action, verb, parameters) => {
    if (!definition.verbs.includes(verb)) return undefined
    // kubectl reads here whether a kind can be merged strategically; one that is custom cannot.
    const patches = definition.custom ? patchTypes.slice(0, -1) : patchTypes
    const types = verb === 'patch' ? patches : ['*/*']
    const body = verb === 'patch' ? { type: 'object' } : schema
    const takesBody = ['create', 'update', 'patch'].includes(verb)
    return {
      operationId: `${verb}${kind}`,
      parameters: parameters.map((name) => parameter(name, 'query')),
      ...(takesBody && {
        requestBody: { content: contentOf(types, body), required: true },
      }),
      responses: { '200': { description: 'OK', content: contentOf(['application/json'], schema) } },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': { group, version, kind },
    }
  }
}

function contentOf(types: readonly string[], schema: Schema): Schema {
  return Object.fromEntries(types.map((type) => [type, { schema }]))
}

const booleans = ['force', 'watch', 'allowWatchBookmarks', 'sendInitialEvents', 'orphanDependents']
const integers = ['limit', 'timeoutSeconds', 'gracePeriodSeconds']

function parameter(name: string, where: 'path' | 'query'): { [key: string]: Json } {
  const type = booleans.includes(name) ? 'boolean' : integers.includes(name) ? 'integer' : 'string'
  return { name, in: where, schema: { type, uniqueItems: true } }
}
