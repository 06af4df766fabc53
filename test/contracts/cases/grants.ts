// Contract: nobody grants what they do not have. Writes of roles and bindings by somebody who is no administrator.
import * as assert from 'uvu/assert'
import { as, at, patchTypes, rbac, textAt, type Case, type Scope } from '../scope.ts'

const group = 'rbac.authorization.k8s.io'
const bob = as('bob')
const readMaps = { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }
const writeRoles = {
  apiGroups: [group],
  resources: ['roles', 'rolebindings'],
  verbs: ['get', 'create', 'update', 'patch', 'delete'],
}

// Bob may do in the namespace what the rules say; answers when the server knows.
async function allowBob(scope: Scope, ...rules: object[]): Promise<void> {
  const { path, post } = scope
  await post(path('roles', undefined, rbac), { metadata: { name: 'bobs' }, rules })
  await post(path('rolebindings', undefined, rbac), {
    metadata: { name: 'bobs' },
    roleRef: { apiGroup: group, kind: 'Role', name: 'bobs' },
    subjects: [{ apiGroup: group, kind: 'User', name: 'bob' }],
  })
  await scope.waitForAnswer(200, path('roles', 'bobs', rbac), bob)
}

const binding = (kind: string, name: string): object => ({
  metadata: { name: 'a' },
  roleRef: { apiGroup: group, kind, name },
  subjects: [{ apiGroup: group, kind: 'User', name: 'ann' }],
})

export const grantCases: Case[] = [
  {
    title: 'a Role with more than its author has is refused, and says what is missing',
    async run(scope) {
      const { path, refused } = scope
      await allowBob(scope, readMaps, writeRoles)
      const rules = [
        { apiGroups: [''], resources: ['secrets', 'pods'], verbs: ['get', 'list'] },
        { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'delete'] },
      ]
      const body = { metadata: { name: 'a' }, rules }
      const status = await refused(403, 'POST', path('roles', undefined, rbac), { ...bob, body })
      assert.is(
        at(status, 'message'),
        `roles.${group} "a" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["configmaps"], Verbs:["delete"]}
{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}
{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}`,
      )
      assert.equal(at(status, 'details'), { name: 'a', group, kind: 'roles' })
    },
  },
  {
    title: 'a Role with what its author has is written, also for single objects',
    async run(scope) {
      const { path, post, refused } = scope
      await allowBob(scope, readMaps, writeRoles)
      const roles = path('roles', undefined, rbac)
      const one = { ...readMaps, verbs: ['get'], resourceNames: ['a'] }
      await post(roles, { metadata: { name: 'a' }, rules: [one] }, bob)
      await post(roles, { metadata: { name: 'b' }, rules: [readMaps] }, bob)
      const all = { rules: [{ ...readMaps, verbs: ['*'] }] }
      await refused(403, 'PATCH', `${roles}/b`, {
        ...{ ...bob, body: all, contentType: patchTypes.merge },
      })
    },
  },
  {
    title: 'who has a resource by single names grants no more than these',
    async run(scope) {
      const { path, post, refused } = scope
      await allowBob(scope, { ...readMaps, resourceNames: ['a'] }, writeRoles)
      const roles = path('roles', undefined, rbac)
      await refused(403, 'POST', roles, {
        ...bob,
        body: { metadata: { name: 'a' }, rules: [readMaps] },
      })
      const own = { metadata: { name: 'a' }, rules: [{ ...readMaps, resourceNames: ['a'] }] }
      await post(roles, own, bob)
    },
  },
  {
    title: 'a Role that has more than its author is not changed, but let go',
    async run(scope) {
      const { client, path, post, refused } = scope
      await allowBob(scope, readMaps, writeRoles)
      await post(path('roles', undefined, rbac), {
        metadata: { name: 'a', finalizers: ['contract.example.org/hold'] },
        rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
      })
      const one = path('roles', 'a', rbac)
      const patch = (body: object) => ({ ...bob, body, contentType: patchTypes.merge })
      await refused(403, 'PATCH', one, patch({ metadata: { labels: { a: 'b' } } }))
      const freed = await client.request('PATCH', one, patch({ metadata: { finalizers: null } }))
      assert.is(freed.status, 200)
      assert.is((await client.request('DELETE', one, bob)).status, 200)
    },
  },
  {
    title: 'a binding to a role with more than its author has is refused, to one with less is made',
    async run(scope) {
      const { path, post, refused } = scope
      await allowBob(scope, readMaps, writeRoles)
      const bindings = path('rolebindings', undefined, rbac)
      const body = binding('ClusterRole', 'view')
      const status = await refused(403, 'POST', bindings, { ...bob, body })
      assert.match(
        textAt(status, 'message'),
        `rolebindings.${group} "a" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["bindings"], Verbs:["get" "list" "watch"]}\n`,
      )
      const missing = await refused(404, 'POST', bindings, { ...bob, body: binding('Role', 'no') })
      assert.is(at(missing, 'message'), `rolebindings.${group} "no" not found`)
      await post(path('roles', undefined, rbac), { metadata: { name: 'less' }, rules: [readMaps] })
      await post(bindings, binding('Role', 'less'), bob)
    },
  },
  {
    title: 'the verb bind allows to bind a role, the verb escalate to write more into one',
    async run(scope) {
      const { client, path, post } = scope
      await allowBob(
        scope,
        writeRoles,
        {
          apiGroups: [group],
          resources: ['clusterroles'],
          verbs: ['bind'],
          resourceNames: ['view'],
        },
        { apiGroups: [group], resources: ['roles'], verbs: ['escalate'], resourceNames: ['a'] },
      )
      const bindings = path('rolebindings', undefined, rbac)
      await post(bindings, binding('ClusterRole', 'view'), bob)
      await scope.refused(403, 'POST', bindings, { ...bob, body: binding('ClusterRole', 'edit') })
      await post(path('roles', undefined, rbac), { metadata: { name: 'a' }, rules: [] }, bob)
      const body = { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }
      const one = path('roles', 'a', rbac)
      const reply = await client.request('PATCH', one, {
        ...{ ...bob, body, contentType: patchTypes.merge },
      })
      assert.is(reply.status, 200)
    },
  },
  {
    title: 'the role that a binding refers to never changes',
    async run({ path, post, refused }) {
      const bindings = path('rolebindings', undefined, rbac)
      await post(bindings, binding('Role', 'one'))
      const status = await refused(422, 'PATCH', `${bindings}/a`, {
        body: { roleRef: { name: 'other' } },
        contentType: patchTypes.merge,
      })
      assert.is(
        at(status, 'message'),
        `RoleBinding.${group} "a" is invalid: roleRef: Invalid value: {"APIGroup":"${group}","Kind":"Role","Name":"other"}: cannot change roleRef`,
      )
    },
  },
  {
    title: 'a ClusterRole that gathers others is for who may do everything',
    async run({ namespace, post, refused, remove, waitForAnswer }) {
      const name = `contract-${namespace}`
      const roles = `/apis/${rbac}/clusterroles`
      const rules = [{ apiGroups: [group], resources: ['clusterroles'], verbs: ['*'] }]
      await post(roles, { metadata: { name }, rules: [{ ...rules[0], verbs: ['get', 'create'] }] })
      await post(`/apis/${rbac}/clusterrolebindings`, {
        metadata: { name },
        roleRef: { apiGroup: group, kind: 'ClusterRole', name },
        subjects: [{ apiGroup: group, kind: 'User', name }],
      })
      try {
        await waitForAnswer(200, `${roles}/${name}`, as(name))
        const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }
        const body = { metadata: { name: `${name}-whole` }, aggregationRule, rules: [] }
        const status = await refused(403, 'POST', roles, { ...as(name), body })
        assert.is(
          at(status, 'message'),
          `clusterroles.${group} "${name}-whole" is forbidden: must have cluster-admin privileges to use the aggregationRule`,
        )
      } finally {
        await remove(`/apis/${rbac}/clusterrolebindings/${name}`)
        await remove(`${roles}/${name}`)
      }
    },
  },
]
