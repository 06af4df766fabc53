// Contract: who somebody is. Tokens of service accounts, and acting as somebody else.
import { Buffer } from 'node:buffer'
import * as assert from 'uvu/assert'
import { as, at, listAt, rbac, textAt, type Case, type Scope } from '../scope.ts'
import type { RequestHeaders } from '../client.ts'

const authentication = 'authentication.k8s.io/v1'
const audience = 'https://kubernetes.default.svc'

function bearing(token: string, headers: RequestHeaders = {}): { headers: RequestHeaders } {
  return { headers: { authorization: `Bearer ${token}`, ...headers } }
}

// A new service account and a token for it.
async function account(
  { path, post }: Scope,
  spec: object = {},
  name = 'robot',
): Promise<{ token: string; uid: string; reply: unknown }> {
  const made = await post(path('serviceaccounts'), { metadata: { name } })
  const reply = await post(`${path('serviceaccounts', name)}/token`, { spec })
  return { token: textAt(reply, 'status/token'), uid: textAt(made, 'metadata/uid'), reply }
}

async function whoIs({ client }: Scope, options: { headers: RequestHeaders }): Promise<unknown> {
  const asked = { ...options, body: {} }
  const { status, body } = await client.request(
    'POST',
    `/apis/${authentication}/selfsubjectreviews`,
    asked,
  )
  assert.is(status, 201)
  return at(body, 'status/userInfo')
}

async function reviewed({ post }: Scope, spec: object): Promise<unknown> {
  return at(await post(`/apis/${authentication}/tokenreviews`, { spec }), 'status')
}

function claimsOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8'))
}

async function bindRobot({ path, post }: Scope, rules: object[]): Promise<void> {
  await post(path('roles', undefined, rbac), { metadata: { name: 'robot' }, rules })
  await post(path('rolebindings', undefined, rbac), {
    metadata: { name: 'robot' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'robot' },
    subjects: [{ kind: 'ServiceAccount', name: 'robot' }],
  })
}

export const identityCases: Case[] = [
  {
    title:
      'a token is issued for a service account, for an hour and the API server unless asked otherwise',
    async run(scope) {
      const { namespace } = scope
      const { reply, token, uid } = await account(scope)
      assert.is(at(reply, 'kind'), 'TokenRequest')
      assert.equal(at(reply, 'spec'), {
        audiences: [audience],
        expirationSeconds: 3600,
        boundObjectRef: null,
      })
      const claims = claimsOf(token)
      assert.is(at(claims, 'sub'), `system:serviceaccount:${namespace}:robot`)
      assert.equal(at(claims, 'aud'), [audience])
      assert.is(Number(at(claims, 'exp')) - Number(at(claims, 'iat')), 3600)
      assert.equal((claims as Record<string, unknown>)['kubernetes.io'], {
        namespace,
        serviceaccount: { name: 'robot', uid },
      })
    },
  },
  {
    title: 'the holder of a token is its service account',
    async run(scope) {
      const { client, namespace, path } = scope
      const { token, uid } = await account(scope)
      const name = `system:serviceaccount:${namespace}:robot`
      const who = await whoIs(scope, bearing(token))
      assert.is(at(who, 'username'), name)
      assert.is(at(who, 'uid'), uid)
      assert.equal(at(who, 'groups'), [
        'system:serviceaccounts',
        `system:serviceaccounts:${namespace}`,
        'system:authenticated',
      ])
      assert.equal(Object.keys(at(who, 'extra') as object), [
        'authentication.kubernetes.io/credential-id',
      ])
      const { status, body } = await client.request('GET', path('secrets'), bearing(token))
      assert.is(status, 403)
      assert.is(
        at(body, 'message'),
        `secrets is forbidden: User "${name}" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`,
      )
    },
  },
  {
    title: 'a token that nobody issued is Unauthorized',
    async run(scope) {
      const { token } = await account(scope)
      const [header, payload] = token.split('.')
      const forged = `${header}.${payload}.${Buffer.from('no signature').toString('base64url')}`
      const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
      for (const wrong of ['rubbish', forged, unsigned]) {
        const status = await scope.refused(401, 'GET', '/version', bearing(wrong))
        assert.is(at(status, 'message'), 'Unauthorized')
        assert.is(at(status, 'reason'), 'Unauthorized')
      }
    },
  },
  {
    title: 'a token for somebody else than the API server is Unauthorized here',
    async run(scope) {
      const { token } = await account(scope, { audiences: ['vault'] })
      await scope.refused(401, 'GET', '/version', bearing(token))
      const good = await reviewed(scope, { token, audiences: ['vault', 'other'] })
      assert.is(at(good, 'authenticated'), true)
      assert.equal(at(good, 'audiences'), ['vault'])
    },
  },
  {
    title: 'a token goes with its service account, also when another one takes the name',
    async run(scope) {
      const { client, path, post, refused, remove } = scope
      const { token } = await account(scope)
      assert.is((await client.request('GET', '/version', bearing(token))).status, 200)
      await remove(path('serviceaccounts', 'robot'))
      await scope.waitForAnswer(401, '/version', bearing(token))
      await post(path('serviceaccounts'), { metadata: { name: 'robot' } })
      await refused(401, 'GET', '/version', bearing(token))
    },
  },
  {
    title: 'a token that is bound to an object goes with it',
    async run(scope) {
      const { namespace, path, post, refused, remove } = scope
      const secret = await post(path('secrets'), { metadata: { name: 'key' } })
      const boundObjectRef = { apiVersion: 'v1', kind: 'Secret', name: 'key' }
      const { token } = await account(scope, { boundObjectRef })
      const claims = (claimsOf(token) as Record<string, unknown>)['kubernetes.io']
      assert.equal(at(claims, 'secret'), { name: 'key', uid: at(secret, 'metadata/uid') })
      assert.is(
        at(await whoIs(scope, bearing(token)), 'username'),
        `system:serviceaccount:${namespace}:robot`,
      )
      await remove(path('secrets', 'key'))
      await scope.waitForAnswer(401, '/version', bearing(token))
      const one = `${path('serviceaccounts', 'robot')}/token`
      const missing = await refused(404, 'POST', one, { body: { spec: { boundObjectRef } } })
      assert.is(at(missing, 'message'), 'secrets "key" not found')
      const kind = { ...boundObjectRef, kind: 'ConfigMap' }
      const wrong = await refused(400, 'POST', one, { body: { spec: { boundObjectRef: kind } } })
      assert.is(at(wrong, 'message'), 'cannot bind token to object of type /v1, Kind=ConfigMap')
    },
  },
  {
    title: 'a token request is refused for a time too short, another account, or none',
    async run(scope) {
      const { path, refused } = scope
      const { uid } = await account(scope)
      const one = `${path('serviceaccounts', 'robot')}/token`
      const short = await refused(422, 'POST', one, { body: { spec: { expirationSeconds: 599 } } })
      assert.is(
        at(short, 'message'),
        'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      )
      const named = { metadata: { name: 'other' }, spec: {} }
      assert.is(
        at(await refused(422, 'POST', one, { body: named }), 'message'),
        'TokenRequest.authentication.k8s.io "robot" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
      )
      const other = { metadata: { uid: 'other' }, spec: {} }
      assert.is(
        at(await refused(409, 'POST', one, { body: other }), 'message'),
        `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "robot": the UID in the token request (other) does not match the UID of the service account (${uid})`,
      )
      await refused(404, 'POST', `${path('serviceaccounts', 'nobody')}/token`, {
        body: { spec: {} },
      })
    },
  },
  {
    title: 'a TokenReview tells whose token it is, or what is wrong with it',
    async run(scope) {
      const { namespace, refused } = scope
      const { token, uid } = await account(scope)
      const good = await reviewed(scope, { token })
      assert.is(at(good, 'authenticated'), true)
      assert.equal(at(good, 'audiences'), [audience])
      assert.is(at(good, 'user/username'), `system:serviceaccount:${namespace}:robot`)
      assert.is(at(good, 'user/uid'), uid)
      assert.equal(await reviewed(scope, { token: 'rubbish' }), {
        user: {},
        error: 'invalid bearer token',
      })
      assert.equal(await reviewed(scope, { token, audiences: ['vault'] }), {
        user: {},
        error: `[invalid bearer token, token audiences ["${audience}"] is invalid for the target audiences ["vault"]]`,
      })
      const status = await refused(400, 'POST', `/apis/${authentication}/tokenreviews`, {
        body: { spec: {} },
      })
      assert.is(at(status, 'message'), 'token is required for TokenReview in authentication')
    },
  },
  {
    title:
      'a Secret of type service-account-token is filled with a token that lasts, and goes with its account',
    async run(scope) {
      const { namespace, path, post, remove, waitFor, waitUntilGone } = scope
      const made = await post(path('serviceaccounts'), { metadata: { name: 'robot' } })
      const secret = (name: string, account: string): object => ({
        metadata: { name, annotations: { 'kubernetes.io/service-account.name': account } },
        type: 'kubernetes.io/service-account-token',
      })
      await post(path('secrets'), secret('key', 'robot'))
      const filled = await waitFor(
        path('secrets', 'key'),
        (one) => at(one, 'data/token') !== undefined,
      )
      const text = (key: string): string =>
        Buffer.from(textAt(filled, `data/${key}`), 'base64').toString('utf8')
      assert.is(text('namespace'), namespace)
      assert.equal(at(filled, 'metadata/annotations') as Record<string, string>, {
        'kubernetes.io/service-account.name': 'robot',
        'kubernetes.io/service-account.uid': at(made, 'metadata/uid'),
      })
      const claims = claimsOf(text('token'))
      assert.is(at(claims, 'iss'), 'kubernetes/serviceaccount')
      assert.is(at(claims, 'exp'), undefined)
      // Real servers learn of the Secret a moment late.
      await scope.waitForAnswer(200, '/version', bearing(text('token')))
      const who = await whoIs(scope, bearing(text('token')))
      assert.is(at(who, 'username'), `system:serviceaccount:${namespace}:robot`)
      assert.is(at(who, 'extra'), undefined)
      await remove(path('serviceaccounts', 'robot'))
      await waitUntilGone(path('secrets', 'key'))
      await scope.waitForAnswer(401, '/version', bearing(text('token')))
      await post(path('secrets'), secret('orphan', 'nobody'))
      await waitUntilGone(path('secrets', 'orphan'))
    },
  },
  {
    title: 'a Secret of type service-account-token must name its account',
    async run({ path, refused }) {
      const body = { metadata: { name: 'key' }, type: 'kubernetes.io/service-account-token' }
      assert.is(
        at(await refused(422, 'POST', path('secrets'), { body }), 'message'),
        'Secret "key" is invalid: metadata.annotations[kubernetes.io/service-account.name]: Required value',
      )
    },
  },
  {
    title: 'who acts as somebody else is that user, with the groups that go with the name',
    async run(scope) {
      assert.equal(await whoIs(scope, as('bob')), {
        username: 'bob',
        groups: ['system:authenticated'],
      })
      assert.equal(await whoIs(scope, as('bob', 'readers', 'writers')), {
        username: 'bob',
        groups: ['readers', 'writers', 'system:authenticated'],
      })
      assert.equal(await whoIs(scope, as('system:serviceaccount:shop:robot')), {
        username: 'system:serviceaccount:shop:robot',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
      })
      const more = {
        'impersonate-user': 'bob',
        'impersonate-uid': '7',
        'impersonate-extra-scopes': ['read', 'write'],
        'impersonate-extra-example.org%2fteam': 'blue',
      }
      assert.equal(await whoIs(scope, { headers: more }), {
        username: 'bob',
        uid: '7',
        groups: ['system:authenticated'],
        extra: { scopes: ['read', 'write'], 'example.org/team': ['blue'] },
      })
    },
  },
  {
    title: 'groups without a user are nobody to act as',
    async run({ refused }) {
      const headers = { 'impersonate-group': ['a', 'b'] }
      assert.is(
        at(await refused(400, 'GET', '/version', { headers }), 'message'),
        'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a", "b"}, Extra:map[string][]string(nil)} without impersonating a user name',
      )
    },
  },
  {
    title: 'who may not act as somebody else is told which verb is missing',
    async run(scope) {
      const { namespace, path, refused } = scope
      const { token } = await account(scope)
      const robot = `User "system:serviceaccount:${namespace}:robot"`
      for (const [user, mode] of [
        ['ann', 'user-info'],
        ['system:serviceaccount:default:other', 'serviceaccount'],
        ['system:node:one', 'arbitrary-node'],
      ] as const) {
        const status = await refused(
          403,
          'GET',
          path('configmaps', 'a'),
          bearing(token, { 'impersonate-user': user }),
        )
        assert.is(
          at(status, 'message'),
          `configmaps "a" is forbidden: ${robot} cannot impersonate-on:${mode}:get resource "configmaps" in API group "" in the namespace "${namespace}"`,
        )
      }
    },
  },
  {
    title:
      'the verb impersonate allows to act as the service accounts that it names, with their rights and no more',
    async run(scope) {
      const { client, namespace, path, post, refused } = scope
      const { token } = await account(scope)
      await bindRobot(scope, [
        {
          apiGroups: [''],
          resources: ['serviceaccounts'],
          verbs: ['impersonate'],
          resourceNames: ['tenant'],
        },
      ])
      await post(path('rolebindings', undefined, rbac), {
        metadata: { name: 'tenant' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [{ kind: 'ServiceAccount', name: 'tenant' }],
      })
      const acting = (name: string): { headers: RequestHeaders } =>
        bearing(token, { 'impersonate-user': `system:serviceaccount:${namespace}:${name}` })
      await scope.waitForAnswer(200, path('configmaps'), acting('tenant'))
      const { body } = await client.request('GET', path('secrets'), acting('tenant'))
      assert.is(
        at(body, 'message'),
        `secrets is forbidden: User "system:serviceaccount:${namespace}:tenant" cannot list resource "secrets" in API group "" in the namespace "${namespace}"`,
      )
      await refused(403, 'GET', path('configmaps'), acting('other'))
      await refused(403, 'GET', path('configmaps'), bearing(token))
      const masters = { ...acting('tenant').headers, 'impersonate-group': 'system:masters' }
      await refused(403, 'GET', path('configmaps'), { headers: masters })
    },
  },
  {
    title: 'constrained impersonation allows what both of its verbs allow',
    async run(scope) {
      const { namespace, path, refused } = scope
      const { token } = await account(scope)
      await bindRobot(scope, [
        {
          apiGroups: ['authentication.k8s.io'],
          resources: ['serviceaccounts'],
          verbs: ['impersonate:serviceaccount'],
        },
        {
          apiGroups: [''],
          resources: ['configmaps'],
          verbs: ['impersonate-on:serviceaccount:list'],
        },
        { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['list', 'get'] },
      ])
      await scope.post(path('rolebindings', undefined, rbac), {
        metadata: { name: 'tenant' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'robot' },
        subjects: [{ kind: 'ServiceAccount', name: 'tenant' }],
      })
      const tenant = bearing(token, {
        'impersonate-user': `system:serviceaccount:${namespace}:tenant`,
      })
      await scope.waitForAnswer(200, path('configmaps'), tenant)
      await refused(403, 'GET', path('secrets'), tenant)
      await refused(403, 'GET', path('configmaps', 'a'), tenant)
    },
  },
  {
    title: 'each namespace has a default service account and the certificate of its authority',
    async run({ path, waitFor }) {
      await waitFor(path('serviceaccounts', 'default'), () => true)
      const map = await waitFor(path('configmaps', 'kube-root-ca.crt'), () => true)
      assert.equal(Object.keys(at(map, 'data') as object), ['ca.crt'])
      assert.is(listAt(map, 'metadata/ownerReferences').length, 0)
    },
  },
]
