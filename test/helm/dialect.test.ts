import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  accessArgs,
  pullArgs,
  rollbackArgs,
  uninstallArgs,
  upgradeArgs,
  type RollbackOptions,
  type UpgradeOptions,
} from '../../lib/helm/dialect.ts'
import { helm3 } from '../../lib/helm/helm3.ts'
import { helm4 } from '../../lib/helm/helm4.ts'

const test = suite('dialect')

const release = { releaseName: 'api', targetNamespace: 'shop', timeoutMs: 300_000 }
const upgrade: UpgradeOptions = {
  ...release,
  chartPath: '/charts/api.tgz',
  valuesFile: '/run/values',
  maxHistory: 10,
  wait: false,
  skipCrds: false,
  disableOpenApiValidation: false,
  base: 'chart',
  force: false,
  method: 'server',
}
const rollback: RollbackOptions = {
  ...release,
  revision: 3,
  wait: false,
  disableHooks: false,
  recreate: false,
  force: false,
  method: 'server',
}

/** The flags that a change of options adds, for each dialect. */
function added(change: Partial<UpgradeOptions>): [string, string] {
  const extra = (dialect: typeof helm3): string => {
    const before = upgradeArgs(dialect, upgrade)
    return upgradeArgs(dialect, { ...upgrade, ...change })
      .filter((argument) => !before.includes(argument))
      .join(' ')
  }
  return [extra(helm3), extra(helm4)]
}

test('an upgrade with nothing special', () => {
  const common =
    'upgrade --install --namespace shop --timeout 300000ms --values=/run/values --history-max 10 --reset-values'
  assert.is(upgradeArgs(helm3, upgrade).join(' '), `${common} -- api /charts/api.tgz`)
  assert.is(
    upgradeArgs(helm4, upgrade).join(' '),
    `${common} --skip-crds --server-side=true --force-conflicts -- api /charts/api.tgz`,
  )
})

test('crds/ is left to Helm unless it is to be skipped, or Helm would change CRDs that are there', () => {
  for (const [dialect, change, skips] of [
    [helm4, {}, true],
    [helm4, { method: 'client' }, false],
    [helm4, { force: true }, false],
    [helm3, {}, false],
    [helm3, { skipCrds: true }, true],
    [helm4, { skipCrds: true, method: 'client' }, true],
  ] as const)
    assert.is(upgradeArgs(dialect, { ...upgrade, ...change }).includes('--skip-crds'), skips)
})

for (const [what, change, by3, by4] of [
  ['waiting', { wait: true }, '--wait', '--wait=watcher'],
  ['forcing', { force: true }, '--force', '--force-replace --server-side=false'],
  ['a release that was applied client-side', { method: 'client' }, '', '--server-side=false'],
  ['reusing values', { base: 'previous' }, '--reuse-values', '--reuse-values'],
  [
    'not validating',
    { disableOpenApiValidation: true },
    '--disable-openapi-validation',
    '--disable-openapi-validation',
  ],
] as const) {
  test(`${what} is "${by3}" in Helm 3 and "${by4}" in Helm 4`, () => {
    assert.equal(added(change), [by3, by4])
  })
}

test('force conflicts is never said together with client-side apply, which Helm 4 refuses', () => {
  for (const force of [true, false])
    for (const method of ['client', 'server'] as const) {
      const args = upgradeArgs(helm4, { ...upgrade, force, method })
      assert.is(args.includes('--force-conflicts'), args.includes('--server-side=true'))
    }
})

test('no helm creates namespaces or remedies by itself', () => {
  for (const dialect of [helm3, helm4])
    assert.not.match(
      upgradeArgs(dialect, { ...upgrade, wait: true, force: true }).join(' '),
      /create-namespace|atomic|rollback-on-failure|cleanup/,
    )
})

test('a rollback names its revision and prunes nothing', () => {
  assert.is(
    rollbackArgs(helm3, { ...rollback, recreate: true, disableHooks: true, wait: true }).join(' '),
    'rollback --namespace shop --timeout 300000ms --history-max 0 --wait --no-hooks --recreate-pods -- api 3',
  )
  assert.is(
    rollbackArgs(helm4, { ...rollback, recreate: true }).join(' '),
    'rollback --namespace shop --timeout 300000ms --history-max 0 --server-side=true --force-conflicts -- api 3',
  )
})

test('a name that looks like a flag stays a name', () => {
  const releaseName = '--post-renderer=/bin/sh'
  for (const args of [
    upgradeArgs(helm4, { ...upgrade, releaseName }),
    rollbackArgs(helm3, { ...rollback, releaseName }),
    uninstallArgs({ ...release, releaseName }),
  ])
    assert.ok(args.indexOf(releaseName) > args.indexOf('--'))
})

test('pulling points helm at the files that hold credentials', () => {
  assert.is(
    pullArgs({
      chart: 'stable/api',
      version: '1.2.3',
      destination: '/d',
      repositoryConfig: '/r.yaml',
      repositoryCache: '/cache',
      registryConfig: '/config.json',
    }).join(' '),
    'pull --repository-config /r.yaml --repository-cache /cache --registry-config /config.json --destination /d --version 1.2.3 -- stable/api',
  )
})

test('a cluster is named only where the operator was given one', () => {
  assert.equal(accessArgs({}, undefined), [])
  assert.equal(accessArgs({ kubeconfig: '/k', context: 'c', server: 'https://s' }, undefined), [
    ...['--kubeconfig', '/k', '--kube-context', 'c', '--kube-apiserver', 'https://s'],
  ])
})

test('a service account is impersonated by its user name alone, which needs no right on groups', () => {
  const identity = { namespace: 'shop', name: 'deployer' }
  assert.equal(accessArgs({ kubeconfig: '/k' }, identity), [
    ...['--kubeconfig', '/k', '--kube-as-user', 'system:serviceaccount:shop:deployer'],
  ])
})

test.run()
