import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  decodeRecord,
  decodeRelease,
  encodeRecord,
  readRevision,
  statusPatch,
} from '../../lib/helm/storage.ts'
import { ReconcileError } from '../../lib/model/errors.ts'
import type { KubeObject } from '../../lib/model/json.ts'

const test = suite('helm storage')

/** A Secret as a real helm wrote it. */
async function stored(by: 'helm3' | 'helm4'): Promise<KubeObject> {
  const file = new URL(`../fixtures/storage/${by}.json`, import.meta.url)
  return JSON.parse(await readFile(file, 'utf8')) as KubeObject
}

function secretWith(json: string, over: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'sh.helm.release.v1.api.v7',
      namespace: 'shop',
      uid: 'u',
      resourceVersion: '9',
      labels: { owner: 'helm', name: 'api', status: 'failed', version: '7' },
    },
    data: { release: encodeRecord(json) },
    ...over,
  }
}

function refusal(act: () => unknown): ReconcileError {
  try {
    act()
  } catch (error) {
    if (error instanceof ReconcileError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

for (const [by, applyMethod] of [
  ['helm3', 'client'],
  ['helm4', 'server'],
] as const) {
  test(`decodeRelease() reads what ${by} wrote`, async () => {
    const { config, chart, deployedAt, secret, ...release } = decodeRelease(await stored(by))
    assert.equal(release, {
      name: 'api',
      namespace: by.replace('helm', 'fix'),
      revision: 1,
      status: 'deployed',
      description: 'Install complete',
      hookEvents: ['post-install', 'test'],
      testHooks: [],
      objects: [
        { apiVersion: 'v1', kind: 'ConfigMap', namespace: by.replace('helm', 'fix'), name: 'api' },
      ],
      applyMethod,
    })
    assert.equal({ replicas: config.replicas, text: config.text }, { replicas: 2, text: 'ünï' })
    assert.is(secret.name, 'sh.helm.release.v1.api.v1')
    assert.match(deployedAt ?? '', /^2026-11-20T/)
    const { templates, ...rest } = chart
    assert.equal(rest, {
      name: 'shop',
      version: '1.2.3',
      appVersion: '4.5',
      values: { replicas: 1 },
    })
    assert.equal(Object.keys(templates), ['templates/config.yaml', 'templates/hook.yaml'])
    assert.match(
      Buffer.from(templates['templates/hook.yaml']!, 'base64').toString(),
      'post-install',
    )
  })
}

test('readRevision() needs no more than metadata', async () => {
  const { metadata } = await stored('helm3')
  const revision = readRevision({ apiVersion: 'v1', kind: 'PartialObjectMetadata', metadata })
  assert.equal([revision?.name, revision?.revision, revision?.status], ['api', 1, 'deployed'])
})

test('readRevision() takes no other Secret for a revision', async () => {
  const { metadata } = await stored('helm3')
  for (const labels of [{}, { owner: 'helm', name: 'api' }, { ...metadata.labels, owner: 'x' }])
    assert.is(readRevision(secretWith('{}', { metadata: { ...metadata, labels } })), undefined)
})

test('decodeRelease() reads records from before Helm compressed them', () => {
  const json = '{"name":"api","info":{"status":"failed"},"chart":{"metadata":{"name":"x"}}}'
  const release = Buffer.from(Buffer.from(json).toString('base64')).toString('base64')
  assert.is(decodeRelease(secretWith('', { data: { release } })).chart.name, 'x')
})

test('decodeRelease() fills in what a release may leave out', () => {
  const release = decodeRelease(
    secretWith(
      '{"info":{"status":"new","last_deployed":"0001-01-01T00:00:00Z"},"chart":{"templates":null},"hooks":null}',
    ),
  )
  assert.equal(
    [release.status, release.config, release.objects, release.hookEvents, release.deployedAt],
    ['unknown', {}, [], [], undefined],
  )
  assert.equal([release.chart.values, release.chart.templates], [{}, {}])
})

for (const [situation, data] of [
  ['nothing', undefined],
  ['no base64', { release: '%%%' }],
  ['no JSON', { release: encodeRecord('hello') }],
  ['JSON of something else', { release: encodeRecord('{"a":1}') }],
  ['a list', { release: encodeRecord('[]') }],
  ['half a record', { release: encodeRecord('{"info":{},"chart":{}}'.repeat(50)).slice(0, 60) }],
] as const) {
  test(`decodeRelease() has a sentence for a Secret that holds ${situation}`, () => {
    const { code, message } = refusal(() => decodeRelease(secretWith('', { data })))
    assert.is(code, 'ReleaseUnreadable')
    assert.match(
      message,
      `Cannot read Helm's Secret "sh.helm.release.v1.api.v7" in namespace "shop": `,
    )
  })
}

const record = (over: object): string =>
  JSON.stringify({ info: {}, chart: { metadata: {} }, config: {}, ...over })
const items = (count: number): number[] => Array.from({ length: count }, () => 1)
const documents = Array.from(
  { length: 10_001 },
  (_, index) => `---\napiVersion: v1\nkind: A\nmetadata:\n  name: a${index}\n`,
)

for (const [what, json, why] of [
  ['unpacks to 65 MB', `"${'x'.repeat(65 * 1024 * 1024)}"`, 'it unpacks to more than 32 MB'],
  [
    'holds values beyond any measure',
    record({ config: { list: items(60_000) } }),
    'the map of its values has more than 50,000 values',
  ],
  [
    'nests values 20,000 levels deep',
    record({}).replace('"config":{}', `"config":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
    'the map of its values is nested more than 200 levels deep',
  ],
  [
    "holds chart's values beyond any measure",
    record({ chart: { values: { list: items(60_000) } } }),
    "the map of its chart's values has more than 50,000 values",
  ],
  [
    'lists objects without end',
    record({ manifest: documents.join('') }),
    'it has more than 10,000 objects',
  ],
  [
    'takes the memory of a hundred releases',
    record({ chart: { templates: [{ name: 'a', data: 'x'.repeat(17 * 1024 * 1024) }] } }),
    'it holds more than 16 MB',
  ],
] as const)
  test(`decodeRelease() refuses what ${what}`, () => {
    const { code, message } = refusal(() => decodeRelease(secretWith(json)))
    assert.is(code, 'ReleaseUnreadable')
    assert.match(message, `in namespace "shop": ${why};`)
  })

for (const by of ['helm3', 'helm4'] as const) {
  test(`statusPatch() changes status and description of what ${by} wrote and nothing else`, async () => {
    const secret = await stored(by)
    const mark = {
      status: 'failed',
      description: 'Not ready "in time"',
      at: 1_700_000_000_999,
    } as const
    const patch = statusPatch(secret, mark) as { metadata: object; data: { release: string } }
    assert.equal(patch.metadata, {
      resourceVersion: secret.metadata.resourceVersion,
      labels: { status: 'failed', modifiedAt: '1700000000', createdAt: null },
    })
    const before = JSON.parse(decodeRecord(secret)) as { info: object }
    const after = JSON.parse(decodeRecord({ ...secret, data: patch.data })) as { info: object }
    const { status, description } = mark
    assert.equal(after, { ...before, info: { ...before.info, status, description } })
  })
}

test('statusPatch() has a sentence for what is no JSON', () => {
  const damaged = secretWith('{"info\\x":1,"info":{}}')
  const mark = { status: 'failed', description: '', at: 0 } as const
  assert.is(refusal(() => statusPatch(damaged, mark)).code, 'ReleaseUnreadable')
})

test('statusPatch() keeps numbers that JavaScript cannot hold', () => {
  const secret = secretWith(
    '{"info":{"status":"deployed"},"config":{"n":12345678901234567890,"f":1.0}}',
  )
  const patch = statusPatch(secret, { status: 'failed', description: '', at: 0 })
  assert.match(
    decodeRecord({ ...secret, data: patch.data }),
    '"config":{"n":12345678901234567890,"f":1.0}',
  )
})

test('decodeRelease() tells the Pods and Jobs that run as tests', () => {
  const hook = (kind: string, name: string, ...events: string[]) => ({
    ...{ kind, name, events },
    manifest: `apiVersion: ${kind === 'Job' ? 'batch/v1' : 'v1'}\nkind: ${kind}\nmetadata:\n  name: ${name}\n`,
  })
  const hooks = [
    hook('Pod', 'check', 'test'),
    hook('Job', 'old', 'test-success'),
    hook('ConfigMap', 'data', 'test'),
    hook('Job', 'migrate', 'pre-upgrade'),
  ]
  const record = { name: 'api', info: { status: 'deployed' }, chart: { metadata: {} }, hooks }
  assert.equal(decodeRelease(secretWith(JSON.stringify(record))).testHooks, [
    { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'check' },
    { apiVersion: 'batch/v1', kind: 'Job', namespace: 'shop', name: 'old' },
  ])
})

test.run()
