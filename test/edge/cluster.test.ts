import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ApiError } from '../../lib/model/errors.ts'
import {
  configMap,
  configMaps,
  namespaces,
  places,
  secrets,
  withCluster,
} from '../helpers/cluster.ts'
import { until } from '../helpers/until.ts'

const test = suite('Cluster')

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.instance(error, ApiError)
  return error as ApiError
}

for (const place of places) {
  test(`${place}: an object is created, read, updated, patched and removed`, async () => {
    await withCluster(place, async ({ cluster, namespace }) => {
      const created = await cluster.create(configMaps, configMap(namespace, 'a', { k: '1' }))
      assert.ok(created.metadata.uid)
      const changed = { ...created, data: { k: '2' } }
      await cluster.update(configMaps, changed)
      const ref = { name: 'a', namespace }
      await cluster.patch(configMaps, ref, { type: 'merge', body: { data: { m: '€' } } })
      const step = { op: 'replace', path: '/data/k', value: '3' }
      await cluster.patch(configMaps, ref, { type: 'json', body: [step] })
      const found = await cluster.get(configMaps, 'a', namespace)
      assert.equal(found?.['data'], { k: '3', m: '€' })
      assert.ok(await cluster.remove(configMaps, ref))
      assert.is(await cluster.get(configMaps, 'a', namespace), undefined)
      assert.is(await cluster.remove(configMaps, ref), undefined)
    })
  })

  test(`${place}: a status is written through its subresource`, async () => {
    await withCluster(place, async ({ cluster, namespace }) => {
      const services = { group: '', version: 'v1', plural: 'services', namespaced: true }
      const ref = { name: 'a', namespace }
      const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] }
      await cluster.create(services, { apiVersion: 'v1', kind: 'Service', metadata: ref, spec })
      const body = { status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } } }
      await cluster.patch(services, ref, { type: 'merge', body, subresource: 'status' })
      const found = await cluster.get(services, 'a', namespace)
      assert.equal(
        (found?.['status'] as typeof body.status).loadBalancer.ingress[0]!.ip,
        '10.0.0.1',
      )
    })
  })

  test(`${place}: writes are known by the operator's name`, async () => {
    await withCluster(place, async ({ cluster, namespace }) => {
      const created = await cluster.create(configMaps, configMap(namespace, 'a', { k: '1' }))
      const [entry] = created.metadata['managedFields'] as { manager: string }[]
      assert.is(entry?.manager, 'helm-operator')
    })
  })

  test(`${place}: a stale update is a Conflict and says what of`, async () => {
    await withCluster(place, async ({ cluster, namespace }) => {
      const stale = await cluster.create(configMaps, configMap(namespace, 'a'))
      await cluster.update(configMaps, { ...stale, data: { a: '1' } })
      const error = await failure(cluster.update(configMaps, { ...stale, data: { a: '2' } }))
      assert.equal([error.status, error.reason], [409, 'Conflict'])
      assert.ok(error.message.startsWith(`Cannot update configmaps "${namespace}/a": `))
    })
  })

  test(`${place}: creating twice is AlreadyExists, nowhere is NotFound, nonsense is Invalid`, async () => {
    await withCluster(place, async ({ cluster, namespace }) => {
      await cluster.create(configMaps, configMap(namespace, 'a'))
      const create = (ns: string, name: string): Promise<unknown> =>
        cluster.create(configMaps, configMap(ns, name))
      assert.is((await failure(create(namespace, 'a'))).reason, 'AlreadyExists')
      assert.is((await failure(create('nowhere-at-all', 'a'))).reason, 'NotFound')
      assert.is((await failure(create(namespace, 'Not A Name'))).reason, 'Invalid')
    })
  })

  test(`${place}: only the object of the given uid is removed`, async () => {
    await withCluster(place, async ({ cluster, namespace }) => {
      const { metadata } = await cluster.create(configMaps, configMap(namespace, 'a'))
      const ref = { name: 'a', namespace }
      const other = '00000000-0000-0000-0000-000000000000'
      assert.is(await cluster.remove(configMaps, { ...ref, uid: other }), undefined)
      assert.ok(await cluster.get(configMaps, 'a', namespace))
      assert.ok(await cluster.remove(configMaps, { ...ref, uid: metadata.uid! }))
    })
  })

  test(`${place}: a list holds every page, each object complete`, async () => {
    await withCluster(place, async ({ cluster, namespace, requests }) => {
      const names = Array.from({ length: 520 }, (_, index) => `c-${String(index).padStart(3, '0')}`)
      await Promise.all(names.map((name) => cluster.create(configMaps, configMap(namespace, name))))
      const before = requests.length
      const { items, resourceVersion } = await cluster.list(configMaps, { namespace })
      const ours = items.filter(({ metadata }) => metadata.name.startsWith('c-'))
      assert.equal(ours.map(({ metadata }) => metadata.name).sort(), names)
      assert.ok(ours.every(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'ConfigMap'))
      assert.match(resourceVersion, /^\d+$/)
      assert.equal(requests.slice(before), [
        ['list', 200],
        ['list', 200],
      ])
    })
  })

  test(`${place}: a list can be narrowed by labels and fields`, async () => {
    await withCluster(place, async ({ cluster, namespace }) => {
      for (const name of ['a', 'b']) {
        const metadata = { name, namespace, labels: { owner: 'helm', name } }
        await cluster.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata })
      }
      const list = async (options: object): Promise<string[]> =>
        (await cluster.list(secrets, { namespace, ...options })).items.map(
          ({ metadata }) => metadata.name,
        )
      assert.equal(await list({ labelSelector: 'owner=helm,name in (b)' }), ['b'])
      assert.equal(await list({ fieldSelector: 'metadata.name=a' }), ['a'])
    })
  })

  test(`${place}: a kind is found by its group version, with its scope`, async () => {
    await withCluster(place, async ({ cluster }) => {
      assert.equal(await cluster.resourceFor('v1', 'Namespace'), namespaces)
      assert.equal(await cluster.resourceFor('apps/v1', 'Deployment'), {
        group: 'apps',
        version: 'v1',
        plural: 'deployments',
        namespaced: true,
      })
      assert.is(await cluster.resourceFor('apps/v1', 'Nonsense'), undefined)
      assert.is(await cluster.resourceFor('no.such.group/v1', 'Nonsense'), undefined)
    })
  })

  test(`${place}: what is known is not asked again, nor what was missing a moment ago`, async () => {
    await withCluster(place, async ({ cluster, requests }) => {
      const ask = (kind: string): Promise<unknown> => cluster.resourceFor('apps/v1', kind)
      await Promise.all([ask('Deployment'), ask('StatefulSet'), ask('Nonsense')])
      const before = requests.length
      await Promise.all([ask('DaemonSet'), ask('Nonsense'), ask('Deployment')])
      assert.is(requests.length, before)
    })
  })

  test(`${place}: a kind is found soon after its definition`, async () => {
    await withCluster(place, async ({ cluster, namespace }) => {
      const group = `${namespace}.example.com`
      const names = {
        plural: 'gadgets',
        singular: 'gadget',
        kind: 'Gadget',
        listKind: 'GadgetList',
      }
      const schema = { openAPIV3Schema: { type: 'object' } }
      const versions = [{ name: 'v1', served: true, storage: true, schema }]
      assert.is(await cluster.resourceFor(`${group}/v1`, 'Gadget'), undefined)
      const type = (await cluster.resourceFor(
        'apiextensions.k8s.io/v1',
        'CustomResourceDefinition',
      ))!
      const metadata = { name: `gadgets.${group}` }
      await cluster.create(type, {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata,
        spec: { group, names, scope: 'Namespaced', versions },
      })
      const found = await until('the kind is served', () =>
        cluster.resourceFor(`${group}/v1`, 'Gadget'),
      )
      assert.equal(found, { group, version: 'v1', plural: 'gadgets', namespaced: true })
      await cluster.remove(type, metadata)
    })
  })
}

test.run()
