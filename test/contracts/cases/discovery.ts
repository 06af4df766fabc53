// Contract: how a client finds out what a server serves.
import * as assert from 'uvu/assert'
import { at, listAt, textAt, type Case } from '../scope.ts'

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

function named(list: unknown, path: string, key: string, value: string): unknown {
  return listAt(list, path).find((one) => at(one, key) === value)
}

export const discoveryCases: Case[] = [
  {
    title: 'GET /version names the version whose types are served',
    async run({ get }) {
      const version = await get('/version')
      assert.match(textAt(version, 'gitVersion'), /^v1\.36\.\d+/)
      assert.equal([at(version, 'major'), at(version, 'minor')], ['1', '36'])
    },
  },
  {
    title: 'GET /readyz, /livez and /healthz answer ok',
    async run({ client }) {
      for (const path of ['/readyz', '/livez', '/healthz'])
        assert.is((await client.request('GET', path)).text, 'ok')
    },
  },
  {
    title: 'GET /api and /apis list versions and groups in the plain form',
    async run({ get }) {
      assert.equal(at(await get('/api'), 'versions'), ['v1'])
      const groups = await get('/apis')
      assert.is(at(groups, 'kind'), 'APIGroupList')
      for (const [group, version] of [
        ['apps', 'v1'],
        ['batch', 'v1'],
        ['networking.k8s.io', 'v1'],
        ['rbac.authorization.k8s.io', 'v1'],
        ['policy', 'v1'],
        ['autoscaling', 'v2'],
        ['storage.k8s.io', 'v1'],
        ['coordination.k8s.io', 'v1'],
        ['apiextensions.k8s.io', 'v1'],
        ['discovery.k8s.io', 'v1'],
        ['events.k8s.io', 'v1'],
        ['admissionregistration.k8s.io', 'v1'],
        ['scheduling.k8s.io', 'v1'],
      ]) {
        const found = named(groups, 'groups', 'name', group!)
        assert.is(textAt(found, 'preferredVersion/version'), version, group)
        assert.is(textAt(found, 'preferredVersion/groupVersion'), `${group}/${version}`)
      }
    },
  },
  {
    title: 'GET /apis/apps and /apis/apps/v1 describe a group and its resources',
    async run({ get }) {
      const group = await get('/apis/apps')
      assert.is(at(group, 'kind'), 'APIGroup')
      assert.is(textAt(group, 'preferredVersion/groupVersion'), 'apps/v1')
      const list = await get('/apis/apps/v1')
      assert.is(at(list, 'kind'), 'APIResourceList')
      assert.is(at(list, 'groupVersion'), 'apps/v1')
      const { storageVersionHash: _, ...deployments } = named(
        list,
        'resources',
        'name',
        'deployments',
      ) as Record<string, unknown>
      assert.equal(deployments, {
        name: 'deployments',
        singularName: 'deployment',
        namespaced: true,
        kind: 'Deployment',
        verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
        shortNames: ['deploy'],
        categories: ['all'],
      })
      assert.equal(named(list, 'resources', 'name', 'deployments/status'), {
        name: 'deployments/status',
        singularName: '',
        namespaced: true,
        kind: 'Deployment',
        verbs: ['get', 'patch', 'update'],
      })
      assert.equal(named(list, 'resources', 'name', 'deployments/scale'), {
        name: 'deployments/scale',
        singularName: '',
        namespaced: true,
        group: 'autoscaling',
        version: 'v1',
        kind: 'Scale',
        verbs: ['get', 'patch', 'update'],
      })
    },
  },
  {
    title: 'GET /api/v1 lists the core kinds with their short names',
    async run({ get }) {
      const list = await get('/api/v1')
      for (const [plural, short, namespaced] of [
        ['pods', 'po', true],
        ['configmaps', 'cm', true],
        ['services', 'svc', true],
        ['serviceaccounts', 'sa', true],
        ['persistentvolumeclaims', 'pvc', true],
        ['namespaces', 'ns', false],
        ['nodes', 'no', false],
      ] as const) {
        const found = named(list, 'resources', 'name', plural)
        assert.equal(at(found, 'shortNames'), [short], plural)
        assert.is(at(found, 'namespaced'), namespaced, plural)
      }
    },
  },
  {
    title:
      'GET /apis in the aggregated form tells everything at once, with an ETag that answers 304',
    async run({ client }) {
      const reply = await client.request('GET', '/apis', {
        accept: `${aggregated},application/json`,
      })
      assert.is(reply.headers['content-type'], aggregated)
      assert.is(at(reply.body, 'kind'), 'APIGroupDiscoveryList')
      assert.is(at(reply.body, 'apiVersion'), 'apidiscovery.k8s.io/v2')
      const apps = named(reply.body, 'items', 'metadata/name', 'apps')
      const version = named(apps, 'versions', 'version', 'v1')
      const deployments = named(version, 'resources', 'resource', 'deployments')
      assert.is(textAt(deployments, 'responseKind/kind'), 'Deployment')
      assert.is(at(deployments, 'scope'), 'Namespaced')
      assert.is(at(deployments, 'singularResource'), 'deployment')
      assert.equal(at(deployments, 'shortNames'), ['deploy'])
      const scale = named(deployments, 'subresources', 'subresource', 'scale')
      assert.equal(at(scale, 'responseKind'), {
        group: 'autoscaling',
        version: 'v1',
        kind: 'Scale',
      })
      const again = await client.request('GET', '/apis', {
        accept: aggregated,
        headers: { 'if-none-match': reply.headers['etag'] ?? '' },
      })
      assert.is(again.status, 304)
    },
  },
  {
    title: 'GET /api in the aggregated form holds the core group',
    async run({ client }) {
      const { body } = await client.request('GET', '/api', { accept: aggregated })
      const pods = named(at(body, 'items/0/versions/0'), 'resources', 'resource', 'pods')
      assert.is(at(pods, 'scope'), 'Namespaced')
      const status = named(pods, 'subresources', 'subresource', 'status')
      assert.equal(at(status, 'verbs'), ['get', 'patch', 'update'])
    },
  },
  {
    title: 'a group that nobody serves is 404',
    async run({ client }) {
      for (const path of [
        '/apis/nobody.example.test/v1',
        '/apis/apps/v9',
        '/apis/nobody.example.test/v1/things',
      ])
        assert.is((await client.request('GET', path)).status, 404, path)
    },
  },
  {
    title: 'a resource that nobody serves is a Status with reason NotFound',
    async run({ refused, path }) {
      const status = await refused(404, 'GET', path('nothings'))
      assert.is(at(status, 'kind'), 'Status')
      assert.is(at(status, 'reason'), 'NotFound')
      assert.is(at(status, 'message'), 'the server could not find the requested resource')
    },
  },
  {
    title: 'GET /openapi/v3 leads to schemas that name their kinds',
    async run({ get }) {
      const paths = at(await get('/openapi/v3'), 'paths') as Record<string, unknown>
      const url = textAt(paths['apis/apps/v1'], 'serverRelativeURL')
      assert.match(url, /^\/openapi\/v3\/apis\/apps\/v1\?hash=/)
      const schemas = at(await get(url), 'components/schemas') as Record<string, unknown>
      const deployment = schemas['io.k8s.api.apps.v1.Deployment']
      assert.equal(at(deployment, 'x-kubernetes-group-version-kind'), [
        { group: 'apps', version: 'v1', kind: 'Deployment' },
      ])
      const selector = at(schemas['io.k8s.api.apps.v1.DeploymentSpec'], 'required')
      assert.equal(selector, ['selector', 'template'])
    },
  },
]
