// Six thousand requests that nobody would send on purpose: none is answered as an error of the server's own, and none makes
// a controller throw.
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSandbox, type Sandbox } from '../../lib/sandbox/sandbox.ts'
import { startWorkloads } from '../../lib/sandbox/workloads/start.ts'
import { manualClock, steadyRandom, type ManualClock } from '../helpers/hollow.ts'
import { seeded } from '../helpers/seed.ts'
import { objects, paths, widgetDefinition } from './objects.ts'

const test = suite('requests')

type Change = { at: number; to: unknown }
type Sent = {
  kind: number
  name: string
  method: string
  type: string
  query: string
  below: string
  changes: Change[]
  waitMs: number
}

const types = [
  'application/json',
  'application/json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/yaml',
]
const queries = [
  '',
  '',
  '?fieldManager=a',
  '?fieldManager=b&force=true',
  '?dryRun=All',
  '?fieldValidation=Strict',
  '?propagationPolicy=Foreground',
  '?labelSelector=a%3Db',
  '?fieldSelector=metadata.name%3Da&limit=1',
  '?resourceVersion=x',
  '?limit=-1&continue=x',
  '?gracePeriodSeconds=0',
]
const odd: fc.Arbitrary<unknown> = fc.oneof(
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

const request: fc.Arbitrary<Sent> = fc.record({
  kind: fc.nat(objects.length - 1),
  name: fc.constantFrom('a', 'b', 'c'),
  method: fc.constantFrom('POST', 'POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE', 'GET'),
  type: fc.constantFrom(...types),
  query: fc.constantFrom(...queries),
  below: fc.constantFrom(
    '',
    '',
    '',
    '',
    '/status',
    '/scale',
    '/log',
    '/eviction',
    '/binding',
    '/token',
    '/resize',
  ),
  changes: fc.array(fc.record({ at: fc.nat(200), to: odd }), { maxLength: 3 }),
  waitMs: fc.constantFrom(0, 0, 0, 0, 1, 200, 2000),
})

function world(): { sandbox: Sandbox; clock: ManualClock; thrown: unknown[] } {
  const clock = manualClock()
  const thrown: unknown[] = []
  const report = (error: unknown): void => void thrown.push(error)
  const sandbox = createSandbox({ clock, random: steadyRandom(), report })
  startWorkloads({ api: sandbox.api, clock, random: steadyRandom(2), report })
  sandbox.api.create(
    'customresourcedefinitions.apiextensions.k8s.io',
    structuredClone(widgetDefinition),
  )
  clock.advance(1000)
  return { sandbox, clock, thrown }
}

// Every place in a value, so that one of them can be another value.
function placesIn(
  value: unknown,
  found: [holder: Record<string, unknown>, key: string][] = [],
): typeof found {
  if (typeof value === 'object' && value !== null)
    for (const key of Object.keys(value)) {
      found.push([value as Record<string, unknown>, key])
      placesIn((value as Record<string, unknown>)[key], found)
    }
  return found
}

function bodyOf({ kind, name, changes, type }: Sent): unknown {
  const body = structuredClone(objects[kind]!) as { metadata: { name: string } }
  body.metadata.name = name
  for (const { at, to } of changes) {
    const places = placesIn(body)
    const [holder, key] = places[at % places.length] ?? []
    if (holder !== undefined && key !== undefined) holder[key] = structuredClone(to)
  }
  if (type !== 'application/json-patch+json') return body
  return changes.map(({ to }) => ({ op: 'add', path: '/spec', value: to }))
}

async function send(sandbox: Sandbox, one: Sent): Promise<{ status: number; text: string }> {
  const { method, query, below, type, kind, name } = one
  const path = method === 'POST' && below === '' ? paths[kind]! : `${paths[kind]!}/${name}${below}`
  const hasBody = method !== 'GET' && (method !== 'DELETE' || below !== '')
  const response = await sandbox.handle(
    new Request(`http://sandbox${path}${query}`, {
      method,
      headers: { 'content-type': type },
      ...(hasBody ? { body: JSON.stringify(bodyOf(one)) } : {}),
    }),
  )
  return { status: response.status, text: await response.text() }
}

// What Kubernetes itself answers with 500: server-side apply of what it cannot read, and versions of what is to be made.
const known = /failed to create typed patch object|resourceVersion should not be set/

test('6000 odd requests are answered, and no controller throws', async () => {
  const rounds = seeded('6000 odd requests', 60)
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: 100, maxLength: 100 }), async (requests) => {
      const { sandbox, clock, thrown } = world()
      for (const one of requests) {
        const { status, text } = await send(sandbox, one)
        const said = `${one.method} ${paths[one.kind]} ${one.below}: ${text.slice(0, 400)}`
        assert.ok(status < 500 || status === 501 || known.test(text), said)
        clock.advance(one.waitMs)
        assert.equal(
          thrown.map((error) => (error as Error).stack),
          [],
          said,
        )
      }
      clock.advance(60_000)
      assert.equal(
        thrown.map((error) => (error as Error).stack),
        [],
      )
      sandbox.stop()
    }),
    rounds,
  )
})

test.run()
