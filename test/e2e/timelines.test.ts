// What a watcher of a HelmRelease sees, phase by phase, and what is left when it rests: fluxcd/helm-operator's users script
// against it.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { below, createRepository } from '../helpers/gitserver.ts'
import { playChart, sideBySide, withDirectory, type Scene } from '../helpers/stage.ts'
import { until } from '../helpers/until.ts'

const test = suite('the timeline of')

const rollback = { enable: true }
const tested = { enable: true }
const fetched = 'ChartFetched T'

async function installed(scene: Scene, spec: object = {}): Promise<void> {
  await scene.write(spec)
  await scene.rests('Succeeded')
  scene.next()
}

const stories: Record<string, (scene: Scene) => Promise<void>> = {
  'a first install from a repository': async (scene) => {
    await scene.write({})
    const status = await scene.rests('Succeeded')
    assert.equal(scene.phases(), ['ChartFetched', 'Installing', 'Deployed', 'Succeeded'])
    assert.equal(scene.conditions(), [fetched, 'Deployed T', 'Released T'])
    assert.is(status.revision, '1.0.0')
    assert.is(status.lastAttemptedRevision, '1.0.0')
    assert.is(status.releaseStatus, 'deployed')
    assert.is(status.rollbackCount, undefined)
  },

  'a first install from git': async (scene) => {
    await withDirectory(async (directory) => {
      const git = await createRepository(directory)
      const files = { ...playChart, 'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n' }
      const head = await git.commit(below('web', files))
      await scene.write({ chart: { git: git.url, path: 'web', ref: 'main' } })
      const status = await scene.rests('Succeeded')
      assert.equal(scene.phases(), ['ChartFetched', 'Installing', 'Deployed', 'Succeeded'])
      assert.equal(scene.conditions(), [fetched, 'Deployed T', 'Released T'])
      assert.equal([status.revision, status.lastAttemptedRevision], [head, head])
    })
  },

  'a sync that finds nothing changed': async (scene) => {
    await installed(scene)
    const before = scene.operator.read('web', scene.namespace)?.metadata.resourceVersion
    await scene.looks(2)
    assert.equal(scene.phases(), [])
    assert.is(scene.operator.read('web', scene.namespace)?.metadata.resourceVersion, before)
  },

  'an install with tests, whose pods stay as the chart wants it': async (scene) => {
    await scene.write({ test: { enable: true, cleanup: true } })
    await scene.rests('Succeeded')
    const phases = ['ChartFetched', 'Installing', 'Deployed', 'Testing', 'Tested', 'Succeeded']
    assert.equal(scene.phases(), phases)
    assert.equal(scene.conditions(), [fetched, 'Deployed T', 'Tested T', 'Released T'])
    const pods = scene.operator.api.list('pods', scene.namespace)
    assert.equal(
      pods.map(({ metadata }) => metadata.name),
      [`${scene.namespace}-web-test`],
    )
  },

  'a first install that fails': async (scene) => {
    await scene.write({ values: { break: 1 } })
    await scene.sees('ChartFetched', 'Installing', 'DeployFailed')
    await until('it is purged', () => scene.history().length === 0)
    assert.equal(scene.conditions(), [fetched, 'Deployed F', 'Released F'])
    await scene.sees('DeployFailed', 'Installing', 'DeployFailed')
  },

  'a first install whose tests fail': async (scene) => {
    await scene.write({ test: tested, values: { breakTest: 1 } })
    await scene.sees('ChartFetched', 'Installing', 'Deployed', 'Testing', 'TestFailed')
    await until('it is purged', () => scene.history().length === 0)
    assert.equal(scene.conditions(), [fetched, 'Deployed T', 'Tested F', 'Released F'])
    await scene.sees('TestFailed', 'Installing', 'Deployed', 'Testing', 'TestFailed')
  },

  'an upgrade that succeeds after one that was rolled back': async (scene) => {
    await installed(scene, { rollback })
    await scene.write({ rollback, values: { break: 1 } })
    await scene.rests('RolledBack')
    scene.next()
    const { repository } = scene
    const chart = { repository: repository.url, name: 'web', version: '1.1.0' }
    await scene.write({ rollback, chart })
    const status = await scene.rests('Succeeded')
    assert.equal(scene.phases(), ['ChartFetched', 'Upgrading', 'Deployed', 'Succeeded'])
    assert.equal(scene.conditions(), [fetched, 'Deployed T', 'Released T'])
    assert.equal([status.revision, status.rollbackCount], ['1.1.0', undefined])
  },

  'an upgrade that fails without a rollback': async (scene) => {
    await installed(scene)
    await scene.write({ values: { break: 1 } })
    await scene.rests('DeployFailed')
    await scene.looks(2)
    assert.equal(scene.phases(), ['Upgrading', 'DeployFailed'])
    assert.equal(scene.conditions(), [fetched, 'Deployed F', 'Released F'])
    assert.is(scene.status().releaseStatus, 'failed')
    assert.equal(scene.history(), ['2 failed', '1 deployed'])
  },

  'an upgrade that fails before it has made a revision': async (scene) => {
    await installed(scene, { rollback })
    await scene.write({ rollback, values: { refuse: true } })
    await scene.rests('DeployFailed')
    await scene.sees('Upgrading', 'DeployFailed', 'Upgrading', 'DeployFailed')
    assert.not.ok(scene.phases().includes('RollingBack'))
    assert.equal(scene.conditions(), [fetched, 'Deployed F', 'Released F'])
    assert.equal(scene.history(), ['1 deployed'])
  },

  'an upgrade that fails and is rolled back, quiet afterwards': async (scene) => {
    await installed(scene, { rollback })
    const chart = { repository: scene.repository.url, name: 'web', version: '1.1.0' }
    await scene.write({ rollback, chart, values: { break: 1 } })
    await scene.rests('RolledBack')
    await scene.looks(2)
    const phases = ['ChartFetched', 'Upgrading', 'DeployFailed', 'RollingBack', 'RolledBack']
    assert.equal(scene.phases(), phases)
    assert.equal(scene.conditions(), [fetched, 'Deployed F', 'Released F', 'RolledBack T'])
    const { revision, lastAttemptedRevision, rollbackCount, releaseStatus } = scene.status()
    assert.equal([revision, lastAttemptedRevision], ['1.0.0', '1.1.0'])
    assert.equal([rollbackCount, releaseStatus], [1, 'deployed'])
    assert.equal(scene.history(), ['3 deployed', '2 failed', '1 superseded'])
  },

  'an upgrade that fails, is rolled back and retried': async (scene) => {
    const retry = { enable: true, retry: true, maxRetries: 1 }
    await installed(scene, { rollback: retry })
    await scene.write({ rollback: retry, values: { break: 1 } })
    const once = ['Upgrading', 'DeployFailed', 'RollingBack', 'RolledBack']
    await scene.sees(...once, ...once)
    await scene.looks(2)
    assert.equal(scene.phases(), [...once, ...once])
    assert.is(scene.status().rollbackCount, 2)
  },

  'an upgrade whose tests fail and that is rolled back': async (scene) => {
    await installed(scene, { rollback, test: tested })
    await scene.write({ rollback, test: tested, values: { breakTest: 1 } })
    await scene.rests('RolledBack')
    const phases = ['Upgrading', 'Deployed', 'Testing', 'TestFailed', 'RollingBack', 'RolledBack']
    assert.equal(scene.phases(), phases)
    const conditions = [fetched, 'Deployed T', 'Tested F', 'Released F', 'RolledBack T']
    assert.equal(scene.conditions(), conditions)
  },

  'an upgrade whose tests fail, which is to be ignored': async (scene) => {
    const ignored = { enable: true, ignoreFailures: true }
    await installed(scene, { test: ignored })
    await scene.write({ test: ignored, values: { breakTest: 1 } })
    await scene.rests('Succeeded')
    const phases = ['Upgrading', 'Deployed', 'Testing', 'TestFailed', 'Succeeded']
    assert.equal(scene.phases(), phases)
    assert.equal(scene.conditions(), [fetched, 'Deployed T', 'Tested F', 'Released T'])
    await until('a warning tells of it', () =>
      scene.events().some((event) => event.startsWith('Warning FailedReleaseSync')),
    )
  },

  'a source of values that is missing, of a release in another namespace': async (scene) => {
    const valuesFrom = [{ secretKeyRef: { name: 'nowhere' } }]
    await scene.write({ valuesFrom, targetNamespace: 'default' })
    await scene.rests('Failed')
    assert.equal(scene.phases(), ['ChartFetched', 'Failed'])
    assert.equal(scene.conditions(), [fetched, 'Released F'])
  },

  'a chart that cannot be fetched': async (scene) => {
    const chart = { repository: scene.repository.url, name: 'web', version: '9.9.9' }
    await scene.write({ chart })
    const { observedGeneration } = await scene.rests('ChartFetchFailed')
    assert.equal(scene.phases(), ['ChartFetchFailed'])
    assert.equal(scene.conditions(), ['ChartFetched F', 'Released F'])
    assert.is(observedGeneration, 1)
  },
}

const play = sideBySide(['--charts-sync-interval=2s'], stories)
for (const title of Object.keys(stories)) test(title, () => play(title))

test.run()
