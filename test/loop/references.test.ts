import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { systemClock } from '../../lib/edge/clock.ts'
import { References, type Reading } from '../../lib/loop/references.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { Reference } from '../../lib/plan/references.ts'
import { formatReference } from '../../lib/plan/references.ts'
import { configMap, configMaps, secrets } from '../helpers/cluster.ts'
import { fakeClock } from '../helpers/clock.ts'
import { trustAccounts, withFront, type Front } from '../helpers/front.ts'
import { recordLog } from '../helpers/log.ts'
import { until } from '../helpers/until.ts'

const test = suite('References')

type Bench = Front & {
  references: References
  // Each key that was woken, in order.
  woken: string[]
  messages: string[]
}

const web: Reference = { kind: 'ConfigMap', namespace: 'default', name: 'web' }
const api: Reference = { ...web, name: 'api' }
const password: Reference = { ...web, kind: 'Secret', name: 'password' }

async function withReferences(use: (bench: Bench) => Promise<void>): Promise<void> {
  await withFront(async (front) => {
    const woken: string[] = []
    const { log, messages } = recordLog()
    const references = new References({
      ...{ log, clock: systemClock() },
      accessAs: (identity) => ({ cluster: front.cluster.as(identity) }),
      wake: (key) => woken.push(key),
    })
    try {
      await use({ ...front, references, woken, messages })
    } finally {
      references.close()
    }
  })
}

function watched({ references }: Bench, reference: Reference): Promise<unknown> {
  return until('it is watched', () => references.versionOf(reference, undefined) !== undefined)
}

function reading(reference: Reference, version: string): Reading {
  return { of: '', digest: '', versions: new Map([[formatReference(reference), version]]) }
}

function versionOf({ metadata: { uid, resourceVersion } }: KubeObject): string {
  return `${uid}@${resourceVersion}`
}

test('wakes exactly those who refer to what was created, changed or deleted', () =>
  withReferences(async (bench) => {
    const { references, cluster, woken } = bench
    references.follow('one', [web], undefined)
    references.follow('both', [web, api], undefined)
    references.follow('neither', [{ ...web, name: 'other' }], undefined)
    await watched(bench, web)
    const object = await cluster.create(configMaps, configMap('default', 'web', { a: '1' }))
    await until('both are woken', () => woken.length === 2)
    await cluster.create(configMaps, configMap('default', 'unrelated'))
    await cluster.update(configMaps, { ...object, data: { a: '2' } })
    await until('both are woken again', () => woken.length === 4)
    await cluster.remove(configMaps, { name: 'web', namespace: 'default' })
    await until('both are woken again', () => woken.length === 6)
    assert.equal(woken, ['one', 'both', 'one', 'both', 'one', 'both'])
  }))

test('asks for metadata only, with one watch for each kind in each namespace', () =>
  withReferences(async (bench) => {
    const { references, requests } = bench
    for (const key of ['a', 'b', 'c']) references.follow(key, [web, api, password], undefined)
    references.follow('d', [{ ...web, namespace: 'kube-public' }], undefined)
    for (const one of [web, password, { ...web, namespace: 'kube-public' }])
      await watched(bench, one)
    await until('three watches run', () => requests.length === 6)
    assert.equal(requests.map((asked) => asked.replace(/\?.*(watch=1)?.*/, '$1')).sort(), [
      'GET /api/v1/namespaces/default/configmaps',
      'GET /api/v1/namespaces/default/configmaps',
      'GET /api/v1/namespaces/default/secrets',
      'GET /api/v1/namespaces/default/secrets',
      'GET /api/v1/namespaces/kube-public/configmaps',
      'GET /api/v1/namespaces/kube-public/configmaps',
    ])
    assert.is(references.size, 3)
  }))

test('ends a watch when nobody refers to anything in it any more', () =>
  withReferences(async (bench) => {
    const { references, cluster, woken } = bench
    references.follow('one', [web], undefined)
    references.follow('two', [web, password], undefined)
    await watched(bench, web)
    references.follow('two', [password], undefined)
    assert.is(references.size, 2)
    references.follow('one', [api], undefined)
    assert.is(references.size, 2)
    references.forget('one')
    assert.is(references.size, 1)
    await watched(bench, password)
    await cluster.create(configMaps, configMap('default', 'web'))
    const metadata = { name: 'password', namespace: 'default' }
    await cluster.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata })
    await until('the other is woken', () => woken.length > 0)
    assert.equal(woken, ['two'])
    references.forget('two')
    assert.is(references.size, 0)
    assert.is(references.versionOf(password, undefined), undefined)
  }))

test('knows the version of what it watches without reading it', () =>
  withReferences(async (bench) => {
    const { references, cluster } = bench
    assert.is(references.versionOf(web, undefined), undefined)
    references.follow('one', [web, api], undefined)
    const object = await cluster.create(configMaps, configMap('default', 'web'))
    await until('it is there', () => references.versionOf(web, undefined) === versionOf(object))
    assert.is(references.versionOf(api, undefined), '')
    await cluster.remove(configMaps, { name: 'web', namespace: 'default' })
    await until('it is gone', () => references.versionOf(web, undefined) === '')
  }))

test('does not wake those who have read the very version', () =>
  withReferences(async (bench) => {
    const { references, cluster, woken } = bench
    const object = await cluster.create(configMaps, configMap('default', 'web'))
    for (const key of ['old', 'new', 'newer', 'none']) references.follow(key, [web], undefined)
    const { uid, resourceVersion } = object.metadata
    references.note('old', reading(web, `${uid}@${Number(resourceVersion) - 1}`))
    references.note('new', reading(web, versionOf(object)))
    // The watch has yet to tell what a pass has read.
    references.note('newer', reading(web, `${uid}@${Number(resourceVersion) + 1}`))
    await watched(bench, web)
    assert.equal(woken, ['old', 'none'])
  }))

test('wakes those who have read what was gone before it was watched, and only those', () =>
  withReferences(async (bench) => {
    const { references, woken } = bench
    for (const key of ['seen', 'missed', 'unread']) references.follow(key, [web], undefined)
    references.note('seen', reading(web, 'uid@1'))
    references.note('missed', reading(web, ''))
    await watched(bench, web)
    assert.equal(woken, ['seen'])
  }))

test('remembers what was read of those it follows, whatever they refer to', () =>
  withReferences(async ({ references }) => {
    const read = reading(web, 'uid@1')
    references.follow('one', [], undefined)
    references.note('one', read)
    references.note('gone', read)
    assert.is(references.noted('one'), read)
    assert.is(references.noted('gone'), undefined)
    references.forget('one')
    assert.is(references.noted('one'), undefined)
  }))

test("overlooks Helm's own Secrets", () =>
  withReferences(async (bench) => {
    const { references, cluster } = bench
    references.follow('one', [password], undefined)
    await watched(bench, password)
    const write = (name: string, type: string): Promise<KubeObject> =>
      cluster.create(secrets, {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default' }, type },
      })
    await write('of-helm', 'helm.sh/release.v1')
    await write('password', 'Opaque')
    await until('the other is known', () => references.versionOf(password, undefined) !== '')
    assert.is(references.versionOf({ ...password, name: 'of-helm' }, undefined), '')
  }))

test('knows versions for the identity that watches, and tells no other of them', () =>
  withReferences(async (bench) => {
    const { references, cluster, woken, forbid, identified } = bench
    const shop = { namespace: 'default', name: 'shop' }
    const other = { namespace: 'default', name: 'other' }
    await trustAccounts(cluster)
    forbid(/ as system:serviceaccount:default:other$/)
    references.follow('shop', [web], shop)
    references.follow('other', [web], other)
    const object = await cluster.create(configMaps, configMap('default', 'web'))
    await until('it is there', () => references.versionOf(web, shop) === versionOf(object))
    assert.is(references.versionOf(web, other), undefined)
    assert.is(references.versionOf(web, undefined), undefined)
    references.note('shop', reading(web, versionOf(object)))
    references.note('other', reading(web, versionOf(object)))
    woken.length = 0
    await cluster.remove(configMaps, { name: 'web', namespace: 'default' })
    await until('it is gone', () => references.versionOf(web, shop) === '')
    assert.equal(woken, ['shop'])
    assert.ok(
      identified.some((request) => request.endsWith('as system:serviceaccount:default:other')),
    )
  }))

test('says once what it may not watch, and knows nothing of it', () =>
  withReferences(async (bench) => {
    const { references, forbid, messages, requests } = bench
    forbid(/configmaps/)
    references.follow('one', [web], undefined)
    references.follow('two', [api], undefined)
    await until('it has said so', () => messages.length > 0)
    assert.equal(messages, [
      'warn cannot watch what releases refer to: changes count at the next sync',
    ])
    assert.is(references.versionOf(web, undefined), undefined)
    assert.is(requests.length, 1)
    assert.is(references.size, 1)
  }))

test('asks again for what it may not watch, now and then', () =>
  withFront(async ({ cluster, forbid }) => {
    const { log, messages } = recordLog()
    const clock = fakeClock()
    const references = new References({
      ...{ log, clock, accessAs: () => ({ cluster }) },
      wake: () => undefined,
    })
    forbid(/configmaps/)
    references.follow('one', [web], undefined)
    await until('it has given up for now', () => messages.length === 1)
    await clock.advance(300_000)
    forbid()
    await until('it has asked again', async () => {
      await clock.advance(300_000)
      return references.versionOf(web, undefined) === ''
    })
    assert.is(messages.length, 1)
    references.close()
  }))

test.run()
