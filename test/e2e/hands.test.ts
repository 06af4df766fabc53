// What happens when people lay hands on releases: what is put right at once, what is taken over, and what is left alone. The
// next sync is minutes away, so whatever happens here happens because somebody was noticed.
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { conditionOf } from '../helpers/operator.ts'
import { processesWith } from '../helpers/processes.ts'
import { sideBySide, type Scene } from '../helpers/stage.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('a release')

const antecedent = 'helm.fluxcd.io/antecedent'

async function installed(scene: Scene, spec: object = {}): Promise<void> {
  await scene.write(spec)
  await scene.rests('Succeeded')
  scene.next()
}

async function comesBack(scene: Scene, revision: string): Promise<void> {
  // Long before the next sync; how soon is for the benchmark.
  await until('it is back', () => scene.history()[0] === revision)
  await scene.rests('Succeeded')
  const live = scene.operator.api.get('configmaps', scene.namespace, `${scene.namespace}-web`)
  assert.is((live?.data as { a: string }).a, '1')
}

// Asks for a pass as people do, and waits until it is over.
async function ask(scene: Scene): Promise<void> {
  await scene.kubectl('annotate', '--overwrite', 'hr/web', `asked=${Date.now()}`)
}

const stories: Record<string, (scene: Scene) => Promise<void>> = {
  'that somebody has uninstalled is installed again at once': async (scene) => {
    await installed(scene)
    await scene.helm('uninstall', `${scene.namespace}-web`)
    await scene.sees('Installing', 'Deployed', 'Succeeded')
    await comesBack(scene, '1 deployed')
  },

  'that somebody has uninstalled with its history kept is installed again at once': async (
    scene,
  ) => {
    await installed(scene)
    await scene.helm('uninstall', '--keep-history', `${scene.namespace}-web`)
    await scene.sees('Installing', 'Deployed', 'Succeeded')
    await comesBack(scene, '2 deployed')
  },

  'that somebody has upgraded is brought back at once': async (scene) => {
    await installed(scene)
    const chart = `${scene.repository.url}/web-1.0.0.tgz`
    await scene.helm('upgrade', `${scene.namespace}-web`, chart, '--set=a=2')
    await comesBack(scene, '3 deployed')
  },

  'that somebody has rolled back is brought back at once': async (scene) => {
    await installed(scene, { values: { a: 2 } })
    await installed(scene, { values: { a: 1 } })
    await scene.helm('rollback', `${scene.namespace}-web`, '1')
    await comesBack(scene, '4 deployed')
  },

  'whose chart cannot be had says all the same what somebody has done to it': async (scene) => {
    const { repository, namespace, operator } = scene
    const chart = { repository: repository.url, name: 'missing', version: '1.0.0' }
    await installed(scene)
    await scene.write({ chart })
    await scene.rests('ChartFetchFailed')
    await scene.helm('uninstall', '--keep-history', `${namespace}-web`)
    await until('it is told', () => {
      const { releaseStatus } = operator.read('web', namespace)!['status'] as Record<string, string>
      return releaseStatus === 'uninstalled'
    })
  },

  'that somebody has installed is taken over': async (scene) => {
    const { repository, namespace, operator } = scene
    await scene.helm('install', `${namespace}-web`, `${repository.url}/web-1.0.0.tgz`)
    await scene.write({})
    await scene.rests('Succeeded')
    assert.equal(scene.history(), ['2 deployed', '1 superseded'])
    const live = operator.api.get('configmaps', namespace, `${namespace}-web`)
    assert.is(live?.metadata.annotations?.[antecedent], `${namespace}:helmrelease/web`)
  },

  'that is rolled back bears its mark again': async (scene) => {
    const { namespace, operator } = scene
    const rollback = { enable: true }
    await installed(scene, { rollback })
    await scene.kubectl('annotate', 'configmap', `${namespace}-web`, `${antecedent}-`)
    await scene.write({ rollback, values: { break: 1 } })
    await scene.rests('RolledBack')
    const markOf = () => {
      const live = operator.api.get('configmaps', namespace, `${namespace}-web`)
      return live?.metadata.annotations?.[antecedent]
    }
    await until('it is marked', () => markOf() === `${namespace}:helmrelease/web`)
  },

  'that a killed helm left pending is waited for, and freed when its time is up': async (scene) => {
    const { repository, namespace } = scene
    await installed(scene, { timeout: 8 })
    const archive = `${repository.url}/web-1.0.0.tgz`
    const values = '--set=break=1,seconds=600'
    const ended = scene.helm('upgrade', `${namespace}-web`, archive, values).catch(() => 'killed')
    await until('helm is at work', () => scene.history()[0] === '2 pending-upgrade')
    for (const { pid } of await processesWith(`${namespace}-web`)) process.kill(pid, 'SIGKILL')
    assert.is(await ended, 'killed')
    await until('it is waited for', () =>
      /Waiting for another helm to end its work on .* revision 2 is pending-upgrade since .*Z\. At .*Z it is taken for dead/.test(
        scene.says('Ready'),
      ),
    )
    await until('it is freed', () => scene.history()[0] === '3 deployed')
    await scene.rests('Succeeded')
  },

  'that failed to install is kept for inspection when asked to': async (scene) => {
    await scene.write({ install: { keepFailed: true }, values: { break: 1 } })
    await scene.rests('DeployFailed')
    await ask(scene)
    await ask(scene)
    assert.equal(scene.history(), ['1 failed'])
    assert.is(scene.status().installFailures, 1)
    await scene.write({ install: { keepFailed: true } })
    await scene.rests('Succeeded')
    assert.equal(scene.history(), ['2 deployed', '1 failed'])
    assert.is(scene.status().installFailures, undefined)
  },

  'that failed to install and was kept is installed again once somebody has removed it': async (
    scene,
  ) => {
    await scene.write({ install: { keepFailed: true }, values: { break: 1 } })
    await scene.rests('DeployFailed')
    scene.next()
    await scene.helm('uninstall', `${scene.namespace}-web`)
    await scene.sees('Installing', 'DeployFailed')
    assert.is(scene.status().installFailures, 2)
  },

  'that fails to install is tried no more often than the spec says': async (scene) => {
    const install = { maxRetries: 1 }
    await scene.write({ install, values: { break: 1 } })
    const failures = (count: number) =>
      until(`${count} failures`, () => scene.status().installFailures === count)
    await failures(1)
    await until('it is purged', () => scene.history().length === 0)
    await ask(scene)
    await failures(2)
    await ask(scene)
    await ask(scene)
    const once = ['Installing', 'DeployFailed']
    assert.equal(scene.phases(), ['ChartFetched', ...once, ...once])
    await scene.write({ install, values: { break: 2 } })
    await scene.sees(...once, ...once, ...once)
    await failures(1)
  },

  'that is rolled back and to be retried is so at once, long before the next sync': async (
    scene,
  ) => {
    const rollback = { enable: true, retry: true, maxRetries: 1 }
    await installed(scene, { rollback })
    scene.next()
    await scene.write({ rollback, values: { break: 1 } })
    const once = ['Upgrading', 'DeployFailed', 'RollingBack', 'RolledBack']
    await scene.sees(...once, ...once)
    assert.is(scene.status().rollbackCount, 2)
    assert.equal(scene.phases(), [...once, ...once])
  },

  'whose spec is odd says so once for each edit': async (scene) => {
    const odd = { valuesFrom: [{}] }
    const said = () => scene.events().filter((event) => event.startsWith('Warning OddSpec'))
    await installed(scene, odd)
    await until('it is said', () => said().length === 1)
    assert.match(said().join(), /OddSpec: spec\.valuesFrom\[0\] names no source: it is skipped$/)
    await ask(scene)
    await installed(scene, { ...odd, maxHistory: -1 })
    await until('both are said', () => said().length === 2)
    assert.match(said().join(), /every revision is kept; spec\.valuesFrom/)
  },

  'that the spec names no more is left alone, and its author is told': async (scene) => {
    const { namespace, operator } = scene
    await installed(scene)
    await scene.write({ releaseName: 'other' })
    await until('the new one is there', () => scene.history('other')[0] === '1 deployed')
    await scene.rests('Succeeded')
    const target = `${namespace}-b`
    await scene.kubectl('create', 'namespace', target)
    await scene.write({ releaseName: 'other', targetNamespace: target })
    await until('the third one is there', () => operator.api.list('secrets', target).length > 0)
    await scene.rests('Succeeded')
    assert.equal(scene.history(), ['1 deployed'])
    assert.equal(scene.history('other'), ['1 deployed'])
    const said = scene.events().filter((event) => /ReleaseLeftBehind/.test(event))
    assert.is(said.length, 2)
    assert.match(said[0]!, `helm uninstall ${namespace}-web --namespace ${namespace}`)
    assert.match(said[1]!, `helm uninstall other --namespace ${namespace}`)
  },

  'that two HelmReleases of two namespaces want goes to one of them, and then to the other': async (
    scene,
  ) => {
    const { operator, namespace, repository } = scene
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    const other = `${namespace}-b`
    await scene.kubectl('create', 'namespace', other)
    const spec = { chart, releaseName: 'shared', targetNamespace: namespace }
    const places = [namespace, other]
    await operator.apply(
      places.map((one) => helmReleaseYaml('web', spec, { metadata: { namespace: one } })).join(''),
    )
    const ready = (place: string) => conditionOf(operator.read('web', place), 'Ready')
    await until('both have an answer', () =>
      places.every((place) => ['True', 'False'].includes(ready(place)?.status ?? '')),
    )
    const [winner, loser] = ready(namespace)?.status === 'True' ? places : [other, namespace]
    assert.is(ready(winner!)?.status, 'True')
    assert.match(ready(loser!)!.message, `it belongs to "${winner}:helmrelease/web"`)
    assert.equal(scene.history('shared'), ['1 deployed'])
    await operator.kubectl('delete', 'hr/web', '--namespace', winner!, '--timeout=20s')
    await until('the other one has it', () => ready(loser!)?.status === 'True')
  },

  'whose namespace is deleted goes with it, though nothing can be created there any more': async (
    scene,
  ) => {
    await installed(scene, { values: { breakAway: 1 } })
    await scene.kubectl('delete', 'namespace', scene.namespace, '--timeout=30s')
  },

  'that makes no objects belongs to whoever made it all the same': async (scene) => {
    const { operator, namespace, repository } = scene
    await repository.add('empty', '1.0.0', { 'templates/nothing.yaml': '# nothing' })
    const chart = { repository: repository.url, name: 'empty', version: '1.0.0' }
    await installed(scene, { chart, releaseName: 'empty' })
    await scene.write({ chart, releaseName: 'empty', values: { mine: 1 } }, { name: 'other' })
    const other = () => conditionOf(operator.read('other', namespace), 'Ready')
    await until('the other one has an answer', () => other()?.status === 'False')
    assert.match(other()!.message, `it belongs to "${namespace}:helmrelease/web"`)
    assert.equal(scene.history('empty'), ['1 deployed'])
  },

  'that belongs to another HelmRelease is left alone until its mark is taken away': async (
    scene,
  ) => {
    const { repository, namespace } = scene
    await scene.helm('install', `${namespace}-web`, `${repository.url}/web-1.0.0.tgz`)
    const object = ['configmap', `${namespace}-web`]
    await scene.kubectl('annotate', ...object, `${antecedent}=past:helmrelease/gone`)
    await scene.write({})
    await scene.rests('Failed')
    assert.match(scene.says('Released'), /it belongs to "past:helmrelease\/gone"; delete one of/)
    assert.equal(scene.history(), ['1 deployed'])
    await scene.kubectl('annotate', ...object, `${antecedent}-`)
    await ask(scene)
    await scene.rests('Succeeded')
  },
}

const play = sideBySide([], stories)
for (const title of Object.keys(stories)) test(title, () => play(title))

test.run()
