// Contract: questions about rights. SubjectAccessReviews and the review of rules.
import * as assert from 'uvu/assert'
import { as, at, listAt, rbac, textAt, type Case, type Scope } from '../scope.ts'

const authorization = '/apis/authorization.k8s.io/v1'
const group = 'rbac.authorization.k8s.io'

async function bindBob({ path, post }: Scope): Promise<void> {
  await post(path('roles', undefined, rbac), {
    metadata: { name: 'bobs' },
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['a'] }],
  })
  await post(path('rolebindings', undefined, rbac), {
    metadata: { name: 'bobs' },
    roleRef: { apiGroup: group, kind: 'Role', name: 'bobs' },
    subjects: [{ apiGroup: group, kind: 'User', name: 'bob' }],
  })
}

// Real servers learn of new roles a moment late.
async function known(scope: Scope): Promise<void> {
  await scope.waitForAnswer(404, scope.path('configmaps', 'a'), as('bob'))
}

export const reviewCases: Case[] = [
  {
    title: 'a SubjectAccessReview says whether and why',
    async run(scope) {
      const { namespace, post } = scope
      await bindBob(scope)
      await known(scope)
      const review = async (spec: object): Promise<unknown> =>
        at(
          await post(`${authorization}/subjectaccessreviews`, { spec: { user: 'bob', ...spec } }),
          'status',
        )
      const one = { namespace, verb: 'get', resource: 'configmaps', name: 'a' }
      assert.equal(await review({ resourceAttributes: one }), {
        allowed: true,
        reason: `RBAC: allowed by RoleBinding "bobs/${namespace}" of Role "bobs" to User "bob"`,
      })
      for (const other of [{ name: 'b' }, { verb: 'list', name: '' }, { namespace: 'default' }])
        assert.equal(await review({ resourceAttributes: { ...one, ...other } }), { allowed: false })
      const path = { verb: 'get', path: '/api' }
      assert.equal(await review({ nonResourceAttributes: path }), { allowed: false })
      assert.equal(
        await review({ nonResourceAttributes: path, groups: ['system:authenticated'] }),
        {
          allowed: true,
          reason:
            'RBAC: allowed by ClusterRoleBinding "system:discovery" of ClusterRole "system:discovery" to Group "system:authenticated"',
        },
      )
    },
  },
  {
    title: 'a SelfSubjectAccessReview is about whoever sends it',
    async run(scope) {
      const { client, namespace } = scope
      await bindBob(scope)
      await known(scope)
      const resourceAttributes = { namespace, verb: 'get', resource: 'configmaps', name: 'a' }
      const mine = async (attributes: object, options = as('bob')): Promise<unknown> => {
        const body = { spec: { resourceAttributes: attributes } }
        const where = `${authorization}/selfsubjectaccessreviews`
        const reply = await client.request('POST', where, { ...options, body })
        assert.is(reply.status, 201)
        return at(reply.body, 'status/allowed')
      }
      assert.is(await mine(resourceAttributes), true)
      assert.is(await mine({ ...resourceAttributes, verb: 'update' }), false)
      assert.is(await mine(resourceAttributes, as('ann')), false)
      assert.is(await mine({ ...resourceAttributes, verb: 'update' }, { headers: {} }), true)
    },
  },
  {
    title: 'a LocalSubjectAccessReview is about its own namespace',
    async run(scope) {
      const { namespace, path, post, refused } = scope
      await bindBob(scope)
      await known(scope)
      const where = path('localsubjectaccessreviews', undefined, 'authorization.k8s.io/v1')
      const resourceAttributes = { namespace, verb: 'get', resource: 'configmaps', name: 'a' }
      const review = await post(where, { spec: { user: 'bob', resourceAttributes } })
      assert.is(at(review, 'status/allowed'), true)
      const other = {
        user: 'bob',
        resourceAttributes: { ...resourceAttributes, namespace: 'other' },
      }
      assert.is(
        at(await refused(422, 'POST', where, { body: { spec: other } }), 'message'),
        '.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace',
      )
    },
  },
  {
    title: 'a review that asks nothing, or of nobody, is refused',
    async run({ refused }) {
      const where = `${authorization}/subjectaccessreviews`
      const message = async (spec: object): Promise<unknown> =>
        at(await refused(422, 'POST', where, { body: { spec } }), 'message')
      assert.is(
        await message({ user: 'bob' }),
        '.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
      )
      assert.is(
        await message({ resourceAttributes: { verb: 'get' } }),
        '.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
      )
      assert.is(
        await message({
          user: 'bob',
          resourceAttributes: {},
          nonResourceAttributes: { verb: 'get' },
        }),
        '.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"","Verb":"get"}: cannot be specified in combination with resourceAttributes',
      )
    },
  },
  {
    title: 'a SelfSubjectRulesReview lists the rules that hold in a namespace',
    async run(scope) {
      const { client, namespace, refused } = scope
      await bindBob(scope)
      await known(scope)
      const where = `${authorization}/selfsubjectrulesreviews`
      const rulesOf = async (options: object): Promise<unknown> => {
        const body = { spec: { namespace } }
        return at((await client.request('POST', where, { ...options, body })).body, 'status')
      }
      const bobs = await rulesOf(as('bob'))
      assert.is(at(bobs, 'incomplete'), false)
      const rules = listAt(bobs, 'resourceRules')
      const has = (resource: string): boolean =>
        rules.some((rule) => listAt(rule, 'resources').includes(resource))
      assert.ok(has('configmaps') && has('selfsubjectreviews'))
      assert.not.ok(has('secrets'))
      assert.equal(
        rules.find((rule) => listAt(rule, 'resources').includes('configmaps')),
        {
          ...{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'] },
        },
      )
      const admins = listAt(await rulesOf({}), 'resourceRules')
      assert.ok(admins.some((rule) => textAt(rule, 'verbs/0') === '*'))
      const status = await refused(400, 'POST', where, { body: { spec: {} } })
      assert.is(at(status, 'message'), 'no namespace on request')
    },
  },
  {
    title: 'who is nobody may ask for no review',
    async run({ refused }) {
      const body = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } }
      const where = `${authorization}/selfsubjectaccessreviews`
      assert.is(
        at(await refused(403, 'POST', where, { ...as('system:anonymous'), body }), 'message'),
        'selfsubjectaccessreviews.authorization.k8s.io is forbidden: User "system:anonymous" cannot create resource "selfsubjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope',
      )
    },
  },
]
