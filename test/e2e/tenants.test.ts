// Tenants on an API server that says no: the operator has the rights of an overlay, and each release those of its account.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeRecord } from '../../lib/helm/storage.ts'
import { accountWith, withConfined, type ConfinedOperator } from '../helpers/confined.ts'
import { withOperator } from '../helpers/operator.ts'
import { withRepository } from '../helpers/repository.ts'
import { playChart } from '../helpers/stage.ts'
import { playTogether } from '../helpers/stories.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('tenants')

type Stage = ConfinedOperator & { chart: { repository: string; name: string; version: string } }

/** Runs `use` with the overlay's operator and a chart that fails, tests and waits as its values say. */
function withStage<T>(overlay: string, use: (stage: Stage) => Promise<T>): Promise<T> {
  return withRepository(async (repository) => {
    await repository.add('web', '1.0.0', playChart)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    return await withConfined(`kustomize/overlays/${overlay}`, (operator) =>
      use({ ...operator, chart }),
    )
  })
}

/** A namespace whose account may do what most charts need there. */
async function openTenant(stage: Stage, name: string): Promise<string> {
  const namespace = await stage.namespace(name)
  await stage.apply(...accountWith('admin', namespace))
  return namespace
}

/** The lines of the operator's log about HelmReleases of a namespace. */
function linesAbout(stage: Stage, namespace: string): string {
  const lines = stage.log().split('\n')
  return lines.filter((line) => line.includes(`resource=${namespace}:`)).join('\n')
}

function configMap(namespace: string, name: string, data = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }
}

function secret(namespace: string, name: string, stringData: object): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData }
}

const refused = [
  [
    'a target namespace of another tenant',
    (bank: string) => ({ targetNamespace: bank }),
    /service account "helm-release" in namespace "shop-\w+" may not list secrets in namespace "bank-\w+"; grant that with a Role and a RoleBinding$/,
  ],
  [
    'values of another tenant',
    (bank: string) => ({ valuesFrom: [{ secretKeyRef: { name: 'values', namespace: bank } }] }),
    /service account "helm-release" in namespace "shop-\w+" may not get secrets in namespace "bank-\w+"; grant that with a Role and a RoleBinding$/,
  ],
  [
    'credentials of another tenant',
    (bank: string) => ({ chart: { secretRef: { name: 'pull', namespace: bank } } }),
    /service account "helm-release" in namespace "shop-\w+" may not get secrets in namespace "bank-\w+"; grant that with a Role and a RoleBinding$/,
  ],
  [
    'a service account that does not exist',
    () => ({ serviceAccountName: 'nobody' }),
    /^Cannot act as service account "nobody" in namespace "shop-\w+": it does not exist; create it with the rights that the release needs, or name another one in spec\.serviceAccountName$/,
  ],
  [
    'a service account without rights',
    () => ({ serviceAccountName: 'weak' }),
    /service account "weak" in namespace "shop-\w+" may not list secrets in namespace "shop-\w+"; grant that with a Role and a RoleBinding$/,
  ],
] as const

const stories: Record<string, (stage: Stage) => Promise<void>> = {
  'installs, tests, upgrades, rolls back and uninstalls as the service account': async (stage) => {
    const { chart, history, ready } = stage
    const shop = await openTenant(stage, 'shop')
    await stage.apply(secret(shop, 'values', { 'values.yaml': 'a: one\n' }))
    await stage.apply(secret(shop, 'pull', { username: 'shop', password: 'open sesame' }))
    const spec = {
      chart: { ...chart, chartPullSecret: { name: 'pull' } },
      ...{ releaseName: 'web', test: { enable: true }, rollback: { enable: true } },
      valuesFrom: [{ secretKeyRef: { name: 'values' } }],
    }
    await stage.release(shop, spec)
    await ready(shop, 'True')
    assert.equal(await history(shop, 'web'), ['1 deployed'])
    // Read and watched as the account: nothing else would be quick enough for a sync interval of an hour.
    await stage.apply(secret(shop, 'values', { 'values.yaml': 'a: two\n' }))
    await until('the Secret has counted', async () => (await history(shop, 'web')).length === 2)
    await ready(shop, 'True')
    await stage.release(shop, { ...spec, values: { break: 1 } })
    await ready(shop, 'False')
    await until('it is rolled back', async () => (await history(shop, 'web'))[0] === '4 deployed')
    assert.equal((await history(shop, 'web')).slice(1, 3), ['3 failed', '2 superseded'])
    await stage.helm('uninstall', 'web', '--namespace', shop)
    await stage.release(shop, spec)
    await ready(shop, 'True')
    assert.equal(await history(shop, 'web'), ['1 deployed'])
    await stage.helm('uninstall', 'web', '--namespace', shop)
    await until('it is installed again', async () =>
      (await stage.helm('list', '--namespace', shop, '--short')).includes('web'),
    )
    await stage.kubectl('delete', 'helmrelease.helm.fluxcd.io', 'web', '--namespace', shop)
    assert.is(await stage.helm('list', '--namespace', shop, '--short'), '')
  },

  'refuses what the account may not and says why, and disturbs nobody else': async (stage) => {
    const bank = await openTenant(stage, 'bank')
    await stage.apply(secret(bank, 'values', { 'values.yaml': 'a: stolen\n' }))
    await stage.apply(secret(bank, 'pull', { username: 'bank', password: 'open sesame' }))
    const shops: string[] = []
    for (const [what, over, says] of refused) {
      const shop = await openTenant(stage, 'shop')
      shops.push(shop)
      const weak = { name: 'weak', namespace: shop }
      await stage.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: weak })
      const wanted: { chart?: object; [field: string]: unknown } = over(bank)
      const chart = { ...stage.chart, ...wanted.chart }
      await stage.release(shop, { releaseName: 'web', ...wanted, chart })
      assert.match(await stage.ready(shop, 'False'), says, what)
      assert.is(await stage.helm('list', '--namespace', shop, '--short'), '', what)
    }
    assert.is(await stage.helm('list', '--namespace', bank, '--short'), '')
    await stage.release(bank, { chart: stage.chart, releaseName: 'web' })
    await stage.ready(bank, 'True')
    for (const shop of shops) {
      // It is tried again at growing intervals.
      const failures = linesAbout(stage, shop).match(/error="sync failed".*code=Forbidden/g)
      assert.ok((failures?.length ?? 0) <= 5, failures?.join('\n'))
      await stage.kubectl('delete', 'helmrelease.helm.fluxcd.io', 'web', '--namespace', shop)
    }
  },

  'hands nothing that one service account has read to another': async (stage) => {
    const shop = await openTenant(stage, 'shop')
    const here = `--namespace=${shop}`
    // Enough for Helm's storage, and nothing else.
    await stage.kubectl('create', 'serviceaccount', 'keeper', here)
    await stage.kubectl('create', 'role', 'keeper', '--verb=*', '--resource=secrets', here)
    const subject = `--serviceaccount=${shop}:keeper`
    await stage.kubectl('create', 'rolebinding', 'keeper', '--role=keeper', subject, here)
    await stage.apply(configMap(shop, 'values', { 'values.yaml': 'a: one\n' }))
    const valuesFrom = [{ configMapKeyRef: { name: 'values' } }]
    const spec = { chart: stage.chart, releaseName: 'web', valuesFrom }
    await stage.release(shop, spec)
    await stage.ready(shop, 'True')
    await stage.release(shop, { ...spec, serviceAccountName: 'keeper' })
    assert.match(
      await stage.ready(shop, 'False'),
      /^Cannot get configmaps "shop-\w+\/values": service account "keeper" in namespace "shop-\w+" may not get configmaps/,
    )
    await stage.kubectl('create', 'serviceaccount', 'weak', here)
    await stage.release(shop, { ...spec, serviceAccountName: 'weak' })
    assert.match(await stage.ready(shop, 'False'), /service account "weak" .* may not list secrets/)
    await stage.release(shop, spec)
    await stage.ready(shop, 'True')
  },

  'does nothing for a forged release that its account may not do': async (stage) => {
    const shop = await openTenant(stage, 'shop')
    const bank = await openTenant(stage, 'bank')
    await stage.apply(configMap(bank, 'vault', { gold: 'much' }))
    await stage.apply(forgedRelease(shop, configMap(bank, 'vault')))
    await stage.release(shop, { chart: stage.chart, releaseName: 'web' })
    await until('the forged release is looked at', () =>
      /running upgrade/.test(linesAbout(stage, shop)),
    )
    await until('it has ended', () => /upgrade (succeeded|failed)/.test(linesAbout(stage, shop)))
    const vault = JSON.parse(
      await stage.kubectl('get', 'configmap', 'vault', '-ojson', '--namespace', bank),
    )
    assert.equal(vault.data, { gold: 'much' })
    assert.is(vault.metadata.annotations?.['helm.fluxcd.io/antecedent'], undefined)
  },

  'lets go of a HelmRelease whose service account went before it': async (stage) => {
    const shop = await openTenant(stage, 'shop')
    await stage.release(shop, { chart: stage.chart, releaseName: 'web' })
    await stage.ready(shop, 'True')
    await stage.kubectl('delete', 'serviceaccount', 'helm-release', '--namespace', shop)
    await stage.kubectl('delete', 'helmrelease.helm.fluxcd.io', 'web', '--namespace', shop)
    assert.match(linesAbout(stage, shop), /warning="release left behind"/)
    assert.equal(await stage.history(shop, 'web'), ['1 deployed'])
  },
}

const play = playTogether<Stage>(
  (use) => withStage('least-privilege', (stage) => use(async () => stage)),
  stories,
)
for (const title of Object.keys(stories)) test(`least-privilege ${title}`, () => play(title))

test('namespaced installs in its own namespace and is refused outside of it', () =>
  withStage('namespaced', async (stage) => {
    const bank = await stage.namespace('bank')
    const name = 'web'
    await stage.release('flux', { chart: stage.chart, releaseName: name })
    await stage.ready('flux', 'True')
    await stage.release('flux', { chart: stage.chart, releaseName: name, targetNamespace: bank })
    assert.match(
      await stage.ready('flux', 'False'),
      /service account "helm-operator" in namespace "flux" may not list secrets in namespace "bank-\w+"/,
    )
    await stage.kubectl(
      'patch',
      'helmrelease.helm.fluxcd.io',
      name,
      '--namespace=flux',
      '--type=json',
      '--patch=[{"op":"remove","path":"/spec/targetNamespace"}]',
    )
    await stage.ready('flux', 'True')
    await stage.kubectl('delete', 'helmrelease.helm.fluxcd.io', name, '--namespace=flux')
    assert.is(await stage.helm('list', '--namespace=flux', '--short'), '')
  }))

test('flags fence in who refers where and releases where, and what is out of bounds is left alone', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', playChart)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    const flags = ['--charts-sync-interval=1h', '--no-cross-namespace-refs']
    await withOperator(flags, async (operator) => {
      for (const name of ['bank', 'default-preview'])
        await operator.kubectl('create', 'namespace', name)
      const release = (name: string, spec: object) =>
        operator.apply(helmReleaseYaml(name, { chart, releaseName: name, ...spec }))
      await release('outside', { targetNamespace: 'bank' })
      await release('preview', { targetNamespace: 'default-preview' })
      await operator.condition('outside', 'Ready', 'True')
      await operator.condition('preview', 'Ready', 'True')
      const valuesFrom = [{ configMapKeyRef: { name: 'web', namespace: 'bank' } }]
      await release('reader', { valuesFrom })
      assert.is(
        await operator.condition('reader', 'Ready', 'False'),
        'Cannot use ConfigMap "web" in namespace "bank": the operator runs with --no-cross-namespace-refs; put it into namespace "default" and refer to it there',
      )
      await operator.stop()
      operator.start('--allowed-target-namespaces={namespace}-*')
      await release('outside', { targetNamespace: 'bank', values: { a: 2 } })
      assert.match(
        await operator.condition('outside', 'Ready', 'False'),
        /^Cannot release to namespace "bank": the operator lets HelmReleases of namespace "default" release to "default", "default-\*" only/,
      )
      assert.match(operator.log(), /code=AccessDenied/)
      await release('preview', { targetNamespace: 'default-preview', values: { a: 2 } })
      await operator.condition('preview', 'Ready', 'True')
      await operator.kubectl('delete', 'helmrelease.helm.fluxcd.io', 'outside', 'preview')
      assert.match(await operator.helm('list', '--namespace=bank', '--short'), 'outside')
      assert.is(await operator.helm('list', '--namespace=default-preview', '--short'), '')
    })
  }))

/** What a tenant who may write Secrets can make the operator find: a release that owns somebody else's object. */
function forgedRelease(namespace: string, object: object): object {
  const record = {
    name: 'web',
    info: { status: 'deployed' },
    chart: { metadata: { name: 'web', version: '0.9.0', apiVersion: 'v2' } },
    config: {},
    manifest: `---\n${JSON.stringify(object)}\n`,
    version: 1,
    namespace,
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'helm.sh/release.v1',
    metadata: {
      name: 'sh.helm.release.v1.web.v1',
      namespace,
      labels: { owner: 'helm', name: 'web', status: 'deployed', version: '1' },
    },
    data: { release: encodeRecord(JSON.stringify(record)) },
  }
}

test.run()
