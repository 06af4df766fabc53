// What Prometheus and a kubelet get to hear from a running operator.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configMap, deployment, hookPod } from '../helpers/chart.ts'
import { openDoor } from '../helpers/door.ts'
import { withOperator } from '../helpers/operator.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('metrics and probes')

const files = {
  'templates/configmap.yaml': configMap,
  'templates/hook.yaml': hookPod('test'),
}
const names = 'release_name="default-web",target_namespace="default"'

function condition(type: string): string {
  return `flux_helm_operator_release_condition_info{condition="${type}",${names}}`
}

function count(action: string, success: boolean): string {
  const labels = `action="${action}",release_name="default-web",success="${success}",target_namespace="default"`
  return `flux_helm_operator_release_action_duration_seconds_count{${labels}}`
}

test('every action and condition of a release is counted, and nothing of it is left', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', files)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    const spec = { chart, test: { enable: true }, rollback: { enable: true }, timeout: 30 }
    await withOperator([], async ({ apply, kubectl, log }) => {
      const door = await openDoor(log)
      await apply(helmReleaseYaml('web', spec))
      const installed = await door.sample(condition('Released'), 1)
      assert.is(installed.get(condition('Tested')), 1)
      assert.is(installed.get(condition('Ready')), 1)
      assert.is(installed.get('flux_helm_operator_release_count'), 1)
      for (const action of ['sync', 'install', 'test', 'annotate'])
        await door.some(count(action, true))

      // A test that fails is rolled back.
      await apply(helmReleaseYaml('web', { ...spec, values: { exit: 1 } }))
      const failed = await door.sample(condition('RolledBack'), 1)
      assert.is(failed.get(condition('Released')), -1)
      assert.is(failed.get(condition('Tested')), -1)
      assert.is(failed.get(condition('Deployed')), 1)
      assert.is(failed.get(count('upgrade', true)), 1)
      assert.is(failed.get(count('test', false)), 1)
      await door.sample(count('rollback', true), 1)
      await door.some(count('sync', false))
      assert.is(failed.get('helm_operator_upgrades_total{because="generation"}'), 1)
      assert.ok(failed.get('helm_operator_processes_started_total{program="helm"}')! >= 5)
      assert.ok(failed.get('helm_operator_processes_running{program="kubectl"}')! >= 2)
      assert.ok(failed.get('helm_operator_api_requests_total{code="200",verb="patch"}')! > 0)

      await apply(helmReleaseYaml('web', { ...spec, values: { exit: 0 } }))
      await until(
        'RolledBack is gone',
        async () => !(await door.samples()).has(condition('RolledBack')),
      )
      await kubectl('delete', 'hr/web', '--timeout=20s')
      const gone = await door.sample('flux_helm_operator_release_count', 0)
      assert.equal(
        [...gone.keys()].filter((name) => name.includes('condition_info')),
        [],
      )
      // Whoever scrapes once a minute still learns how the uninstall went.
      assert.is(gone.get(count('uninstall', true)), 1)
    })
  }))

test('the durations of a release that is waited for include the wait', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { 'templates/deployment.yaml': deployment })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    const spec = { chart, wait: true, timeout: 3, values: { nowhere: true } }
    await withOperator([], async ({ apply, condition: wait, log }) => {
      const door = await openDoor(log)
      await apply(helmReleaseYaml('web', spec))
      await door.sample('helm_operator_releases_waiting', 1)
      await wait('web', 'Released', 'False')
      const samples = await door.sample(count('install', false), 1)
      assert.ok(samples.get(count('install', false).replace('_count', '_sum'))! >= 3)
      await door.sample('helm_operator_releases_waiting', 0)
    })
  }))

test('conditions are there as soon as a restarted operator is ready', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', files)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator([], async ({ api, apply, condition: wait, log, stop, start }) => {
      await apply(helmReleaseYaml('web', { chart }))
      await wait('web', 'Ready', 'True')
      await stop()
      const before = log()
      const written = api.get('helmreleases.helm.fluxcd.io', 'default', 'web')
      start()
      const door = await openDoor(log, before)
      await until('it is ready', async () => (await door.get('/readyz')).status === 200)
      const samples = await door.samples()
      for (const type of ['ChartFetched', 'Deployed', 'Released', 'Ready'])
        assert.is(samples.get(condition(type)), 1, type)
      const now = api.get('helmreleases.helm.fluxcd.io', 'default', 'web')
      assert.is(now?.metadata.resourceVersion, written?.metadata.resourceVersion)
    })
  }))

test('it is alive while the API server is away, and ready once it has told what there is', () =>
  withOperator([], async ({ log, disconnect, stop, start }) => {
    await stop()
    const reconnect = await disconnect()
    const before = log()
    start()
    const door = await openDoor(log, before)
    assert.equal(await door.get('/healthz'), { status: 200, body: 'OK' })
    await until('it waits for HelmReleases', async () => {
      const { status, body } = await door.get('/readyz')
      return status === 503 && body.includes('waiting for the HelmReleases of helm.fluxcd.io')
    })
    assert.is((await door.samples()).get('flux_helm_operator_release_count'), 0)
    await reconnect()
    await until('it is ready', async () => (await door.get('/readyz')).status === 200, 60_000)
    assert.is((await door.get('/debug/pprof/')).status, 404)
    const again = await disconnect()
    assert.equal(await door.get('/healthz'), { status: 200, body: 'OK' })
    await again()
  }))

test.run()
