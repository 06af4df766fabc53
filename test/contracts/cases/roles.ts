// Contract: what is wrong with a role or a binding, in the server's words.
import * as assert from 'uvu/assert'
import { at, rbac, type Case } from '../scope.ts'

const group = 'rbac.authorization.k8s.io'
const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get'] }
const user = { apiGroup: group, kind: 'User', name: 'bob' }
const view = { apiGroup: group, kind: 'ClusterRole', name: 'view' }
const bound = (roleRef: object, ...subjects: object[]): object => ({ roleRef, subjects })

type Wrong = [kind: string, what: string, body: object, said: string]

const wrong: Wrong[] = [
  [
    'Role',
    'no verbs',
    { rules: [{ ...pods, verbs: [] }] },
    'rules[0].verbs: Required value: verbs must contain at least one value',
  ],
  [
    'Role',
    'no group',
    { rules: [{ ...pods, apiGroups: [] }] },
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
  ],
  [
    'Role',
    'no resource',
    { rules: [pods, { ...pods, resources: [] }] },
    'rules[1].resources: Required value: resource rules must supply at least one resource',
  ],
  [
    'Role',
    'a URL',
    { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] },
    'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
  ],
  [
    'ClusterRole',
    'a URL beside a resource',
    { rules: [{ ...pods, nonResourceURLs: ['/x'] }] },
    'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
  ],
  [
    'ClusterRole',
    'nothing to gather',
    { rules: [], aggregationRule: {} },
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ],
  [
    'RoleBinding',
    'a role of no kind',
    bound({ apiGroup: group, name: 'a' }, user),
    'roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole"',
  ],
  [
    'RoleBinding',
    'a role of another kind',
    bound({ ...view, kind: 'Pod' }, user),
    'roleRef.kind: Unsupported value: "Pod": supported values: "Role", "ClusterRole"',
  ],
  [
    'RoleBinding',
    'a role without a name',
    bound({ apiGroup: group, kind: 'Role' }, user),
    'roleRef.name: Required value',
  ],
  [
    'RoleBinding',
    'a role with a path for a name',
    bound({ ...view, name: 'a/b' }, user),
    'roleRef.name: Invalid value: "a/b": may not contain \'/\'',
  ],
  [
    'RoleBinding',
    'a subject of another group',
    bound(view, { ...user, apiGroup: 'x' }),
    `subjects[0].apiGroup: Unsupported value: "x": supported values: "${group}"`,
  ],
  [
    'RoleBinding',
    'a subject of another kind',
    bound(view, { kind: 'Pod', name: 'a' }),
    'subjects[0].kind: Unsupported value: "Pod": supported values: "ServiceAccount", "User", "Group"',
  ],
  [
    'RoleBinding',
    'a subject without a name',
    bound(view, { kind: 'User' }),
    'subjects[0].name: Required value',
  ],
  [
    'ClusterRoleBinding',
    'a Role',
    bound({ ...view, kind: 'Role' }, user),
    'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
  ],
  [
    'ClusterRoleBinding',
    'a service account of no namespace',
    bound(view, { kind: 'ServiceAccount', name: 'a' }),
    'subjects[0].namespace: Required value',
  ],
]

export const roleCases: Case[] = [
  ...wrong.map(([kind, what, body, said]): Case => ({
    title: `a ${kind} with ${what} is refused`,
    async run({ namespace, path, refused }) {
      const plural = `${kind.toLowerCase()}s`
      const isCluster = kind.startsWith('Cluster')
      const where = isCluster ? `/apis/${rbac}/${plural}` : path(plural, undefined, rbac)
      const sent = { metadata: { name: namespace }, ...body }
      const status = await refused(422, 'POST', where, { body: sent })
      assert.is(at(status, 'message'), `${kind}.${group} "${namespace}" is invalid: ${said}`)
    },
  })),
  {
    title: 'names of roles fit into a path, and may have colons',
    async run({ path, post, refused }) {
      const roles = path('roles', undefined, rbac)
      await post(roles, { metadata: { name: 'system:Own:role' }, rules: [pods] })
      for (const [name, why] of [
        ['a/b', "may not contain '/'"],
        ['a%b', "may not contain '%'"],
        ['..', "may not be '..'"],
      ]) {
        const status = await refused(422, 'POST', roles, {
          body: { metadata: { name }, rules: [] },
        })
        assert.is(
          at(status, 'message'),
          `Role.${group} "${name}" is invalid: metadata.name: Invalid value: "${name}": ${why}`,
        )
      }
    },
  },
  {
    title: 'the group of a role and of users and groups is filled in',
    async run({ path, post }) {
      const subjects = [
        { kind: 'User', name: 'bob' },
        { kind: 'Group', name: 'readers' },
        { kind: 'ServiceAccount', name: 'robot' },
      ]
      const body = {
        metadata: { name: 'a' },
        roleRef: { kind: 'ClusterRole', name: 'view' },
        subjects,
      }
      const made = await post(path('rolebindings', undefined, rbac), body)
      assert.equal(at(made, 'roleRef'), view)
      assert.equal(at(made, 'subjects'), [
        { kind: 'User', apiGroup: group, name: 'bob' },
        { kind: 'Group', apiGroup: group, name: 'readers' },
        { kind: 'ServiceAccount', name: 'robot' },
      ])
    },
  },
]
