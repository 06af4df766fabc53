// What a watch shows: from where, of what, in which shape, and how it ends.
import { Buffer } from 'node:buffer'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../lib/sandbox/sandbox.ts'
import type { Obj } from '../../lib/sandbox/types.ts'
import { manualClock, steadyRandom, type ManualClock } from '../helpers/hollow.ts'
import { clientOf } from '../helpers/requests.ts'
import { openWatch } from '../helpers/watching.ts'

const test = suite('sandbox watches')
const secrets = '/api/v1/namespaces/default/secrets'
const minute = 60_000

function fresh(options: Partial<SandboxOptions> = {}): { sandbox: Sandbox; clock: ManualClock } {
  const clock = manualClock()
  return { sandbox: createSandbox({ clock, random: steadyRandom(), ...options }), clock }
}

function secret(name: string, labels: Record<string, string> = {}): Obj {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default', labels } }
}

function change({ api }: Sandbox, name: string, labels: Record<string, string>): void {
  const before = api.get('secrets', 'default', name)!
  api.update('secrets', { ...before, metadata: { ...before.metadata, labels } })
}

test('without a version, what is there comes as ADDED, then what happens', async () => {
  const { sandbox } = fresh()
  sandbox.api.create('secrets', secret('b'))
  sandbox.api.create('secrets', secret('a'))
  const watch = await openWatch(sandbox, secrets)
  assert.equal(await watch.take(2), ['ADDED a', 'ADDED b'])
  change(sandbox, 'a', { x: '1' })
  sandbox.api.delete('secrets', 'default', 'b')
  assert.equal(await watch.take(2), ['MODIFIED a', 'DELETED b'])
})

test('with a version, what happened after it comes', async () => {
  const { sandbox } = fresh()
  const first = sandbox.api.create('secrets', secret('a'))
  sandbox.api.create('secrets', secret('b'))
  const watch = await openWatch(
    sandbox,
    `${secrets}?resourceVersion=${first.metadata.resourceVersion}`,
  )
  assert.equal(await watch.take(1), ['ADDED b'])
})

test('a version that is forgotten answers with an Expired error and ends', async () => {
  const { sandbox } = fresh({ window: 4 })
  const first = sandbox.api.create('secrets', secret('a'))
  for (let turn = 0; turn < 10; turn += 1) change(sandbox, 'a', { turn: String(turn) })
  const watch = await openWatch(
    sandbox,
    `${secrets}?resourceVersion=${first.metadata.resourceVersion}`,
  )
  const event = await watch.next()
  assert.is(event?.type, 'ERROR')
  assert.is(event?.object.code, 410)
  assert.is(event?.object.reason, 'Expired')
  assert.is(await watch.next(), undefined)
})

test('changes are forgotten after some minutes, so that old objects do not fill memory', async () => {
  const { sandbox, clock } = fresh()
  const first = sandbox.api.create('secrets', secret('a'))
  clock.advance(11 * minute)
  change(sandbox, 'a', { x: '1' })
  const from = (version: string): Promise<unknown> =>
    openWatch(sandbox, `${secrets}?resourceVersion=${version}`).then((watch) => watch.next())
  assert.is(((await from(first.metadata.resourceVersion!)) as { type: string }).type, 'MODIFIED')
  assert.is(((await from('1')) as { type: string }).type, 'ERROR')
})

test('sendInitialEvents ends what was there with an annotated bookmark', async () => {
  const { sandbox } = fresh()
  sandbox.api.create('secrets', secret('a'))
  const watch = await openWatch(
    sandbox,
    `${secrets}?allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
  )
  assert.equal(await watch.take(1), ['ADDED a'])
  const bookmark = await watch.next()
  assert.is(bookmark?.type, 'BOOKMARK')
  assert.is(bookmark?.object.kind, 'Secret')
  assert.equal(bookmark?.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' })
})

test('sendInitialEvents without resourceVersionMatch is refused', async () => {
  const { sandbox } = fresh()
  const { status, body } = await clientOf(sandbox).get(
    `${secrets}?watch=true&sendInitialEvents=true`,
  )
  assert.is(status, 422)
  assert.is(body.details.causes[0]?.field, 'resourceVersionMatch')
})

test('an object that comes to match a selector is ADDED, one that ceases to is DELETED', async () => {
  const { sandbox } = fresh()
  sandbox.api.create('secrets', secret('a', { owner: 'other' }))
  const watch = await openWatch(sandbox, `${secrets}?labelSelector=owner%3Dhelm`)
  change(sandbox, 'a', { owner: 'helm' })
  change(sandbox, 'a', { owner: 'helm', more: '1' })
  change(sandbox, 'a', { owner: 'other' })
  assert.equal(await watch.take(3), ['ADDED a', 'MODIFIED a', 'DELETED a'])
})

test('a field selector watches one object', async () => {
  const { sandbox } = fresh()
  const watch = await openWatch(sandbox, `${secrets}?fieldSelector=metadata.name%3Db`)
  sandbox.api.create('secrets', secret('a'))
  sandbox.api.create('secrets', secret('b'))
  assert.equal(await watch.take(1), ['ADDED b'])
})

test('other namespaces are not seen', async () => {
  const { sandbox } = fresh()
  const watch = await openWatch(sandbox, secrets)
  sandbox.api.create('secrets', {
    ...secret('a'),
    metadata: { name: 'a', namespace: 'kube-system' },
  })
  sandbox.api.create('secrets', secret('b'))
  assert.equal(await watch.take(1), ['ADDED b'])
})

test('an object whose last finalizer goes is seen for the last time with it', async () => {
  const { sandbox } = fresh()
  const { api } = sandbox
  const { metadata } = secret('a')
  api.create('secrets', {
    ...secret('a'),
    metadata: { ...metadata, finalizers: ['example.org/wait'] },
  })
  api.delete('secrets', 'default', 'a')
  const marked = api.get('secrets', 'default', 'a')!
  const watch = await openWatch(
    sandbox,
    `${secrets}?resourceVersion=${marked.metadata.resourceVersion}`,
  )
  const { finalizers: _, ...rest } = marked.metadata
  api.update('secrets', { ...marked, metadata: rest })
  const event = await watch.next()
  assert.is(event?.type, 'DELETED')
  assert.equal(event?.object.metadata.finalizers, ['example.org/wait'])
})

test('the deleted object carries the version of its deletion', async () => {
  const { sandbox } = fresh()
  const { metadata } = sandbox.api.create('secrets', secret('a'))
  const watch = await openWatch(sandbox, `${secrets}?resourceVersion=${metadata.resourceVersion}`)
  sandbox.api.delete('secrets', 'default', 'a')
  const event = await watch.next()
  assert.ok(Number(event?.object.metadata.resourceVersion) > Number(metadata.resourceVersion))
})

test('bookmarks tell an idle watch how far the world has gone', async () => {
  const { sandbox, clock } = fresh()
  const watch = await openWatch(sandbox, `${secrets}?allowWatchBookmarks=true`)
  const waiting = watch.next()
  sandbox.api.create('configmaps', { ...secret('a'), kind: 'ConfigMap' })
  const version = sandbox.api.get('configmaps', 'default', 'a')!.metadata.resourceVersion
  clock.advance(minute)
  const event = await waiting
  assert.is(event?.type, 'BOOKMARK')
  assert.is(event?.object.metadata.resourceVersion, version)
})

test('timeoutSeconds ends the watch', async () => {
  const { sandbox, clock } = fresh()
  const watch = await openWatch(sandbox, `${secrets}?timeoutSeconds=5`)
  const waiting = watch.next()
  clock.advance(5_000)
  assert.is(await waiting, undefined)
})

test('as PartialObjectMetadata, events carry metadata alone', async () => {
  const { sandbox } = fresh()
  sandbox.api.create('secrets', { ...secret('a'), data: { x: 'eA==' } })
  const watch = await openWatch(
    sandbox,
    secrets,
    'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  )
  const event = await watch.next()
  assert.is(event?.object.kind, 'PartialObjectMetadata')
  assert.equal(Object.keys(event!.object).sort(), ['apiVersion', 'kind', 'metadata'])
})

test('as Table, only the first event carries column definitions', async () => {
  const { sandbox } = fresh()
  sandbox.api.create('secrets', secret('a'))
  sandbox.api.create('secrets', secret('b'))
  const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1'
  const watch = await openWatch(sandbox, secrets, accept)
  const [first, second] = [await watch.next(), await watch.next()]
  assert.is(first?.object.kind, 'Table')
  assert.ok((first?.object['columnDefinitions'] as unknown[]).length > 0)
  assert.is(second?.object['columnDefinitions'], null)
})

test('a reader that is too slow for the window is told so instead of being waited for', async () => {
  const { sandbox } = fresh({ window: 4 })
  sandbox.api.create('secrets', secret('a'))
  const watch = await openWatch(sandbox, secrets)
  await watch.take(1)
  for (let turn = 0; turn < 50; turn += 1) change(sandbox, 'a', { turn: String(turn) })
  let last = await watch.next()
  while (last?.type === 'MODIFIED') last = await watch.next()
  assert.is(last?.object.reason, 'Expired')
})

test('what changes while a long list is told comes after all of the list', async () => {
  const { sandbox } = fresh()
  // Two fill a chunk, so that the list takes three of them.
  const long = Buffer.alloc(40_000, 'x').toString('base64')
  const names = ['a', 'b', 'c', 'd', 'e']
  for (const name of names) sandbox.api.create('secrets', { ...secret(name), data: { long } })
  const watch = await openWatch(sandbox, secrets)
  assert.equal(await watch.take(1), ['ADDED a'])
  change(sandbox, 'e', { x: '1' })
  const rest = names.slice(1).map((name) => `ADDED ${name}`)
  assert.equal(await watch.take(5), [...rest, 'MODIFIED e'])
})

test('a name is watched in all namespaces, what is there and what comes', async () => {
  const { sandbox } = fresh()
  const inside = (namespace: string): Obj => ({
    ...secret('a'),
    metadata: { name: 'a', namespace },
  })
  sandbox.api.create('secrets', inside('default'))
  sandbox.api.create('secrets', secret('b'))
  const watch = await openWatch(sandbox, '/api/v1/secrets?fieldSelector=metadata.name%3Da')
  assert.equal(await watch.take(1), ['ADDED a'])
  sandbox.api.create('secrets', inside('kube-public'))
  assert.is((await watch.next())?.object.metadata.namespace, 'kube-public')
})

test.run()
