// What does a request want to do? Its verb and object, as rules of RBAC name them, and the sentence that refuses it.
import { isTrue } from '../../ask.ts'
import type { ResourcePath } from '../../route.ts'
import { StatusError, type Json } from '../../types.ts'
import type { User } from '../identity/user.ts'

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

// Verbs that old clients put into the path: /api/v1/watch/pods.
const pathVerbs = new Set(['watch', 'proxy'])
// "namespaces/x/status" is about the namespace itself, "namespaces/x/pods" about something in it.
const ofNamespaces = new Set(['status', 'finalize'])

/**
 * What a request asks for, before anybody knows whether there is such a thing: the rules by which an API server takes a path
 * apart for authorization. Throws URIError when the path is badly encoded.
 */
export function attributesOf(method: string, url: URL): Attributes {
  const path = decodeURIComponent(url.pathname)
  const parts = path.split('/').filter((part) => part !== '')
  const [root, ...below] = parts
  const group = root === 'apis' ? below.shift() : ''
  // The group, the version, and at least one thing in it.
  if ((root !== 'api' && root !== 'apis') || below.length < 2)
    return { kind: 'path', verb: method.toLowerCase(), path }
  const [, ...rest] = below
  const inPath = pathVerbs.has(rest[0]!) && rest.length > 1 ? rest.shift() : undefined
  const { namespace, names } = namesIn(rest)
  const [resource = '', named = '', subresource = ''] = names
  const asked = inPath ?? verbs[method] ?? ''
  const name = named || (asked === 'get' ? nameSelected(url.searchParams) : '')
  return {
    ...{ kind: 'resource', verb: onMany(asked, named, url.searchParams), group: group ?? '' },
    ...{ resource, namespace, name, subresource: inPath === 'proxy' ? '' : subresource },
  }
}

// A namespace is inside itself: a Role in it may let people read it.
function namesIn(parts: readonly string[]): { namespace: string; names: readonly string[] } {
  const [first, namespace, third] = parts
  if (first !== 'namespaces' || namespace === undefined) return { namespace: '', names: parts }
  const isItself = third === undefined || ofNamespaces.has(third)
  return { namespace, names: isItself ? parts : parts.slice(2) }
}

function onMany(verb: string, name: string, query: URLSearchParams): string {
  if (name !== '') return verb
  if (verb === 'get') return isTrue(query.get('watch')) ? 'watch' : 'list'
  return verb === 'delete' ? 'deletecollection' : verb
}

// Who lists or watches one object by its name asks for that object only.
function nameSelected(query: URLSearchParams): string {
  const terms = (query.get('fieldSelector') ?? '').split(',')
  if (!terms.every((term) => term.includes('='))) return ''
  const named = terms.map((term) => /^metadata\.name==?([^=!]*)$/.exec(term)?.[1])
  const name = named.find((one) => one !== undefined) ?? ''
  return /[/%]|^\.\.?$/.test(name) ? '' : name
}

/** What a request for this path asks for if it turns out to create the object. */
export function createAttributes(path: ResourcePath): ResourceAttributes {
  return {
    ...{ kind: 'resource', verb: 'create', group: path.group, resource: path.plural },
    ...{ subresource: path.subresource ?? '', namespace: path.namespace ?? '' },
    name: path.name ?? '',
  }
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
