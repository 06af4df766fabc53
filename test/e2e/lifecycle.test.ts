import { Buffer } from 'node:buffer'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configMap, deployment, hookPod } from '../helpers/chart.ts'
import { conditionOf, withOperator } from '../helpers/operator.ts'
import { countPasses } from '../helpers/passes.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('the life of a HelmRelease')

const olderCrd = fileURLToPath(
  new URL('../../crds/helmreleases.flux.weave.works.yaml', import.meta.url),
)
const templates = { 'templates/configmap.yaml': configMap, 'templates/deployment.yaml': deployment }

test('is installed, upgraded on an edit and uninstalled on deletion', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', templates)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator([], async ({ api, apply, kubectl, helm, condition, read }) => {
      await apply(helmReleaseYaml('web', { chart, values: { replicas: 1 } }))
      await condition('web', 'Released', 'True')
      assert.match(await kubectl('wait', '--for=condition=ready', 'hr/web', '--timeout=10s'), 'met')
      assert.match(await helm('list'), /default-web\s+default\s+1\s.*deployed\s+web-1\.0\.0/)
      const { status } = read('web')!
      assert.is((status as { revision: string }).revision, '1.0.0')
      assert.is((status as { releaseStatus: string }).releaseStatus, 'deployed')

      await kubectl('patch', 'hr/web', '--type=merge', '-p', '{"spec":{"values":{"replicas":3}}}')
      await until('the Deployment has 3 replicas', () => {
        const live = api.get('deployments.apps', 'default', 'default-web')
        return (live?.spec as { replicas: number }).replicas === 3
      })
      const live = api.get('deployments.apps', 'default', 'default-web')!
      await until('the owner is written on the object', () => {
        const found = api.get('deployments.apps', 'default', 'default-web')
        return found?.metadata.annotations?.['helm.fluxcd.io/antecedent']
      })
      assert.is(live.metadata.annotations?.['helm.fluxcd.io/antecedent'], 'default:helmrelease/web')

      await kubectl('delete', 'hr/web', '--timeout=20s')
      assert.is(read('web'), undefined)
      assert.is(api.get('deployments.apps', 'default', 'default-web'), undefined)
      assert.is((await helm('list', '-q')).trim(), '')
    })
  }))

test('costs no process and no write to Helm when the operator starts again', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', templates)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator([], async (operator) => {
      const { api, apply, condition, read, stop, start, started, log } = operator
      await apply(['a', 'b', 'c'].map((name) => helmReleaseYaml(name, { chart })).join(''))
      for (const name of ['a', 'b', 'c']) await condition(name, 'Ready', 'True')
      assert.is(await stop(), 0)
      const revisions = api.list('secrets').map(({ metadata }) => metadata.resourceVersion)
      const statuses = ['a', 'b', 'c'].map((name) => read(name)?.metadata.resourceVersion)
      started.length = 0
      const before = log()
      start('--charts-sync-interval=1s')
      const passes = await countPasses(operator, before)
      for (const name of ['a', 'b', 'c']) await passes.more(name, 2)
      // Each helm there is was asked once for its version.
      const programs = started.map((program) => basename(program))
      assert.ok(programs.filter((program) => program.startsWith('helm')).length <= 2)
      assert.not.ok(programs.includes('git'))
      assert.equal(
        api.list('secrets').map(({ metadata }) => metadata.resourceVersion),
        revisions,
      )
      assert.equal(
        ['a', 'b', 'c'].map((name) => read(name)?.metadata.resourceVersion),
        statuses,
      )
    })
  }))

test('is uninstalled when it was deleted while the operator was down', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', templates)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator([], async ({ api, apply, kubectl, condition, read, stop, start }) => {
      await apply(helmReleaseYaml('web', { chart }))
      await condition('web', 'Ready', 'True')
      await stop()
      await kubectl('delete', 'hr/web', '--wait=false')
      assert.ok(read('web')?.metadata.deletionTimestamp)
      start()
      await until('the object is gone', () => read('web') === undefined)
      assert.is(api.get('deployments.apps', 'default', 'default-web'), undefined)
    })
  }))

test('is uninstalled without a finalizer too when finalizers are off', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', templates)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator(['--finalizers=false'], async ({ api, apply, kubectl, condition, read }) => {
      await apply(helmReleaseYaml('web', { chart }))
      await condition('web', 'Ready', 'True')
      assert.equal(read('web')?.metadata.finalizers ?? [], [])
      await kubectl('delete', 'hr/web')
      await until('the release is gone', () => {
        return api.get('deployments.apps', 'default', 'default-web') === undefined
      })
    })
  }))

test('is uninstalled without a finalizer too when its deletion was missed', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', templates)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator(['--finalizers=false'], async (operator) => {
      const { api, apply, kubectl, condition, disconnect } = operator
      await apply(helmReleaseYaml('web', { chart, releaseName: 'shop' }))
      await condition('web', 'Ready', 'True')
      const reconnect = await disconnect()
      await kubectl('delete', 'hr/web')
      await reconnect()
      await until('the release is gone', () => {
        return api.get('deployments.apps', 'default', 'shop') === undefined
      })
    })
  }))

test('is uninstalled without a finalizer too when its name is used anew at once', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', templates)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator(['--finalizers=false'], async (operator) => {
      const { api, apply, kubectl, condition, disconnect, read } = operator
      await apply(helmReleaseYaml('web', { chart, releaseName: 'before' }))
      await condition('web', 'Ready', 'True')
      const { uid } = read('web')!.metadata
      const reconnect = await disconnect()
      await kubectl('delete', 'hr/web')
      await apply(helmReleaseYaml('web', { chart, releaseName: 'after' }))
      await reconnect()
      await condition('web', 'Ready', 'True')
      assert.is.not(read('web')!.metadata.uid, uid)
      await until('the release before is gone, and the other one there', () => {
        const releases = api
          .list('deployments.apps', 'default')
          .map(({ metadata }) => metadata.name)
        return releases.join() === 'after'
      })
    })
  }))

test('goes when it is deleted while its install runs', () =>
  withRepository(async (repository) => {
    const slow = { ...templates, 'templates/hook.yaml': hookPod('pre-install') }
    await repository.add('slow', '1.0.0', slow)
    const chart = { repository: repository.url, name: 'slow', version: '1.0.0' }
    await withOperator([], async ({ api, apply, kubectl, helm, read }) => {
      await apply(helmReleaseYaml('slow', { chart, values: { seconds: 300 } }))
      await until('the hook runs', () => api.list('pods', 'default').length > 0)
      await kubectl('delete', 'hr/slow', '--timeout=30s')
      assert.is(read('slow'), undefined)
      assert.is((await helm('list', '-q')).trim(), '')
    })
  }))

test('takes up a new kind of HelmRelease when its CRD appears', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', templates)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator([], async ({ api, apply, kubectl, condition }) => {
      await apply(helmReleaseYaml('web', { chart }))
      await condition('web', 'Ready', 'True')
      await kubectl('apply', '-f', olderCrd)
      await apply(helmReleaseYaml('old', { chart }, { apiVersion: 'flux.weave.works/v1beta1' }))
      await until(
        'the object of the older generation is released',
        () =>
          conditionOf(api.get('helmreleases.flux.weave.works', 'default', 'old'), 'Released')
            ?.status === 'True',
        60_000,
      )
    })
  }))

test('carries a megabyte of values', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { 'templates/deployment.yaml': deployment })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    // Helm keeps the values in a Secret, compressed: what cannot be compressed must fit into one.
    const big = Buffer.alloc(1_000_000, 'helm operator ').toString()
    await withOperator([], async ({ api, apply, kubectl, condition, helm }) => {
      await apply(helmReleaseYaml('small', { chart }))
      await kubectl('create', 'namespace', 'elsewhere')
      api.create('helmreleases.helm.fluxcd.io', {
        apiVersion: 'helm.fluxcd.io/v1',
        kind: 'HelmRelease',
        metadata: { name: 'big', namespace: 'default' },
        spec: { chart, values: { big } },
      })
      await condition('big', 'Ready', 'True')
      await condition('small', 'Ready', 'True')
      const values = await helm('get', 'values', 'default-big', '-o', 'json')
      assert.is((JSON.parse(values) as { big: string }).big, big)
    })
  }))

test.run()
