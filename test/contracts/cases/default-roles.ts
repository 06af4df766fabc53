// Contract: the roles that a cluster has from its first moment, and roles that gather the rules of others.
import * as assert from 'uvu/assert'
import { at, listAt, rbac, textAt, type Case } from '../scope.ts'

export const defaultRoleCases: Case[] = [
  {
    title: 'the default roles have the rules of Kubernetes 1.36',
    async run({ get }) {
      const rules = async (name: string): Promise<unknown> =>
        at(await get(`/apis/${rbac}/clusterroles/${name}`), 'rules')
      assert.equal(await rules('cluster-admin'), [
        { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
        { nonResourceURLs: ['*'], verbs: ['*'] },
      ])
      assert.equal(await rules('system:basic-user'), [
        {
          apiGroups: ['authorization.k8s.io'],
          resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
          verbs: ['create'],
        },
        {
          apiGroups: ['authentication.k8s.io'],
          resources: ['selfsubjectreviews'],
          verbs: ['create'],
        },
      ])
      assert.equal(await rules('system:public-info-viewer'), [
        {
          nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'],
          verbs: ['get'],
        },
      ])
      assert.equal(await rules('system:discovery'), [
        {
          nonResourceURLs: [
            ...['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi'],
            ...['/openapi/*', '/readyz', '/version', '/version/'],
          ],
          verbs: ['get'],
        },
      ])
    },
  },
  {
    title: 'admin holds what edit holds, and edit what view holds',
    async run({ get }) {
      const [view, edit, admin] = await Promise.all(
        ['view', 'edit', 'admin'].map(async (name) =>
          listAt(await get(`/apis/${rbac}/clusterroles/${name}`), 'rules').map((rule) =>
            JSON.stringify(rule),
          ),
        ),
      )
      assert.is(view!.length, 12)
      assert.is(edit!.length, 12 + 15)
      assert.is(admin!.length, 12 + 15 + 2)
      assert.ok(view!.every((rule) => edit!.includes(rule)))
      assert.ok(edit!.every((rule) => admin!.includes(rule)))
    },
  },
  {
    title: 'a ClusterRole with an aggregation rule has the rules of those it selects',
    async run({ get, namespace, patch, post, remove, waitFor }) {
      const roles = `/apis/${rbac}/clusterroles`
      const label = `contract.example.org/${namespace}`
      const rule = { apiGroups: ['example.org'], resources: ['things'], verbs: ['get'] }
      const part = (name: string, rules: object[]): object => ({
        apiVersion: rbac,
        kind: 'ClusterRole',
        metadata: { name: `${namespace}-${name}`, labels: { [label]: 'true' } },
        rules,
      })
      await post(roles, part('part', [rule]))
      await post(roles, {
        apiVersion: rbac,
        kind: 'ClusterRole',
        metadata: { name: `${namespace}-whole` },
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [label]: 'true' } }] },
        rules: [{ apiGroups: ['overwritten'], resources: ['*'], verbs: ['*'] }],
      })
      const whole = `${roles}/${namespace}-whole`
      const has = (...resources: string[]) =>
        waitFor(
          whole,
          (found) =>
            listAt(found, 'rules')
              .map((one) => textAt(one, 'resources/0'))
              .join() === resources.join(),
        )
      await has('things')
      const other = { ...rule, resources: ['others'] }
      await post(roles, part('another', [other, rule]))
      await has('others', 'things')
      await patch(`${roles}/${namespace}-part`, 'merge', { rules: [] })
      await remove(`${roles}/${namespace}-another`)
      await has()
      assert.equal(at(await get(whole), 'aggregationRule/clusterRoleSelectors/0'), {
        matchLabels: { [label]: 'true' },
      })
      await remove(whole)
      await remove(`${roles}/${namespace}-part`)
    },
  },
]
