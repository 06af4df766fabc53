// What becomes of objects whose owner goes, by the policy that it is deleted with.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSandbox } from '../../lib/sandbox/sandbox.ts'
import type { Obj, SandboxApi } from '../../lib/sandbox/types.ts'
import { manualClock, steadyRandom, type ManualClock } from '../helpers/hollow.ts'
import { clientOf } from '../helpers/requests.ts'

const test = suite('sandbox garbage collection')

function fresh(): { api: SandboxApi; clock: ManualClock } {
  const clock = manualClock()
  const { api } = createSandbox({ clock, random: steadyRandom() })
  return { api, clock }
}

function configMap(api: SandboxApi, name: string, ...owners: Obj[]): Obj {
  const ownerReferences = owners.map((owner) => ({
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid!,
    blockOwnerDeletion: true,
  }))
  const metadata = { name, namespace: 'default', ...(owners.length > 0 && { ownerReferences }) }
  return api.create('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata })
}

function exists(api: SandboxApi, name: string): boolean {
  return api.get('configmaps', 'default', name) !== undefined
}

test('Background: the owner goes at once, its dependents and theirs just after', () => {
  const { api, clock } = fresh()
  configMap(api, 'grandchild', configMap(api, 'child', configMap(api, 'owner')))
  api.delete('configmaps', 'default', 'owner')
  assert.not(exists(api, 'owner'))
  assert.ok(exists(api, 'child'))
  clock.advance(100)
  assert.not(exists(api, 'child'))
  assert.not(exists(api, 'grandchild'))
})

test('Foreground: the owner goes after its dependents', () => {
  const { api, clock } = fresh()
  const child = configMap(api, 'child', configMap(api, 'owner'))
  api.update('configmaps', { ...child, metadata: { ...child.metadata, finalizers: ['x.org/y'] } })
  api.delete('configmaps', 'default', 'owner', { propagationPolicy: 'Foreground' })
  clock.advance(100)
  assert.ok(exists(api, 'owner'))
  const waiting = api.get('configmaps', 'default', 'child')!
  assert.ok(waiting.metadata.deletionTimestamp)
  const { finalizers: _, ...metadata } = waiting.metadata
  api.update('configmaps', { ...waiting, metadata })
  clock.advance(100)
  assert.not(exists(api, 'owner'))
})

test('Orphan: dependents stay and forget their owner', () => {
  const { api, clock } = fresh()
  configMap(api, 'child', configMap(api, 'owner'))
  api.delete('configmaps', 'default', 'owner', { propagationPolicy: 'Orphan' })
  clock.advance(100)
  assert.not(exists(api, 'owner'))
  assert.is(api.get('configmaps', 'default', 'child')?.metadata.ownerReferences, undefined)
})

test('a dependent with another living owner stays and keeps that one', () => {
  const { api, clock } = fresh()
  const [first, second] = [configMap(api, 'first'), configMap(api, 'second')]
  configMap(api, 'child', first, second)
  api.delete('configmaps', 'default', 'first')
  clock.advance(100)
  const references = api.get('configmaps', 'default', 'child')?.metadata.ownerReferences
  assert.equal(
    references?.map(({ name }) => name),
    ['second'],
  )
})

test('an object created for an owner that is gone goes too', () => {
  const { api, clock } = fresh()
  const owner = configMap(api, 'owner')
  api.delete('configmaps', 'default', 'owner')
  configMap(api, 'late', owner)
  clock.advance(100)
  assert.not(exists(api, 'late'))
})

test('an owner of the same name but another identity is no owner', () => {
  const { api, clock } = fresh()
  const old = configMap(api, 'owner')
  configMap(api, 'child', old)
  api.delete('configmaps', 'default', 'owner')
  configMap(api, 'owner')
  clock.advance(100)
  assert.not(exists(api, 'child'))
  assert.ok(exists(api, 'owner'))
})

test('a Job deleted without a policy leaves its pods behind, as it always did', async () => {
  const clock = manualClock()
  const sandbox = createSandbox({ clock, random: steadyRandom() })
  const client = clientOf(sandbox)
  const job = await client.post('/apis/batch/v1/namespaces/default/jobs', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j' },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } },
    },
  })
  configMap(sandbox.api, 'child', { ...job.body, kind: 'Job' } as unknown as Obj)
  await client.delete('/apis/batch/v1/namespaces/default/jobs/j')
  clock.advance(100)
  assert.ok(exists(sandbox.api, 'child'))
})

test('a dependent that owns nothing is never told to wait for dependents', () => {
  const { api, clock } = fresh()
  const child = configMap(api, 'child', configMap(api, 'owner'))
  api.update('configmaps', { ...child, metadata: { ...child.metadata, finalizers: ['x.org/y'] } })
  const seen: unknown[] = []
  api.subscribe(({ object: { metadata } }) => {
    if (metadata.name === 'child') seen.push(metadata.finalizers)
  })
  api.delete('configmaps', 'default', 'owner', { propagationPolicy: 'Foreground' })
  clock.advance(100)
  assert.equal(seen, [['x.org/y']])
})

test('a dependent that owns one object goes after that', () => {
  const { api, clock } = fresh()
  const child = configMap(api, 'child', configMap(api, 'owner'))
  const grandchild = configMap(api, 'grandchild', child)
  const metadata = { ...grandchild.metadata, finalizers: ['x.org/y'] }
  api.update('configmaps', { ...grandchild, metadata })
  api.delete('configmaps', 'default', 'owner', { propagationPolicy: 'Foreground' })
  clock.advance(100)
  assert.ok(exists(api, 'child'))
  assert.ok(exists(api, 'owner'))
})

test.run()
