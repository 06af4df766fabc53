// A HelmRelease ends only what it has written itself: what happens to other releases that it named at some time.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sideBySide, type Scene } from '../helpers/stage.ts'
import { until } from '../helpers/until.ts'

const test = suite('a release that a HelmRelease names but has not written')

const missing = '9.9.9'

// Installs release "byhand", whose first revision nothing of ours has written.
async function installByHand({ helm, repository }: Scene): Promise<void> {
  await helm('install', 'byhand', `${repository.url}/web-1.0.0.tgz`)
}

async function remove({ kubectl, operator, namespace }: Scene): Promise<void> {
  await kubectl('delete', 'helmreleases.helm.fluxcd.io/web', '--timeout=30s')
  await until('the HelmRelease is gone', () => operator.read('web', namespace) === undefined)
}

function chartOf({ repository }: Scene, version: string): object {
  return { repository: repository.url, name: 'web', version }
}

const stories: Record<string, (scene: Scene) => Promise<void>> = {
  'stays when a HelmRelease that was repointed at it is deleted': async (scene) => {
    await installByHand(scene)
    await scene.write({})
    await scene.rests('Succeeded')
    await scene.write({ releaseName: 'byhand', chart: chartOf(scene, missing) })
    await scene.rests('ChartFetchFailed')
    await remove(scene)
    assert.equal(scene.history('byhand'), ['1 deployed'])
  },
  'stays when a HelmRelease is deleted that could not upgrade it': async (scene) => {
    await installByHand(scene)
    await scene.write({ releaseName: 'byhand', values: { break: 1 } })
    await scene.rests('DeployFailed')
    assert.equal(scene.history('byhand'), ['2 failed', '1 deployed'])
    await remove(scene)
    assert.equal(scene.history('byhand'), ['2 failed', '1 deployed'])
  },
  'stays when a HelmRelease is deleted that has rolled it back': async (scene) => {
    await installByHand(scene)
    await scene.write({ releaseName: 'byhand', values: { break: 1 }, rollback: { enable: true } })
    await scene.rests('RolledBack')
    await remove(scene)
    assert.equal(scene.history('byhand'), ['3 deployed', '2 failed', '1 superseded'])
  },
  'stays when a HelmRelease is deleted that found it as wanted and never wrote': async (scene) => {
    await installByHand(scene)
    const valuesFrom = [{ configMapKeyRef: { name: 'values' } }]
    await scene.write({ releaseName: 'byhand', valuesFrom })
    await scene.rests('Failed')
    await scene.kubectl('create', 'configmap', 'values', '--from-literal=values.yaml={}')
    await scene.rests('Succeeded')
    await remove(scene)
    assert.equal(scene.history('byhand'), ['1 deployed'])
  },
  'is taken over, and goes when a HelmRelease is deleted that has upgraded it': async (scene) => {
    await installByHand(scene)
    await scene.write({ releaseName: 'byhand', values: { a: 2 } })
    await scene.rests('Succeeded')
    assert.equal(scene.history('byhand'), ['2 deployed', '1 superseded'])
    await remove(scene)
    assert.equal(scene.history('byhand'), [])
  },
}

const play = sideBySide(['--charts-sync-interval=1h'], stories)
for (const title of Object.keys(stories)) test(title, () => play(title))

test.run()
