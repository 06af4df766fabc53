// Bodies that are nested as deep as the sandbox takes them, and deeper, by every way in.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { maxDepth } from '../../lib/sandbox/depth.ts'
import { applyJsonPatch } from '../../lib/sandbox/jsonpatch.ts'
import { createSandbox } from '../../lib/sandbox/sandbox.ts'
import { StatusError } from '../../lib/sandbox/types.ts'
import { inProcess, type ContractClient, type Reply } from '../contracts/client.ts'
import { patchTypes, type PatchType } from '../contracts/scope.ts'
import { realClock } from '../helpers/sandbox.ts'

const test = suite('depth of bodies')

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const chests = '/apis/deep.test/v1/namespaces/default/chests'
const configMaps = '/api/v1/namespaces/default/configmaps'
const chest = { apiVersion: 'deep.test/v1', kind: 'Chest', metadata: { name: 'a' } }

function definition(schema: object): object {
  const openAPIV3Schema = { type: 'object', ...schema }
  const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'chests.deep.test' },
    spec: {
      group: 'deep.test',
      scope: 'Namespaced',
      names: { plural: 'chests', singular: 'chest', kind: 'Chest' },
      versions: [{ ...version, subresources: { status: {} } }],
    },
  }
}

async function withChest(use: (client: ContractClient) => Promise<void>): Promise<void> {
  const sandbox = createSandbox({ clock: realClock(), random: Math.random })
  const client = inProcess(sandbox)
  try {
    await client.request('POST', crds, {
      body: definition({ 'x-kubernetes-preserve-unknown-fields': true }),
    })
    await client.request('POST', chests, { body: chest })
    await client.request('POST', configMaps, {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
    })
    await use(client)
  } finally {
    sandbox.stop()
  }
}

type Shape = 'maps' | 'lists'
function nested(shape: Shape, levels: number): string {
  return shape === 'maps'
    ? `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    : `${'['.repeat(levels)}${']'.repeat(levels)}`
}

type Send = (client: ContractClient, value: string) => Promise<Reply>

function bodyOf(fields: object, value: string): string {
  return JSON.stringify({ ...fields, x: 'VALUE' }).replace('"VALUE"', value)
}

function patching(path: string, type: PatchType, body: (value: string) => string): Send {
  const query = type === 'apply' ? '?fieldManager=deep&force=true' : ''
  return (client, value) =>
    client.request('PATCH', path + query, { body: body(value), contentType: patchTypes[type] })
}

// Each with how many levels lie around the value, and what the sandbox answers to one that is not too deep.
const ways: [title: string, around: number, status: number, send: Send][] = [
  [
    'POST',
    1,
    201,
    (client, value) => {
      const named = { ...chest, metadata: { generateName: 'a' } }
      return client.request('POST', chests, { body: bodyOf(named, value) })
    },
  ],
  [
    'PUT',
    1,
    200,
    async (client, value) => {
      const { body } = await client.request('GET', `${chests}/a`)
      return client.request('PUT', `${chests}/a`, { body: bodyOf(body as object, value) })
    },
  ],
  ['merge patch', 1, 200, patching(`${chests}/a`, 'merge', (value) => `{"x":${value}}`)],
  [
    'merge patch of a status',
    1,
    200,
    patching(`${chests}/a/status`, 'merge', (value) => `{"status":${value}}`),
  ],
  [
    'strategic merge patch',
    1,
    200,
    patching(`${configMaps}/a`, 'strategic', (value) => `{"x":${value}}`),
  ],
  [
    'JSON patch',
    2,
    200,
    patching(`${chests}/a`, 'json', (value) => `[{"op":"add","path":"/x","value":${value}}]`),
  ],
  ['server-side apply', 1, 200, patching(`${chests}/a`, 'apply', (value) => bodyOf(chest, value))],
  [
    'DELETE',
    1,
    200,
    (client, value) =>
      client.request('DELETE', `${chests}/a?dryRun=All`, {
        body: bodyOf({ kind: 'DeleteOptions', apiVersion: 'v1' }, value),
      }),
  ],
  [
    'DELETE of a collection',
    1,
    200,
    (client, value) =>
      client.request('DELETE', `${chests}?dryRun=All`, {
        body: bodyOf({ kind: 'DeleteOptions', apiVersion: 'v1' }, value),
      }),
  ],
  [
    'review',
    1,
    201,
    (client, value) =>
      client.request('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
        body: bodyOf(
          {
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SelfSubjectRulesReview',
            spec: { namespace: 'default' },
          },
          value,
        ),
      }),
  ],
]

for (const [title, around, status, send] of ways)
  for (const shape of ['maps', 'lists'] as const) {
    test(`${title} takes ${maxDepth} levels of ${shape} and refuses one more with 400`, async () => {
      await withChest(async (client) => {
        const taken = await send(client, nested(shape, maxDepth - around))
        assert.is(taken.status, status, taken.text.slice(0, 300))
        const refused = await send(client, nested(shape, maxDepth - around + 1))
        assert.is(refused.status, 400, refused.text.slice(0, 300))
        assert.match(refused.text, /the body of the request is nested more than 1000 levels deep/)
      })
    })
  }

test('300,000 levels are refused with 400 and leave the sandbox at work', async () => {
  await withChest(async (client) => {
    for (const [title, , , send] of ways)
      assert.is((await send(client, nested('maps', 300_000))).status, 400, title)
    assert.is((await client.request('GET', `${chests}/a`)).status, 200)
  })
})

test('POST of YAML that is nested too deep for its parser is refused with 400', async () => {
  await withChest(async (client) => {
    for (const [levels, status] of [
      [150, 201],
      [250, 400],
      [300_000, 400],
    ] as const) {
      const body = `apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a}\nx: ${nested('maps', levels)}\n`
      const sent = await client.request('POST', configMaps, {
        body,
        contentType: 'application/yaml',
      })
      assert.is(sent.status, status, sent.text.slice(0, 300))
    }
  })
})

test('a definition with a schema of 1,000 levels is taken or refused, and so are its objects', async () => {
  const sandbox = createSandbox({ clock: realClock(), random: Math.random })
  const client = inProcess(sandbox)
  const levels = 490
  const schema = `${'{"type":"object","properties":{"a":'.repeat(levels)}{"type":"string"}${'}}'.repeat(levels)}`
  const body = JSON.stringify(definition({ properties: { x: 'VALUE' } })).replace('"VALUE"', schema)
  assert.is((await client.request('POST', crds, { body })).status, 201)
  const value = nested('maps', levels).replace('1', '"x"')
  const sent = await client.request('POST', chests, { body: bodyOf(chest, value) })
  assert.is(sent.status, 201, sent.text.slice(0, 300))
  assert.is((await client.request('GET', '/openapi/v3/apis/deep.test/v1')).status, 200)
  const applied = await patching(`${chests}/a`, 'apply', (deep) => bodyOf(chest, deep))(
    client,
    value.replace('"x"', '"y"'),
  )
  assert.is(applied.status, 200, applied.text.slice(0, 300))
  sandbox.stop()
})

const doubled = { op: 'copy', from: '/a', path: '/a/b' }

for (const [situation, patch, code] of [
  ['more operations than a real server', Array(10_001).fill({ op: 'add', path: '/b' }), 413],
  ['copies that nest deeper and deeper', Array.from({ length: maxDepth }, () => doubled), 422],
  [
    'copies of copies that grow large',
    Array.from({ length: 40 }, (_, n) => ({ op: 'copy', from: '/a', path: `/a/c${n}` })),
    422,
  ],
  [
    'a result that is too deep',
    Array.from({ length: maxDepth }, (_, n) => ({
      op: 'add',
      path: `/a${'/b'.repeat(n + 1)}`,
      value: {},
    })),
    422,
  ],
] as const) {
  test(`applyJsonPatch() refuses ${situation} with ${code}`, () => {
    assert.throws(
      () => applyJsonPatch({ a: { c: 'd' } }, patch),
      (error: unknown) => error instanceof StatusError && error.code === code,
    )
  })
}

test.run()
