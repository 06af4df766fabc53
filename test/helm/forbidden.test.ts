import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { explainDenials } from '../../lib/helm/forbidden.ts'

const test = suite('explainDenials()')

const deployer = 'User "system:serviceaccount:shop:deployer" cannot'

test('names the account, the verb, the resource and the namespace, and says what to grant', () => {
  assert.is(
    explainDenials(
      `secrets is forbidden: ${deployer} list resource "secrets" in API group "" in the namespace "shop"`,
    ),
    'service account "deployer" in namespace "shop" may not list secrets in namespace "shop"; grant that with a Role and a RoleBinding',
  )
})

for (const [version, denied] of [
  ['older', 'impersonate resource "serviceaccounts"'],
  ['1.36', 'impersonate-on:serviceaccount:list resource "secrets"'],
] as const)
  test(`says of an operator that may not impersonate which right that is, on ${version} API servers`, () => {
    assert.is(
      explainDenials(
        `x is forbidden: User "system:serviceaccount:flux:helm-operator" cannot ${denied} in API group "" in the namespace "shop"`,
      ),
      'service account "helm-operator" in namespace "flux" may not impersonate service accounts; grant that with a Role and a RoleBinding',
    )
  })

test('says what only a cluster role can grant', () => {
  assert.is(
    explainDenials(
      `namespaces "x" is forbidden: ${deployer} create resource "namespaces" in API group "" at the cluster scope`,
    ),
    'service account "deployer" in namespace "shop" may not create namespaces in the whole cluster; grant that with a ClusterRole and a ClusterRoleBinding',
  )
})

test('has nothing to say of refusals that no role can mend', () => {
  assert.is(explainDenials('pods "x" is forbidden: exceeded quota: q'), undefined)
})

test.run()
