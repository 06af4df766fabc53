// What does a request want to do? Its verb and object, as rules of RBAC name them, and the sentence that refuses it.
import type { ResourcePath, Route } from '../route.ts'
import { StatusError, type Json } from '../types.ts'
import type { User } from './user.ts'

export type ResourceAttributes = {
  kind: 'resource'
  verb: string
  group: string
  resource: string
  // These three are empty where they do not apply.
  subresource: string
  namespace: string
  name: string
}
export type Attributes = ResourceAttributes | { kind: 'path'; verb: string; path: string }

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** What a request asks for, before anybody knows whether there is such a thing. */
export function attributesOf(route: Route, method: string, url: URL): Attributes {
  if (route.kind !== 'resource')
    return { kind: 'path', verb: method.toLowerCase(), path: url.pathname }
  const name = route.path.name ?? nameSelected(method, url.searchParams)
  return {
    kind: 'resource',
    verb: verbOf(method, route.path, url.searchParams),
    group: route.path.group,
    resource: route.path.plural,
    subresource: route.path.subresource ?? '',
    // A namespace is inside itself: a Role in it may let people read it.
    namespace: route.path.namespace ?? ownNamespace(route.path),
    name,
  }
}

/** What a request for this path asks for if it turns out to create the object. */
export function createAttributes(path: ResourcePath): ResourceAttributes {
  return {
    ...{ kind: 'resource', verb: 'create', group: path.group, resource: path.plural },
    ...{ subresource: path.subresource ?? '', namespace: path.namespace ?? '' },
    name: path.name ?? '',
  }
}

function ownNamespace({ group, plural, name }: ResourcePath): string {
  return group === '' && plural === 'namespaces' ? (name ?? '') : ''
}

function verbOf(method: string, { name }: ResourcePath, query: URLSearchParams): string {
  const verb = verbs[method] ?? ''
  if (verb === 'get' && isTrue(query.get('watch'))) return 'watch'
  if (name !== undefined) return verb
  if (verb === 'get') return 'list'
  return verb === 'delete' ? 'deletecollection' : verb
}

function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1'
}

// Who lists or watches one object by its name asks for that object only.
function nameSelected(method: string, query: URLSearchParams): string {
  if (method !== 'GET') return ''
  const selector = query.get('fieldSelector') ?? ''
  return /(?:^|,)metadata\.name==?([^,=!]+)(?:,|$)/.exec(selector)?.[1] ?? ''
}

/** The refusal, as the API server words it. */
export function forbiddenTo(user: User, attributes: Attributes, reason = ''): StatusError {
  const sentence = escaped(sentenceOf(user, attributes))
  const why = reason === '' ? sentence : `${sentence}: ${reason}`
  if (attributes.kind === 'path') return new StatusError(403, 'Forbidden', `forbidden: ${why}`, {})
  const { group, resource, name } = attributes
  const qualified = group === '' ? resource : `${resource}.${group}`
  const whose = name === '' ? qualified : `${qualified} "${name}"`
  const details: { [key: string]: Json } = {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: resource,
  }
  return new StatusError(403, 'Forbidden', `${whose} is forbidden: ${why}`, details)
}

function sentenceOf({ name: user }: User, attributes: Attributes): string {
  const who = `User ${quoted(user)} cannot ${attributes.verb}`
  if (attributes.kind === 'path') return `${who} path ${quoted(attributes.path)}`
  const { group, resource, subresource, namespace } = attributes
  const what = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${quoted(namespace)}`
  return `${who} resource ${quoted(what)} in API group ${quoted(group)} ${where}`
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

// The server keeps its refusals from looking like HTML.
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
