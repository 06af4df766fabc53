// Requests to a small world of objects that exist. Most are what a client might send, spoilt in few places, so that they get
// through to the stores; some are broken from the start.
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import type { Obj } from '../../lib/sandbox/types.ts'
import { entry, envelope, message } from '../helpers/protobuf.ts'
import { objects, paths } from './objects.ts'
import {
  accept,
  change,
  changes,
  manyOf,
  names,
  odd,
  sent,
  spot,
  writeQuery,
  type Plan,
} from './request-parts.ts'
import {
  excerpt,
  objectOf,
  pathOf,
  placesIn,
  spoilt,
  storedAt,
  valueIn,
  type Json,
} from './spoiling.ts'

const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'u', controller: true }
const create: fc.Arbitrary<Plan> = fc
  .record({ spot, changes, query: writeQuery, metadata: fc.constantFrom('own', 'made', 'owned') })
  .map(({ spot: { kind, name }, changes: spoils, query, metadata }) => () => {
    const body = objectOf(kind, name)
    if (metadata !== 'own') body['metadata'] = { generateName: `${name}-`, labels: { a: 'b' } }
    // Its owner is not there: what is created is taken away again.
    if (metadata === 'owned') Object.assign(body['metadata'] as Json, { ownerReferences: [owner] })
    return sent('POST', paths[kind]! + query, spoilt(body, spoils))
  })

const replace: fc.Arbitrary<Plan> = fc
  .record({
    spot,
    changes,
    query: writeQuery,
    below: manyOf('', '', '/status'),
    stale: fc.boolean(),
  })
  .map(({ spot: at, changes: spoils, query, below, stale }) => (sandbox) => {
    const stored = storedAt(sandbox, at.kind, at.name)
    const body = stale ? objectOf(at.kind, at.name) : spoilt(stored, spoils)
    return sent('PUT', pathOf(at, below) + query, body)
  })

const subresources = manyOf(
  ...['', '', '', '', '', '', '', '', '', '', '/status', '/status', '/scale', '/resize'],
  '/ephemeralcontainers',
)
const mergePatch: fc.Arbitrary<Plan> = fc
  .record({
    spot,
    change,
    query: writeQuery,
    below: subresources,
    type: manyOf('merge-patch', 'merge-patch', 'strategic-merge-patch'),
    same: fc.constantFrom(true, true, false),
  })
  .map(({ spot: at, change: one, query, below, type, same }) => (sandbox) => {
    const stored = storedAt(sandbox, at.kind, at.name)
    const patch = excerpt(stored, same ? { at: one.at, to: valueIn(stored, one.at) } : one)
    return sent('PATCH', pathOf(at, below) + query, patch, `application/${type}+json`)
  })

const operations = fc.array(
  fc.record({
    op: manyOf('add', 'add', 'replace', 'replace', 'remove', 'test', 'move', 'copy', 'x'),
    at: fc.nat(400),
    to: fc.oneof(odd, fc.constant('same')),
    from: fc.nat(400),
  }),
  { minLength: 1, maxLength: 4 },
)
const jsonPatch: fc.Arbitrary<Plan> = fc
  .record({ spot, operations, query: writeQuery, below: subresources })
  .map(({ spot: at, operations: list, query, below }) => (sandbox) => {
    const stored = storedAt(sandbox, at.kind, at.name)
    const places = placesIn(stored)
    const pathAt = (index: number): string => places[index % places.length]?.path ?? ''
    const patch = list.map((one) => ({
      op: one.op,
      path: pathAt(one.at),
      from: pathAt(one.from),
      value: one.to === 'same' ? valueIn(stored, one.at) : one.to,
    }))
    return sent('PATCH', pathOf(at, below) + query, patch, 'application/json-patch+json')
  })

const apply: fc.Arbitrary<Plan> = fc
  .record({
    spot,
    changes,
    query: manyOf(
      ...['?fieldManager=a', '?fieldManager=b&force=true', '?fieldManager=c', '', '?force=true'],
      '?fieldManager=d&dryRun=All&force=1',
    ),
    below: manyOf('', '', '', '', '', '', '', '', '/status', '/scale'),
  })
  .map(({ spot: at, changes: spoils, query, below }) => () => {
    const body = spoilt(objectOf(at.kind, at.name), spoils)
    return sent('PATCH', pathOf(at, below) + query, body, 'application/apply-patch+yaml')
  })

const remove: fc.Arbitrary<Plan> = fc
  .record({
    spot,
    query: manyOf(
      '',
      '?dryRun=All',
      '?propagationPolicy=Foreground',
      '?gracePeriodSeconds=0',
      '?x=y',
    ),
    options: fc.oneof(
      fc.constant(undefined),
      fc.record({
        kind: fc.constant('DeleteOptions'),
        apiVersion: fc.constant('v1'),
        propagationPolicy: fc.oneof(manyOf('Background', 'Orphan', 'Foreground'), odd),
      }),
      fc.record({ preconditions: fc.oneof(fc.record({ uid: fc.constant('x') }), odd) }),
      odd,
    ),
    isAll: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  })
  .map(({ spot: at, query, options, isAll }) => () => {
    const path = isAll ? paths[at.kind]! : pathOf(at)
    return sent('DELETE', path + query, options)
  })

const scopes = manyOf(
  ...[
    '',
    '?labelSelector=a%3Db',
    '?labelSelector=a+in+(b,c),!d',
    '?labelSelector=a+in',
    '?limit=1',
  ],
  ...['?fieldSelector=metadata.name%3Da', '?fieldSelector=status.phase!=Running', '?limit=-1'],
  ...[
    '?fieldSelector=spec.x%3D1',
    '?limit=1&continue=x',
    '?resourceVersion=0',
    '?resourceVersion=x',
  ],
  ...['?resourceVersion=1&resourceVersionMatch=Exact', '?resourceVersion=999999', '?pretty=true'],
  '?resourceVersionMatch=NotOlderThan&resourceVersion=1&limit=2',
)
const read: fc.Arbitrary<Plan> = fc
  .record({ spot, scope: scopes, accept, isList: fc.boolean(), everywhere: fc.boolean() })
  .map(({ spot: at, scope, accept: wanted, isList, everywhere }) => () => {
    const path = isList ? paths[at.kind]! : pathOf(at)
    const where = isList && everywhere ? path.replace('/namespaces/default', '') : path
    return { method: 'GET', path: where + scope, headers: { accept: wanted } }
  })

/** Watches are left open while other requests change what they tell of. */
const watch: fc.Arbitrary<Plan> = fc
  .record({
    spot,
    accept,
    query: manyOf(
      ...[
        '',
        '&resourceVersion=0',
        '&resourceVersion=1',
        '&allowWatchBookmarks=true',
        '&timeoutSeconds=1',
      ],
      '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
      ...['&labelSelector=a%3Db', '&fieldSelector=metadata.name%3Da', '&sendInitialEvents=true'],
    ),
  })
  .map(({ spot: at, accept: wanted, query }) => () => ({
    method: 'GET',
    path: `${paths[at.kind]!}?watch=1${query}`,
    headers: { accept: wanted },
  }))

// What is sent to each subresource, where that is not the object itself.
const requests: [below: string, body: Json][] = [
  ['/scale', { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 2 } }],
  ['/eviction', { apiVersion: 'policy/v1', kind: 'Eviction' }],
  ['/binding', { apiVersion: 'v1', kind: 'Binding', target: { kind: 'Node', name: 'sandbox' } }],
  [
    '/token',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: ['x'] } },
  ],
]
const holders: Record<string, string[]> = {
  '/scale': ['Deployment', 'ReplicaSet', 'StatefulSet', 'Widget'],
  '/eviction': ['Pod'],
  '/binding': ['Pod'],
  '/token': ['ServiceAccount'],
}
const ask: fc.Arbitrary<Plan> = fc
  .record({
    one: fc.constantFrom(...requests),
    name: fc.constantFrom(...names),
    holder: fc.nat(3),
    changes,
    query: writeQuery,
    method: manyOf('POST', 'PUT', 'GET'),
  })
  .map(({ one: [below, body], name, holder, changes: spoils, query, method }) => () => {
    const kinds = holders[below]!
    const wanted = kinds[holder % kinds.length]!
    const kind = objects.findIndex((object) => (object as Json)['kind'] === wanted)
    const whole = spoilt({ ...body, metadata: { name, namespace: 'default' } }, spoils)
    const path = pathOf({ kind, name }, below)
    if (method === 'GET') return { method, path, headers: {} }
    return sent(below === '/scale' ? 'PUT' : 'POST', path + query, whole)
  })

const logs: fc.Arbitrary<Plan> = fc
  .record({
    name: fc.constantFrom(...names),
    query: manyOf(
      '',
      '?container=c',
      '?container=x',
      '?tailLines=1',
      '?previous=true',
      '?tailLines=x',
    ),
  })
  .map(({ name, query }) => () => ({
    method: 'GET',
    path: `/api/v1/namespaces/default/pods/${name}/log${query}`,
    headers: {},
  }))

function record(kind: string, name: string, data: string): Buffer {
  const metadata = message([1, name], [3, 'default'], [11, entry('a', 'b')])
  return envelope(kind, message([1, metadata], [2, entry('k', data)]))
}
const protobuf: fc.Arbitrary<Plan> = fc
  .record({
    kind: manyOf('ConfigMap', 'Secret', 'Pod', 'Nothing'),
    name: fc.constantFrom('a', 'b', 'c', 'p', 'q', 'r', 's'),
    data: fc.string({ maxLength: 20 }),
    flips: fc.array(fc.record({ at: fc.nat(200), to: fc.nat(255) }), { maxLength: 2 }),
    cut: fc.oneof(fc.constant(0), fc.nat(30)),
    isNew: fc.boolean(),
  })
  .map(({ kind, name, data, flips, cut, isNew }) => () => {
    const bytes = record(kind, name, data)
    for (const { at, to } of flips) bytes[at % bytes.length] = to
    const plural = `${kind.toLowerCase()}s`
    const path = `/api/v1/namespaces/default/${plural}${isNew ? '' : `/${name}`}`
    const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' }
    const body = bytes.subarray(0, bytes.length - cut)
    return { method: isNew ? 'POST' : 'PUT', path, headers, body }
  })

const types = manyOf(
  ...['application/json', 'application/yaml', 'application/merge-patch+json', 'text/plain'],
  ...['application/json-patch+json', 'application/apply-patch+yaml', 'application/cbor', ''],
  'application/vnd.kubernetes.protobuf',
)
const malformed: fc.Arbitrary<Plan> = fc
  .record({
    spot,
    method: manyOf('POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'),
    type: types,
    body: fc.oneof(
      manyOf('', '{', '[]', 'null', '1', '"x"', '{"a":1,"a":2}', '- - -', 'a: *b', '&a [*a]', '%'),
      manyOf('{"metadata":{"name":"a"}', 'kind: [', '!!binary x', '<<: 1', 'k8s\0', '\ufeff{}'),
      fc.string({ maxLength: 40 }),
    ),
    cut: fc.option(fc.nat(100)),
  })
  .map(({ spot: at, method, type, body, cut }) => () => {
    const whole = JSON.stringify(objectOf(at.kind, at.name))
    const path = method === 'POST' ? paths[at.kind]! : pathOf(at)
    const query = type.includes('apply') ? '?fieldManager=a' : ''
    const text = cut === null ? body : whole.slice(0, cut)
    return { method, path: path + query, headers: { 'content-type': type }, body: text }
  })

const elsewhere: fc.Arbitrary<Plan> = manyOf(
  ...[
    '/api',
    '/apis',
    '/api/v1',
    '/apis/apps',
    '/apis/apps/v1',
    '/version',
    '/openapi/v2',
    '/healthz',
  ],
  ...[
    '/openapi/v3',
    '/openapi/v3/api/v1',
    '/openapi/v3/apis/example.test/v1',
    '/apis/none/v1',
    '/',
  ],
  ...[
    '/api/v1/namespaces/default/pods/a/exec',
    '/api/v1/%2e%2e/x',
    '/api/v1/%zz',
    '/metrics',
    '//',
  ],
  ...['/api/v1/namespaces/default', '/apis/example.test/v1/namespaces/x/widgets', '/logs/x'],
).map((path) => () => ({ method: 'GET', path, headers: {} }))

const reviews = {
  selfsubjectaccessreviews: { resourceAttributes: { verb: 'get', resource: 'pods' } },
  subjectaccessreviews: { user: 'x', resourceAttributes: { verb: 'get', resource: 'pods' } },
  selfsubjectrulesreviews: { namespace: 'default' },
}
const review: fc.Arbitrary<Plan> = fc
  .record({ plural: fc.constantFrom(...Object.entries(reviews)), changes })
  .map(
    ({ plural: [plural, spec], changes: spoils }) =>
      () =>
        sent('POST', `/apis/authorization.k8s.io/v1/${plural}`, spoilt({ spec }, spoils)),
  )

// As whom: mostly as the administrator.
const sender = fc.constantFrom<Record<string, string>[]>(
  ...Array<Record<string, string>>(60).fill({}),
  { 'impersonate-user': 'nobody' },
  { 'impersonate-user': 'system:serviceaccount:default:a', 'impersonate-group': 'x' },
  { 'impersonate-group': 'x' },
  { authorization: 'Bearer x' },
)

const weights: [number, fc.Arbitrary<Plan>][] = [
  [12, create],
  [12, replace],
  [14, mergePatch],
  [12, jsonPatch],
  [14, apply],
  [4, remove],
  [10, read],
  [3, watch],
  [6, ask],
  [2, logs],
  [4, protobuf],
  [5, malformed],
  [3, elsewhere],
  [2, review],
]

/** One request, and how long the world waits afterwards. */
export const request: fc.Arbitrary<{ plan: Plan; waitMs: number }> = fc
  .record({
    plan: fc.oneof(...weights.map(([weight, arbitrary]) => ({ weight, arbitrary }))),
    sender,
    waitMs: fc.constantFrom(0, 0, 0, 0, 1, 200, 2000),
  })
  .map(({ plan, sender: as, waitMs }) => ({
    plan: (sandbox) => {
      const one = plan(sandbox)
      return { ...one, headers: { ...one.headers, ...as } }
    },
    waitMs,
  }))

/** The objects that are there from the start. */
export function seeds(): { path: string; body: Obj }[] {
  return objects.flatMap((_, kind) =>
    ['a', 'b'].map((name) => ({ path: paths[kind]!, body: objectOf(kind, name) as Obj })),
  )
}
