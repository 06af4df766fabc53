// Which OpenAPI schema does a line of shorthand stand for? The types of Kubernetes are written as
//   Container = name! image args:[string] env:[EnvVar]/by=name protocol:TCP|UDP/default=TCP
// A field is a string unless told otherwise; ! is required, * may be zero, false or empty on purpose (all others vanish
// then); [T] is a list, {T} a map, A|B a choice; "..T" takes over T's fields.
// After the slash stands how lists and structs merge: by (map list, also in strategic merge), keyed (map list in server-side
// apply only), merge (strategic merge only), retain (by, or a struct, with retainKeys), set, mergeset, replace, atomic.
// A "struct" is there even when nothing is in it, because Kubernetes' own types have it by value.
import type { Schema } from '../schema.ts'

/** Finds a type by its full name, such as "io.k8s.api.core.v1.PodSpec". */
export type TypeFinder = (name: string) => Schema

type Source = { name: string; atomic: boolean; fields: readonly string[] }

// Where a name is looked for when its own package does not have it.
const commonPackages = ['io.k8s.api.core.v1', 'io.k8s.apimachinery.pkg.apis.meta.v1']

const scalars: Record<string, Schema> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  time: named('io.k8s.apimachinery.pkg.apis.meta.v1.Time', { type: 'string', format: 'date-time' }),
  microtime: named('io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime', {
    type: 'string',
    format: 'date-time',
  }),
  quantity: named('io.k8s.apimachinery.pkg.api.resource.Quantity', {
    oneOf: [{ type: 'string' }, { type: 'number' }],
  }),
  intstr: named('io.k8s.apimachinery.pkg.util.intstr.IntOrString', {
    format: 'int-or-string',
    oneOf: [{ type: 'integer' }, { type: 'string' }],
    'x-kubernetes-int-or-string': true,
  }),
}

/** Compiles shorthand; a schema is shared by all who refer to it and carries its full name as its title. */
export function compileTypes(text: string): TypeFinder {
  const sources = parseSources(text)
  const done = new Map<string, Schema>()
  const find = (name: string): Schema => {
    const known = done.get(name)
    if (known) return known
    const schema = objectSchema(sources, name, find)
    done.set(name, schema)
    return schema
  }
  return find
}

function named(title: string, schema: Schema): Schema {
  return { title, ...schema }
}

function parseSources(text: string): Map<string, Source> {
  const sources = new Map<string, Source>()
  let pack = ''
  for (const line of text.replaceAll(/\n +/g, ' ').split('\n')) {
    if (line === '') continue
    const [head = '', body = ''] = line.split(' = ')
    const [word = '', flag] = head.split(' ')
    if (word === 'package') pack = flag ?? ''
    else {
      const name = `${pack}.${word}`
      sources.set(name, { name, atomic: flag === 'atomic', fields: body.split(' ') })
    }
  }
  return sources
}

function objectSchema(sources: Map<string, Source>, name: string, find: TypeFinder): Schema {
  const source = sourceOf(sources, name)
  const pack = name.slice(0, name.lastIndexOf('.'))
  const resolve = (short: string): Schema => {
    const candidates = [pack, ...commonPackages].map((one) => `${one}.${short}`)
    return find(candidates.find((one) => sources.has(one)) ?? short)
  }
  const properties: Schema = {}
  const required: string[] = []
  for (const field of source.fields) {
    if (field.startsWith('..')) {
      const base = resolve(field.slice(2))
      Object.assign(properties, base['properties'])
      required.push(...((base['required'] ?? []) as string[]))
      continue
    }
    const [label = '', type = 'string'] = splitOnce(field, ':')
    const property = label.replace(/[!*]$/, '')
    if (label.endsWith('!')) required.push(property)
    const schema = fieldSchema(type, resolve)
    properties[property] = label.endsWith('*') ? { ...schema, 'x-keeps-zero': true } : schema
  }
  return {
    title: name,
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    ...(source.atomic && { 'x-kubernetes-map-type': 'atomic' }),
  }
}

function sourceOf(sources: Map<string, Source>, name: string): Source {
  const source = sources.get(name)
  if (source === undefined) throw new Error(`Cannot compile type "${name}": nothing defines it`)
  return source
}

function fieldSchema(text: string, resolve: TypeFinder): Schema {
  const [type = '', ...words] = text.split('/')
  const schema = typeSchema(type, resolve)
  if (words.length === 0 && schema['type'] === 'array') words.push('atomiclist')
  return words.reduce((so, word) => {
    const [name = '', argument = ''] = splitOnce(word, '=')
    return mergingSchema(so, name, argument)
  }, schema)
}

function typeSchema(type: string, resolve: TypeFinder): Schema {
  if (type.startsWith('[')) return { type: 'array', items: typeSchema(type.slice(1, -1), resolve) }
  if (type.startsWith('{'))
    return { type: 'object', additionalProperties: typeSchema(type.slice(1, -1), resolve) }
  if (type.includes('|')) return { type: 'string', enum: type.split('|') }
  return scalars[type] ?? resolve(type)
}

function mergingSchema(schema: Schema, word: string, argument: string): Schema {
  const keys = argument.split(',')
  const mapList = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys }
  const mergeBy = {
    'x-kubernetes-patch-merge-key': keys[0]!,
    'x-kubernetes-patch-strategy': 'merge',
  }
  const set = { 'x-kubernetes-list-type': 'set' }
  const atomic = { 'x-kubernetes-list-type': 'atomic' }
  switch (word) {
    case 'atomiclist':
      return { ...schema, ...atomic }
    case 'struct':
      return { ...schema, default: {} }
    case 'by':
      return { ...schema, ...mapList, ...mergeBy }
    case 'keyed':
      return { ...schema, ...mapList }
    case 'merge':
      return { ...schema, ...atomic, ...mergeBy }
    case 'retain':
      return schema['type'] === 'array'
        ? { ...schema, ...mapList, ...mergeBy, 'x-kubernetes-patch-strategy': 'merge,retainKeys' }
        : { ...schema, 'x-kubernetes-patch-strategy': 'retainKeys' }
    case 'set':
      return { ...schema, ...set }
    case 'mergeset':
      return { ...schema, ...set, 'x-kubernetes-patch-strategy': 'merge' }
    case 'replace':
      return { ...schema, 'x-kubernetes-patch-strategy': 'replace' }
    case 'atomic':
      return { ...schema, 'x-kubernetes-map-type': 'atomic' }
    case 'default':
      return { ...schema, default: /^\d+$/.test(argument) ? Number(argument) : argument }
    default:
      throw new Error(`Cannot compile shorthand: "${word}" is no way to merge`)
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}
