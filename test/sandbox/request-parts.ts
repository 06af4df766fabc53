// What odd requests are made of: values, changes, queries and headers.
import type { Buffer } from 'node:buffer'
import fc from 'fast-check'
import type { Sandbox } from '../../lib/sandbox/sandbox.ts'
import { objects } from './objects.ts'
import type { Change } from './spoiling.ts'

export type Sent = {
  method: string
  path: string
  headers: Record<string, string>
  body?: Buffer | string
}
/** A request that is made of what is stored when its turn comes. */
export type Plan = (sandbox: Sandbox) => Sent

// The first two are there from the start.
export const names = ['a', 'a', 'a', 'b', 'b', 'b', 'c']
export const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown[]>(null, [null], {}, [], '', 0, -1, true, 'x', 1e21, 0.5, [[]], {
    a: null,
  }),
  fc.constantFrom<unknown[]>(
    ['x'],
    [5],
    '1e999999999',
    '9'.repeat(200),
    '__proto__',
    'a.b/c',
    '%',
    '\u0000',
    '$patch',
  ),
  fc.string({ maxLength: 8 }),
  fc.integer(),
  fc.jsonValue({ maxDepth: 2 }),
)
export const change: fc.Arbitrary<Change> = fc.record({ at: fc.nat(400), to: odd })
// More than half of all objects are left as they are.
export const changes = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Change[]>([]) },
  { weight: 2, arbitrary: fc.array(change, { minLength: 1, maxLength: 2 }) },
)
export const spot = fc.record({ kind: fc.nat(objects.length - 1), name: fc.constantFrom(...names) })

export const manyOf = (...words: string[]): fc.Arbitrary<string> => fc.constantFrom(...words)
export const writeQuery = manyOf(
  ...['', '', '', '', '', '', '', '', '?fieldManager=a', '?fieldManager=a', '?fieldManager=b'],
  ...['?fieldManager=b', '?dryRun=All', '?dryRun=Some'],
  ...['?fieldValidation=Strict', '?fieldValidation=Ignore', '?fieldValidation=x', '?pretty=true'],
)
export const accept = manyOf(
  ...['application/json', 'application/json', '*/*', 'application/yaml', ''],
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/vnd.kubernetes.protobuf, application/json;q=0.5',
  ...['application/vnd.kubernetes.protobuf', 'text/html', ';;=,q'],
)

export function sent(
  method: string,
  path: string,
  body?: unknown,
  type = 'application/json',
): Sent {
  const content = body === undefined ? {} : { body: JSON.stringify(body) }
  return { method, path, headers: { 'content-type': type }, ...content }
}
