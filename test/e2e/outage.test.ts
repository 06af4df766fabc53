import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configMap, hookPod } from '../helpers/chart.ts'
import { startOperatorProcess } from '../helpers/child.ts'
import { withOperator } from '../helpers/operator.ts'
import { withRepository } from '../helpers/repository.ts'
import { processesWith } from '../helpers/processes.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('outages')

const files = { 'templates/configmap.yaml': configMap }

test('an API server that goes away and comes back is worked with again', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', files)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator([], async ({ api, apply, condition, read, disconnect, log }) => {
      await apply(helmReleaseYaml('before', { chart }))
      await condition('before', 'Ready', 'True')
      const reconnect = await disconnect()
      // Written while nobody can tell the operator of it.
      api.create('helmreleases.helm.fluxcd.io', {
        apiVersion: 'helm.fluxcd.io/v1',
        kind: 'HelmRelease',
        metadata: { name: 'during', namespace: 'default' },
        spec: { chart },
      })
      const before = read('before')!
      api.update('helmreleases.helm.fluxcd.io', {
        ...before,
        spec: { chart, values: { edited: true } },
      })
      await until('the operator notices', () => log().includes('stream interrupted'))
      assert.is(read('during')?.status, undefined)
      await reconnect()
      await until(
        'the release written during the outage is ready',
        () => condition('during', 'Ready', 'True').then(() => true),
        60_000,
      )
      await until('the release edited during the outage is upgraded', () => {
        const { observedGeneration, releaseStatus } = read('before')!['status'] as {
          observedGeneration: number
          releaseStatus: string
        }
        return observedGeneration === 2 && releaseStatus === 'deployed'
      })
    })
  }))

test('a helm that runs when the operator is told to stop is allowed to finish', () =>
  withRepository(async (repository) => {
    await repository.add('slow', '1.0.0', {
      ...files,
      'templates/hook.yaml': hookPod('pre-install'),
    })
    const chart = { repository: repository.url, name: 'slow', version: '1.0.0' }
    await withOperator([], async ({ api, apply, helm, stop }) => {
      await apply(helmReleaseYaml('slow', { chart, values: { seconds: 2 } }))
      await until('the hook runs', () => api.list('pods', 'default').length > 0)
      assert.is(await stop(), 0)
      assert.match(await helm('list'), /default-slow.*deployed/)
    })
  }))

test('a helm that does not finish in time is stopped, and its release is tried again by the next operator', () =>
  withRepository(async (repository) => {
    await repository.add('slow', '1.0.0', {
      ...files,
      'templates/hook.yaml': hookPod('pre-install'),
    })
    const chart = { repository: repository.url, name: 'slow', version: '1.0.0' }
    const flags = ['--graceful-shutdown-timeout=1s']
    await withOperator(flags, async ({ api, apply, kubectl, condition, stop, start }) => {
      await apply(helmReleaseYaml('slow', { chart, values: { seconds: 600 } }))
      await until('the hook runs', () => api.list('pods', 'default').length > 0)
      assert.is(await stop(), 0)
      const patch = '{"spec":{"values":{"seconds":0}}}'
      await kubectl('patch', 'hr/slow', '--type=merge', '-p', patch)
      start()
      await condition('slow', 'Ready', 'True')
    })
  }))

test('a helm left behind by a killed operator is ended before its release is tried again', () =>
  withRepository(async (repository) => {
    await repository.add('slow', '1.0.0', {
      ...files,
      'templates/hook.yaml': hookPod('pre-install'),
    })
    const chart = { repository: repository.url, name: 'slow', version: '1.0.0' }
    await withOperator([], async ({ api, apply, kubectl, condition, stop, kubeconfig }) => {
      await stop()
      // Others may run the same test on this machine.
      const name = `slow-${process.pid}`
      const killed = startOperatorProcess([`--kubeconfig=${kubeconfig}`, '--listen=127.0.0.1:0'])
      await apply(helmReleaseYaml(name, { chart, values: { seconds: 600 } }))
      await until('the hook runs', () => api.list('pods', 'default').length > 0)
      await killed.kill('SIGKILL')
      const left = await processesWith(`default-${name}`)
      assert.is(left.length, 1)

      const patch = '{"spec":{"values":{"seconds":0}}}'
      await kubectl('patch', `hr/${name}`, '--type=merge', '-p', patch)
      const next = startOperatorProcess([`--kubeconfig=${kubeconfig}`, '--listen=127.0.0.1:0'])
      await condition(name, 'Ready', 'True')
      assert.equal(await processesWith(`default-${name}`), [])
      assert.is(await next.kill('SIGTERM'), 0)
    })
  }))

test.run()
