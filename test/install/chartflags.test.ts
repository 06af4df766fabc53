// The flags that the chart starts the operator with are flags of the operator, and mean what the values say.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readConfig } from '../../lib/app/config.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import { chartObjects, kitchenSink } from '../helpers/helmchart.ts'
import { renderKustomization } from '../helpers/kustomize.ts'

const test = suite("the chart's flags")

async function podOf(...args: string[]) {
  const deployment = (await chartObjects(...args)).find(({ kind }) => kind === 'Deployment')!
  const { template } = deployment['spec'] as {
    template: { spec: { containers: [{ args: string[] }]; terminationGracePeriodSeconds: number } }
  }
  return template.spec
}

for (const [what, ...args] of [
  ['the defaults'],
  ['every value', `--values=${kitchenSink}`],
] as const)
  test(`with ${what}, each is known to the operator, and helm gets its time to end`, async () => {
    const { containers, terminationGracePeriodSeconds } = await podOf(...args)
    const config = readConfig(containers[0].args, {})
    assert.ok(config.shutdownMs < terminationGracePeriodSeconds * 1_000)
    assert.is(config.cacheDir, '/var/cache/helm-operator')
  })

test('without a cluster role they limit it to the namespace of the release', async () => {
  const { containers } = await podOf('--set=clusterRole.create=false,allowNamespace=other')
  assert.is(readConfig(containers[0].args, {}).namespace, 'flux')
})

test('tenants are fenced in by values', async () => {
  const { containers } = await podOf(
    '--set=defaultServiceAccount=deployer,noCrossNamespaceRefs=true',
    '--set-json=allowedTargetNamespaces=["{namespace}-*","shared"]',
  )
  assert.equal(readConfig(containers[0].args, {}).tenancy, {
    defaultServiceAccount: 'deployer',
    noCrossNamespaceRefs: true,
    allowedTargetNamespaces: ['{namespace}-*', 'shared'],
  })
})

test('validation is asked for by a value', async () => {
  const { containers } = await podOf('--set=validate=server')
  assert.is(readConfig(containers[0].args, {}).validate, 'server')
})

test('with least privilege it has the rules of the overlay, and no HelmRelease is without a service account', async () => {
  const rulesOf = (objects: readonly KubeObject[]) =>
    objects.find(({ kind }) => kind === 'ClusterRole')!['rules']
  const overlay = await renderKustomization('kustomize/overlays/least-privilege')
  const chart = await chartObjects('--set=rbac.leastPrivilege=true')
  assert.equal(rulesOf(chart), rulesOf(overlay))
  const { containers } = await podOf('--set=rbac.leastPrivilege=true')
  const { tenancy } = readConfig(containers[0].args, {})
  assert.is(tenancy.defaultServiceAccount, 'helm-release')
})

test.run()
