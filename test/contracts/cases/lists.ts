// Contract: lists: selectors, pages, tables, metadata only.
import * as assert from 'uvu/assert'
import { at, configMap, listAt, textAt, type Case, type Scope } from '../scope.ts'

async function makeLabelled({ path, post }: Scope): Promise<void> {
  for (const [name, labels] of [
    ['a', { app: 'web', tier: 'front' }],
    ['b', { app: 'web' }],
    ['c', { app: 'db' }],
    ['d', {}],
  ] as const)
    await post(path('secrets'), { apiVersion: 'v1', kind: 'Secret', metadata: { name, labels } })
}

function namesOf(list: unknown): string[] {
  return listAt(list, 'items').map((one) => textAt(one, 'metadata/name'))
}

export const listCases: Case[] = [
  {
    title: 'label selectors compare, test for existence and for membership',
    async run(scope) {
      await makeLabelled(scope)
      for (const [selector, expected] of [
        ['app=web', ['a', 'b']],
        ['app==web,tier=front', ['a']],
        ['app!=web', ['c', 'd']],
        ['app in (web,db)', ['a', 'b', 'c']],
        ['app notin (web)', ['c', 'd']],
        ['tier', ['a']],
        ['!app', ['d']],
        ['app,!tier', ['b', 'c']],
        ['app=none', []],
      ] as const) {
        const found = await scope.get(
          `${scope.path('secrets')}?labelSelector=${encodeURIComponent(selector)}`,
        )
        assert.equal(namesOf(found), [...expected], selector)
      }
    },
  },
  {
    title: 'a label selector that makes no sense is a BadRequest',
    async run({ path, refused }) {
      const status = await refused(
        400,
        'GET',
        `${path('secrets')}?labelSelector=${encodeURIComponent('a in b')}`,
      )
      assert.is(at(status, 'reason'), 'BadRequest')
    },
  },
  {
    title:
      'field selectors know the name, the namespace and the fields of the kind, and refuse others',
    async run(scope) {
      const { path, get, post, refused, namespace } = scope
      await makeLabelled(scope)
      assert.equal(namesOf(await get(`${path('secrets')}?fieldSelector=metadata.name%3Db`)), ['b'])
      const here = `metadata.namespace=${namespace},metadata.name!=a,type=Opaque`
      const all = await get(`/api/v1/secrets?fieldSelector=${encodeURIComponent(here)}`)
      assert.equal(namesOf(all), ['b', 'c', 'd'])
      await post(path('configmaps'), configMap('x'))
      const status = await refused(400, 'GET', `${path('configmaps')}?fieldSelector=data.x%3D1`)
      assert.match(
        textAt(status, 'message'),
        /"data\.x" is not a known field selector|field label not supported: data\.x/,
      )
    },
  },
  {
    title: 'a list comes in pages that are true of one moment',
    async run(scope) {
      const { path, get, post, remove } = scope
      await makeLabelled(scope)
      const first = await get(`${path('secrets')}?limit=2`)
      assert.equal(namesOf(first), ['a', 'b'])
      assert.is(at(first, 'metadata/remainingItemCount'), 2)
      await remove(path('secrets', 'c'))
      await post(path('secrets'), { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'e' } })
      const token = encodeURIComponent(textAt(first, 'metadata/continue'))
      const second = await get(`${path('secrets')}?limit=2&continue=${token}`)
      assert.equal(namesOf(second), ['c', 'd'])
      assert.is(textAt(second, 'metadata/continue'), '')
      assert.is(at(second, 'metadata/resourceVersion'), at(first, 'metadata/resourceVersion'))
    },
  },
  {
    title: 'a continue token that nobody gave out is a BadRequest',
    async run({ path, refused }) {
      await refused(400, 'GET', `${path('secrets')}?limit=2&continue=bm9wZQ`)
    },
  },
  {
    title: 'a list of all namespaces holds those of each',
    async run({ path, get, post, namespace }) {
      await post(path('secrets'), {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'a', labels: { in: namespace } },
      })
      const found = await get(`/api/v1/secrets?labelSelector=in%3D${namespace}`)
      assert.is(at(found, 'items/0/metadata/namespace'), namespace)
    },
  },
  {
    title: 'PartialObjectMetadata leaves everything but metadata away, of one object and of lists',
    async run(scope) {
      const { client, path } = scope
      await makeLabelled(scope)
      const form = (kind: string): string =>
        `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`
      const one = await client.request('GET', path('secrets', 'a'), {
        accept: form('PartialObjectMetadata'),
      })
      assert.is(at(one.body, 'kind'), 'PartialObjectMetadata')
      assert.is(at(one.body, 'apiVersion'), 'meta.k8s.io/v1')
      assert.equal(at(one.body, 'metadata/labels'), { app: 'web', tier: 'front' })
      assert.is(at(one.body, 'type'), undefined)
      const list = await client.request('GET', path('secrets'), {
        accept: form('PartialObjectMetadataList'),
      })
      assert.is(at(list.body, 'kind'), 'PartialObjectMetadataList')
      assert.equal(namesOf(list.body), ['a', 'b', 'c', 'd'])
      assert.is(at(list.body, 'items/0/type'), undefined)
    },
  },
  {
    title: 'a Table has the columns of the kind, a row for each object and the metadata of each',
    async run({ client, path, post }) {
      await post(path('configmaps'), configMap('a', { data: { x: '1', y: '2' } }))
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
      const { body } = await client.request(
        'GET',
        `${path('configmaps')}?fieldSelector=metadata.name%3Da`,
        { accept },
      )
      assert.is(at(body, 'kind'), 'Table')
      assert.equal(
        listAt(body, 'columnDefinitions').map((one) => at(one, 'name')),
        ['Name', 'Data', 'Age'],
      )
      const [row] = listAt(body, 'rows')
      assert.equal(listAt(row, 'cells').slice(0, 2), ['a', 2])
      assert.is(at(row, 'object/kind'), 'PartialObjectMetadata')
      assert.is(at(row, 'object/metadata/name'), 'a')
      const full = await client.request('GET', `${path('configmaps', 'a')}?includeObject=Object`, {
        accept,
      })
      assert.equal(at(full.body, 'rows/0/object/data'), { x: '1', y: '2' })
      const none = await client.request('GET', `${path('configmaps', 'a')}?includeObject=None`, {
        accept,
      })
      assert.is(at(none.body, 'rows/0/object') ?? null, null)
    },
  },
  {
    title: 'Tables of the usual kinds have the usual columns',
    async run({ client, path }) {
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
      for (const [plural, groupVersion, columns] of [
        ['pods', 'v1', 'Name Ready Status Restarts Age IP Node Nominated-Node Readiness-Gates'],
        ['services', 'v1', 'Name Type Cluster-IP External-IP Port(s) Age Selector'],
        ['secrets', 'v1', 'Name Type Data Age'],
        [
          'persistentvolumeclaims',
          'v1',
          'Name Status Volume Capacity Access-Modes StorageClass VolumeAttributesClass Age VolumeMode',
        ],
        [
          'deployments',
          'apps/v1',
          'Name Ready Up-to-date Available Age Containers Images Selector',
        ],
        ['statefulsets', 'apps/v1', 'Name Ready Age Containers Images'],
        [
          'daemonsets',
          'apps/v1',
          'Name Desired Current Ready Up-to-date Available Node-Selector Age Containers Images Selector',
        ],
        ['jobs', 'batch/v1', 'Name Status Completions Duration Age Containers Images Selector'],
        ['ingresses', 'networking.k8s.io/v1', 'Name Class Hosts Address Ports Age'],
      ] as const) {
        const { body } = await client.request('GET', path(plural, undefined, groupVersion), {
          accept,
        })
        const names = listAt(body, 'columnDefinitions').map((one) =>
          textAt(one, 'name').replace(/ /g, '-'),
        )
        assert.is(names.join(' '), columns)
      }
    },
  },
]
