import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createSandbox } from '../../../lib/sandbox/sandbox.ts'
import type { Obj, SandboxApi } from '../../../lib/sandbox/types.ts'
import { createRelations, type Relations } from '../../../lib/sandbox/workloads/relations.ts'
import { resourceOf } from '../../../lib/sandbox/workloads/touched.ts'
import { startWorkloads } from '../../../lib/sandbox/workloads/start.ts'
import { manualClock, steadyRandom } from '../../helpers/hollow.ts'
import { deployment, pod } from '../../helpers/manifests.ts'

const test = suite('relations between objects of the sandbox')

function related(): { api: SandboxApi; relations: Relations } {
  const { api } = createSandbox({ clock: manualClock(), random: steadyRandom() })
  const relations = createRelations(api)
  api.subscribe((event) => {
    const object = event.type === 'DELETED' ? undefined : event.object
    relations.note(resourceOf(event), event.object.metadata.uid!, object)
  })
  return { api, relations }
}

function inDefault<T extends { metadata: object }>(object: T, more: object = {}): T & Obj {
  const metadata = { namespace: 'default', ...object.metadata, ...more }
  return { ...object, metadata } as T & Obj
}

function service(name: string, selector: Record<string, string>): Obj {
  const spec = { selector, ports: [{ port: 80 }] }
  return inDefault({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec })
}

const names = (list: { name: string }[]): string[] => list.map(({ name }) => name).sort()

test('an owner finds what it controls, and others find what nobody does', () => {
  const { api, relations } = related()
  const owner = api.create('replicasets.apps', {
    ...inDefault(deployment('web')),
    kind: 'ReplicaSet',
  })
  const { apiVersion, kind, metadata } = owner
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid!, controller: true }
  api.create('pods', inDefault(pod('owned'), { ownerReferences: [reference] }))
  api.create('pods', inDefault(pod('free')))
  const owned = (): string[] => names(relations.controlledBy('pods', owner).map((p) => p.metadata))
  const free = (): string[] => names(relations.orphans('pods', 'default').map((p) => p.metadata))
  assert.equal([owned(), free()], [['owned'], ['free']])
  const released = api.get('pods', 'default', 'owned')!
  api.update('pods', { ...released, metadata: { ...released.metadata, ownerReferences: [] } })
  api.delete('pods', 'default', 'free', { gracePeriodSeconds: 0 })
  assert.equal([owned(), free()], [[], ['owned']])
})

test('a pod is found by what it mounts and reads', () => {
  const { api, relations } = related()
  const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'keys', key: 'a' } } }]
  api.create(
    'pods',
    inDefault(
      pod('web', {
        volumes: [
          { name: 'config', configMap: { name: 'settings' } },
          { name: 'data', persistentVolumeClaim: { claimName: 'disk' } },
          { name: 'all', projected: { sources: [{ secret: { name: 'more' } }] } },
        ],
        containers: [{ name: 'main', image: 'app:1', env }],
      }),
    ),
  )
  const found = (kind: string, name: string, namespace = 'default'): string[] =>
    names(relations.referringTo({ apiVersion: 'v1', kind, metadata: { name, namespace } }))
  for (const [kind, name] of [
    ['ConfigMap', 'settings'],
    ['PersistentVolumeClaim', 'disk'],
    ['Secret', 'more'],
    ['Secret', 'keys'],
  ] as const)
    assert.equal(found(kind, name), ['web'], name)
  assert.equal(found('Secret', 'settings'), [])
  assert.equal(found('ConfigMap', 'settings', 'other'), [])
})

test('of the labels that a selector asks for, the rarest tells whom it may concern', () => {
  const { api, relations } = related()
  for (const instance of ['a', 'b', 'c']) {
    api.create('services', service(instance, { name: 'web', instance }))
    api.create('pods', inDefault(pod(instance), { labels: { name: 'web', instance } }))
  }
  const podOfB = api.get('pods', 'default', 'b')!
  assert.ok(names(relations.selecting(podOfB)).includes('b'))
  assert.ok(relations.selecting(podOfB).length < 3)
  const like = relations.podsLike('default', { name: 'web', instance: 'b' })
  assert.equal(names(like.map(({ metadata }) => metadata)), ['b'])
})

test('one workload more costs the same, however many there are', () => {
  const clock = manualClock()
  const { api } = createSandbox({ clock, random: steadyRandom() })
  let read = 0
  const counting: SandboxApi = {
    ...api,
    get: (...place) => ((read += 1), api.get(...place)),
    list(...place) {
      const list = api.list(...place)
      read += list.length
      return list
    },
  }
  startWorkloads({ api: counting, clock, random: steadyRandom(2) })
  const add = (name: string): number => {
    const before = read
    api.create('services', service(name, { app: name }))
    api.create('deployments.apps', inDefault(deployment(name)))
    for (const [resource, kind] of [
      ['secrets', 'Secret'],
      ['configmaps', 'ConfigMap'],
    ] as const)
      api.create(resource, inDefault({ apiVersion: 'v1', kind, metadata: { name } }))
    clock.advance(5000)
    return read - before
  }
  const first = add('w0')
  for (let n = 1; n < 30; n += 1) add(`w${n}`)
  const last = add('w30')
  assert.ok(last <= first * 1.1, `${first} objects read for the first, ${last} for the last`)
})

test.run()
