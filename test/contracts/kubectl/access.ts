// Contract of kubectl: acting as somebody else, asking what one may do, tokens.
import * as assert from 'uvu/assert'
import { rows, type KubectlCase } from '../kubectlscope.ts'

export const accessCases: KubectlCase[] = [
  {
    title: '--as somebody without a role is told no, in full',
    async run({ fails, namespace }) {
      assert.is(
        await fails('get', 'secrets', '--as=bob'),
        `Error from server (Forbidden): secrets is forbidden: User "bob" cannot list resource "secrets" in API group "" in the namespace "${namespace}"\n`,
      )
      const created = await fails('create', 'configmap', 'a', '--as=bob')
      assert.match(
        created,
        'error: failed to create configmap: configmaps is forbidden: User "bob"',
      )
    },
  },
  {
    title: 'roles and bindings made by hand hold for users, groups and service accounts',
    async run({ fails, kubectl, namespace }) {
      await kubectl('create', 'role', 'maps', '--verb=get,list,create', '--resource=configmaps')
      await kubectl(
        ...['create', 'rolebinding', 'maps', '--role=maps', '--user=bob', '--group=readers'],
        `--serviceaccount=${namespace}:robot`,
      )
      for (const who of [
        ['--as=bob'],
        ['--as=ann', '--as-group=readers'],
        [`--as=system:serviceaccount:${namespace}:robot`],
      ]) {
        assert.is((await kubectl('auth', 'can-i', 'list', 'configmaps', ...who)).trim(), 'yes')
        assert.match(await kubectl('get', 'configmaps', ...who), 'kube-root-ca.crt')
      }
      await kubectl('create', 'configmap', 'a', '--as=bob')
      assert.match(await fails('delete', 'configmap', 'a', '--as=bob'), 'cannot delete resource')
    },
  },
  {
    title: 'auth can-i answers no, and lists what somebody may do',
    async run({ fails, kubectl }) {
      assert.is(await fails('auth', 'can-i', 'list', 'secrets', '--as=bob'), '')
      await kubectl('create', 'role', 'maps', '--verb=get', '--resource=configmaps')
      await kubectl('create', 'rolebinding', 'maps', '--role=maps', '--user=bob')
      const listed = rows(await kubectl('auth', 'can-i', '--list', '--as=bob'))
      const find = (resource: string): string | undefined =>
        listed.find(([first]) => first === resource)?.at(-1)
      assert.is(find('configmaps'), '[get]')
      assert.is(find('selfsubjectreviews.authentication.k8s.io'), '[create]')
      assert.is(find('secrets'), undefined)
      assert.is(
        (await kubectl('auth', 'can-i', 'delete', 'nodes')).trim().split('\n').at(-1),
        'yes',
      )
    },
  },
  {
    title: 'auth whoami tells the user and the groups',
    async run({ kubectl }) {
      const listed = rows(await kubectl('auth', 'whoami', '--as=bob', '--as-group=a', '--as-uid=7'))
      assert.equal(listed, [
        ['ATTRIBUTE', 'VALUE'],
        ['Username', 'bob'],
        ['UID', '7'],
        ['Groups', '[a system:authenticated]'],
      ])
    },
  },
  {
    title: 'create token prints a token that a review knows',
    async run({ feed, kubectl, namespace }) {
      const token = (await kubectl('create', 'token', 'default', '--duration=20m')).trim()
      const review = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token },
      }
      const path = '--output=jsonpath={.status.authenticated} {.status.user.username}'
      assert.is(
        await feed(review, 'create', '-f', '-', path),
        `true system:serviceaccount:${namespace}:default`,
      )
    },
  },
  {
    title: 'granting more than one has is refused, with what is missing',
    async run({ fails, kubectl }) {
      await kubectl(
        'create',
        'role',
        'roles',
        '--verb=create',
        '--resource=roles.rbac.authorization.k8s.io',
      )
      await kubectl('create', 'rolebinding', 'roles', '--role=roles', '--user=bob')
      const said = await fails(
        'create',
        'role',
        'more',
        '--verb=get',
        '--resource=secrets',
        '--as=bob',
      )
      assert.match(
        said,
        'user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:',
      )
      assert.match(said, '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}')
    },
  },
]
