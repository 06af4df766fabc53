// Contract: who may do what. Roles, ClusterRoles and their bindings, and the words of a refusal.
import * as assert from 'uvu/assert'
import { as, at, configMap, rbac, textAt, type Case, type Scope } from '../scope.ts'

const binding = (roleRef: object, subjects: object[], name = 'a'): object => ({
  apiVersion: rbac,
  kind: 'RoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...roleRef },
  subjects,
})
const user = (name: string): object => ({
  apiGroup: 'rbac.authorization.k8s.io',
  kind: 'User',
  name,
})
const role = (rules: object[], name = 'a'): object => ({
  apiVersion: rbac,
  kind: 'Role',
  metadata: { name },
  rules,
})
const bob = as('bob')

// Bob may do in the namespace what the rules say.
async function allowBob({ path, post }: Scope, ...rules: object[]): Promise<void> {
  await post(path('roles', undefined, rbac), role(rules))
  await post(
    path('rolebindings', undefined, rbac),
    binding({ kind: 'Role', name: 'a' }, [user('bob')]),
  )
}

export const accessCases: Case[] = [
  {
    title: 'a user without any role is refused, in a sentence that says who, what and where',
    async run({ path, namespace, refused }) {
      const status = await refused(403, 'GET', path('secrets'), bob)
      assert.is(
        at(status, 'message'),
        `secrets is forbidden: User "bob" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`,
      )
      assert.is(at(status, 'reason'), 'Forbidden')
      assert.equal(at(status, 'details'), { kind: 'secrets' })
    },
  },
  {
    title: 'a refusal names the object, its group and its subresource',
    async run({ path, namespace, refused }) {
      const status = await refused(403, 'PATCH', `${path('deployments', 'web', 'apps/v1')}/scale`, {
        ...bob,
        body: {},
        contentType: 'application/merge-patch+json',
      })
      assert.is(
        at(status, 'message'),
        `deployments.apps "web" is forbidden: User "bob" cannot patch resource "deployments/scale" in API group "apps" in the namespace "${namespace}"`,
      )
      assert.equal(at(status, 'details'), { name: 'web', group: 'apps', kind: 'deployments' })
    },
  },
  {
    title: 'a refusal at the cluster scope, and of a path that is no resource, say so',
    async run({ refused }) {
      const nodes = await refused(403, 'GET', '/api/v1/nodes', bob)
      assert.is(
        at(nodes, 'message'),
        'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope',
      )
      const path = await refused(403, 'GET', '/metrics', bob)
      assert.is(at(path, 'message'), 'forbidden: User "bob" cannot get path "/metrics"')
      assert.equal(at(path, 'details'), {})
    },
  },
  {
    title: 'what nobody serves is refused before it is looked for',
    async run({ path, namespace, refused }) {
      const status = await refused(403, 'GET', path('riddles'), bob)
      assert.is(
        at(status, 'message'),
        `riddles is forbidden: User "bob" cannot list resource "riddles" in API group "" in the namespace "${namespace}"`,
      )
    },
  },
  {
    title: 'every verb is asked for by its own name',
    async run({ client, path, namespace }) {
      const one = path('configmaps', 'a')
      const many = path('configmaps')
      for (const [method, where, verb] of [
        ['GET', one, 'get'],
        ['GET', many, 'list'],
        ['GET', `${many}?watch=true`, 'watch'],
        ['POST', many, 'create'],
        ['PUT', one, 'update'],
        ['PATCH', one, 'patch'],
        ['DELETE', one, 'delete'],
        ['DELETE', many, 'deletecollection'],
      ] as const) {
        const { status, body } = await client.request(method, where, bob)
        assert.is(status, 403)
        const sentence = `User "bob" cannot ${verb} resource "configmaps" in API group "" in the namespace "${namespace}"`
        assert.ok(textAt(body, 'message').endsWith(sentence), textAt(body, 'message'))
      }
    },
  },
  {
    title: 'what a path asks for does not depend on whether anybody serves it',
    async run({ refused }) {
      const one = '/api/v1/namespaces/default/configmaps'
      for (const [method, path, sentence] of [
        ['GET', '/healthz/ping', 'get path "/healthz/ping"'],
        ['POST', '/healthz', 'post path "/healthz"'],
        ['OPTIONS', '/version', 'options path "/version"'],
        [
          'GET',
          '/apis/nope/v1/things',
          'list resource "things" in API group "nope" at the cluster scope',
        ],
        [
          'GET',
          '/api/v1/nodes/n/proxy/x',
          'get resource "nodes/proxy" in API group "" at the cluster scope',
        ],
        ['GET', '/api/v1/watch/pods', 'watch resource "pods" in API group "" at the cluster scope'],
        [
          'GET',
          `${one}/a%2Fb`,
          'get resource "configmaps/b" in API group "" in the namespace "default"',
        ],
        [
          'GET',
          `${one}?watch`,
          'watch resource "configmaps" in API group "" in the namespace "default"',
        ],
        [
          'GET',
          `${one}?watch=yes`,
          'watch resource "configmaps" in API group "" in the namespace "default"',
        ],
        [
          'GET',
          `${one}?watch=0`,
          'list resource "configmaps" in API group "" in the namespace "default"',
        ],
      ] as const) {
        const message = textAt(await refused(403, method, path, bob), 'message')
        assert.ok(message.endsWith(`User "bob" cannot ${sentence}`), `${path}: ${message}`)
      }
    },
  },
  {
    title: 'a Role allows what its rules say, in its namespace and nowhere else',
    async run(scope) {
      const { client, path, refused } = scope
      await allowBob(scope, {
        apiGroups: [''],
        resources: ['configmaps'],
        verbs: ['get', 'create'],
      })
      await scope.post(path('configmaps'), configMap('a'), bob)
      assert.is((await client.request('GET', path('configmaps', 'a'), bob)).status, 200)
      await refused(403, 'DELETE', path('configmaps', 'a'), bob)
      await refused(403, 'GET', path('secrets', 'a'), bob)
      await refused(403, 'GET', '/api/v1/namespaces/default/configmaps/a', bob)
    },
  },
  {
    title: 'a role that is taken away holds no longer',
    async run(scope) {
      const { client, path, refused, remove } = scope
      await allowBob(scope, { apiGroups: [''], resources: ['configmaps'], verbs: ['list'] })
      assert.is((await client.request('GET', path('configmaps'), bob)).status, 200)
      await remove(path('roles', 'a', rbac))
      const status = await scope.waitForAnswer(403, path('configmaps'), bob)
      assert.match(
        textAt(status, 'message'),
        /: RBAC: role\.rbac\.authorization\.k8s\.io "a" not found$/,
      )
      await remove(path('rolebindings', 'a', rbac))
      await refused(403, 'GET', path('configmaps'), bob)
    },
  },
  {
    title: 'resourceNames allow single objects, also to who lists or watches by that name',
    async run(scope) {
      const { client, path, post, refused } = scope
      const only = { resourceNames: ['mine'], verbs: ['get', 'list', 'watch', 'update'] }
      await allowBob(scope, { apiGroups: [''], resources: ['configmaps'], ...only })
      await post(path('configmaps'), configMap('mine'))
      await post(path('configmaps'), configMap('yours'))
      const ask = async (where: string): Promise<number> =>
        (await client.request('GET', where, bob)).status
      assert.is(await ask(path('configmaps', 'mine')), 200)
      assert.is(await ask(`${path('configmaps')}?fieldSelector=metadata.name%3Dmine`), 200)
      await refused(403, 'GET', path('configmaps', 'yours'), bob)
      await refused(403, 'GET', `${path('configmaps')}?fieldSelector=metadata.name%3Dyours`, bob)
      await refused(403, 'GET', path('configmaps'), bob)
    },
  },
  {
    title: 'a subresource is allowed by its own name, by "*/name", or by "*"',
    async run(scope) {
      const { path, put, refused } = scope
      await allowBob(scope, { apiGroups: ['apps'], resources: ['deployments'], verbs: ['*'] })
      const scale = `${path('deployments', 'web', 'apps/v1')}/scale`
      await refused(403, 'GET', scale, bob)
      for (const resources of [['deployments/scale'], ['*/scale'], ['*']]) {
        await put(
          path('roles', 'a', rbac),
          role([{ apiGroups: ['apps'], resources, verbs: ['get'] }]),
        )
        await scope.waitForAnswer(404, scale, bob)
      }
      await put(
        path('roles', 'a', rbac),
        role([{ apiGroups: ['*'], resources: ['*/status'], verbs: ['*'] }]),
      )
      await scope.waitForAnswer(403, scale, bob)
    },
  },
  {
    title: 'a ClusterRole that a RoleBinding names holds in that namespace',
    async run({ client, path, post, refused }) {
      const view = binding({ kind: 'ClusterRole', name: 'view' }, [user('bob')])
      await post(path('rolebindings', undefined, rbac), view)
      assert.is((await client.request('GET', path('configmaps'), bob)).status, 200)
      await refused(403, 'GET', path('secrets'), bob)
      await refused(403, 'POST', path('configmaps'), { ...bob, body: configMap('a') })
      await refused(403, 'GET', '/api/v1/configmaps', bob)
    },
  },
  {
    title: 'groups and service accounts are subjects, too',
    async run({ client, namespace, path, post, refused }) {
      const subjects = [
        { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'readers' },
        { kind: 'ServiceAccount', name: 'robot', namespace },
      ]
      await post(
        path('rolebindings', undefined, rbac),
        binding({ kind: 'ClusterRole', name: 'view' }, subjects),
      )
      const robot = as(`system:serviceaccount:${namespace}:robot`)
      for (const who of [as('ann', 'readers'), robot])
        assert.is((await client.request('GET', path('pods'), who)).status, 200)
      await refused(403, 'GET', path('pods'), as('ann', 'writers'))
      await refused(403, 'GET', path('pods'), as(`system:serviceaccount:default:robot`))
    },
  },
  {
    title: 'a Role may let somebody read the namespace that it is in',
    async run(scope) {
      const { client, namespace, refused } = scope
      await allowBob(scope, { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] })
      const own = await client.request('GET', `/api/v1/namespaces/${namespace}`, bob)
      assert.is(own.status, 200)
      const status = await refused(403, 'GET', '/api/v1/namespaces/default', bob)
      assert.is(
        at(status, 'message'),
        'namespaces "default" is forbidden: User "bob" cannot get resource "namespaces" in API group "" in the namespace "default"',
      )
    },
  },
  {
    title:
      'everybody with a name may discover the API, everybody at all may ask its version and health',
    async run({ client, refused }) {
      for (const where of ['/api', '/apis', '/api/v1', '/apis/apps/v1', '/openapi/v3', '/version'])
        assert.is((await client.request('GET', where, bob)).status, 200, where)
      const nobody = as('system:anonymous')
      for (const where of ['/version', '/healthz', '/readyz', '/livez'])
        assert.is((await client.request('GET', where, nobody)).status, 200, where)
      const status = await refused(403, 'GET', '/api', nobody)
      assert.is(at(status, 'message'), 'forbidden: User "system:anonymous" cannot get path "/api"')
    },
  },
  {
    title: 'rules of paths allow a path and, with a star, all below it',
    async run({ client, namespace, post, refused, remove, waitForAnswer }) {
      const roles = `/apis/${rbac}/clusterroles`
      const name = `contract-paths-${namespace}`
      await post(roles, {
        apiVersion: rbac,
        kind: 'ClusterRole',
        metadata: { name },
        rules: [{ nonResourceURLs: ['/contract/*', '/exact'], verbs: ['get'] }],
      })
      await post(`/apis/${rbac}/clusterrolebindings`, {
        apiVersion: rbac,
        kind: 'ClusterRoleBinding',
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [user(`bob-${namespace}`)],
      })
      try {
        const who = as(`bob-${namespace}`)
        await waitForAnswer(404, '/contract/below', who)
        assert.is((await client.request('GET', '/exact', who)).status, 404)
        await refused(403, 'GET', '/exact/below', who)
        await refused(403, 'POST', '/exact', who)
        await refused(403, 'GET', '/contract', who)
      } finally {
        await remove(`/apis/${rbac}/clusterrolebindings/${name}`)
        await remove(`${roles}/${name}`)
      }
    },
  },
  {
    title: 'apply that creates needs the verb create, and says so',
    async run(scope) {
      const { client, namespace, path } = scope
      await allowBob(scope, { apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] })
      const { status, body } = await client.request(
        'PATCH',
        `${path('configmaps', 'a')}?fieldManager=contract`,
        { ...bob, body: configMap('a'), contentType: 'application/apply-patch+yaml' },
      )
      assert.is(status, 403)
      assert.is(
        at(body, 'message'),
        `configmaps "a" is forbidden: User "bob" cannot create resource "configmaps" in API group "" in the namespace "${namespace}"`,
      )
    },
  },
]
