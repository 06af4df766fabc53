// Every way in which a release can fail: what people are told of it, and what gets it going again.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { below, createRepository } from '../helpers/gitserver.ts'
import { playChart, sideBySide, withDirectory, type Scene } from '../helpers/stage.ts'
import { until } from '../helpers/until.ts'

const test = suite('there is a way out when')

const rollback = { enable: true }

async function installed(scene: Scene, spec: object = {}): Promise<void> {
  await scene.write(spec)
  await scene.rests('Succeeded')
  scene.next()
}

async function fails(scene: Scene, phase: string, says: RegExp): Promise<void> {
  await scene.rests(phase)
  assert.match(scene.says('Released'), says)
}

// Does not wait for the next attempt.
async function ask(scene: Scene): Promise<void> {
  await scene.kubectl('annotate', '--overwrite', 'hr/web', `asked=${Date.now()}`)
}

const gadget = `apiVersion: example.test/v1
kind: Gadget
metadata: { name: {{ .Release.Name }} }
`
const gadgetCrd = (plural: string, group: string): string =>
  JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      ...{ group, scope: 'Namespaced', names: { plural, kind: 'Gadget', singular: 'gadget' } },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object' } },
        },
      ],
    },
  })

const stories: Record<string, (scene: Scene) => Promise<void>> = {
  'the version of a chart does not exist: publish it': async (scene) => {
    const { repository } = scene
    const chart = { repository: repository.url, name: 'late', version: '1.0.0' }
    await scene.write({ chart })
    await fails(scene, 'ChartFetchFailed', /"late"/)
    await repository.add('late', '1.0.0', playChart)
    await scene.rests('Succeeded')
  },

  'a source of values is missing: create it': async (scene) => {
    await scene.write({ valuesFrom: [{ configMapKeyRef: { name: 'late' } }] })
    await fails(scene, 'Failed', /ConfigMap "late" in namespace "s-\w+" does not exist/)
    await scene.kubectl('create', 'configmap', 'late', '--from-literal=values.yaml=a: 2')
    await scene.rests('Succeeded')
  },

  'a first install fails: correct the values': async (scene) => {
    await scene.write({ values: { break: 1 } })
    await scene.sees('DeployFailed')
    assert.match(scene.says('Released'), /its pre-install hook failed/)
    await scene.write({ values: {} })
    await scene.rests('Succeeded')
    assert.is(scene.status().installFailures, undefined)
  },

  'a first install has failed, and its purge too: wait, or correct the values': async (scene) => {
    await scene.write({ values: { break: 1, breakAway: 1 } })
    await scene.sees('Installing', 'DeployFailed', 'Upgrading', 'DeployFailed')
    assert.match(scene.history().at(-1)!, '1 failed')
    assert.match(scene.says('Released'), /its pre-upgrade hook failed/)
    await scene.write({ values: { breakAway: 1 } })
    await scene.rests('Succeeded')
    assert.is(scene.status().installFailures, undefined)
  },

  'it is to be deleted, and cannot be uninstalled: do it by hand': async (scene) => {
    const { namespace, operator } = scene
    await installed(scene, { values: { breakAway: 1 } })
    await scene.kubectl('delete', 'hr/web', '--wait=false')
    await fails(
      scene,
      'Failed',
      /its delete hook failed: .*-pre-delete.*; mend the hook, or run helm uninstall --no-hooks/,
    )
    const pod = () => operator.api.get('pods', namespace, `${namespace}-web-pre-delete`)?.metadata
    const first = pod()?.uid
    await until('it is tried again', () => ![first, undefined].includes(pod()?.uid))
    await scene.helm('uninstall', '--no-hooks', `${namespace}-web`)
    await until('the object goes', () => operator.read('web', namespace) === undefined)
  },

  'an object exists that Helm does not manage: give it to the release': async (scene) => {
    const { namespace } = scene
    const release = `${namespace}-web`
    await scene.kubectl('create', 'configmap', release)
    await scene.write({})
    await fails(
      scene,
      'DeployFailed',
      /ConfigMap.* is not managed by Helm; delete it if nothing needs it, or label/,
    )
    const name = `meta.helm.sh/release-name=${release}`
    const where = `meta.helm.sh/release-namespace=${namespace}`
    await scene.kubectl('annotate', 'configmap', release, name, where)
    await scene.kubectl('label', 'configmap', release, 'app.kubernetes.io/managed-by=Helm')
    await ask(scene)
    await scene.rests('Succeeded')
  },

  'an upgrade has failed and is not rolled back: correct the values': async (scene) => {
    await installed(scene)
    await scene.write({ values: { break: 1 } })
    await fails(scene, 'DeployFailed', /its pre-upgrade hook failed/)
    await scene.write({ values: { a: 2 } })
    await scene.rests('Succeeded')
    assert.equal(scene.history(), ['3 deployed', '2 failed', '1 superseded'])
  },

  'an upgrade has failed and is not rolled back: commit another chart': async (scene) => {
    await withDirectory(async (directory) => {
      const git = await createRepository(directory)
      const files = { ...playChart, 'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n' }
      await git.commit(below('web', files))
      await installed(scene, { chart: { git: git.url, path: 'web', ref: 'main' } })
      await git.commit(below('web', { 'values.yaml': 'break: 1\n' }))
      await fails(scene, 'DeployFailed', /its pre-upgrade hook failed/)
      const head = await git.commit(below('web', { 'values.yaml': 'a: 2\n' }))
      await scene.rests('Succeeded')
      assert.is(scene.status().revision, head)
    })
  },

  'an upgrade fails before it has made a revision: correct the values': async (scene) => {
    await installed(scene)
    await scene.write({ values: { refuse: true } })
    await fails(scene, 'DeployFailed', /templates\/configmap\.yaml.*refused/)
    await scene.write({})
    await scene.rests('Succeeded')
  },

  'helm refuses an edit of neither chart nor values: put right what it minds': async (scene) => {
    await installed(scene)
    await scene.kubectl('create', 'configmap', 'refuse')
    await scene.write({ timeout: 200 })
    await fails(scene, 'DeployFailed', /templates\/configmap\.yaml.*refused/)
    await scene.sees('Upgrading', 'DeployFailed', 'Upgrading', 'DeployFailed')
    await scene.kubectl('delete', 'configmap', 'refuse')
    await ask(scene)
    await scene.rests('Succeeded')
    assert.equal(scene.history(), ['2 deployed', '1 superseded'])
  },

  'it was rolled back: change a source of its values': async (scene) => {
    await scene.kubectl('create', 'configmap', 'values', '--from-literal=values.yaml=a: 2')
    const valuesFrom = [{ configMapKeyRef: { name: 'values' } }]
    await installed(scene, { rollback, valuesFrom })
    const set = (text: string) =>
      scene.kubectl('patch', 'configmap', 'values', '-p', `{"data":{"values.yaml":"${text}"}}`)
    await set('break: 1')
    await scene.rests('RolledBack')
    assert.match(scene.says('Deployed'), /its pre-upgrade hook failed/)
    await set('a: 3')
    await scene.rests('Succeeded')
  },

  'it was rolled back as often as it may: edit the spec, for a fresh budget': async (scene) => {
    const retry = { enable: true, retry: true, maxRetries: 1 }
    await installed(scene, { rollback: retry })
    await scene.write({ rollback: retry, values: { break: 1 } })
    await until('all tries are used up', () => scene.status().rollbackCount === 2)
    await scene.rests('RolledBack')
    await scene.write({ rollback: retry, values: { break: 2 } })
    await scene.rests('RolledBack')
    await until('it is tried twice again', () => scene.status().rollbackCount === 2)
    assert.is(scene.history().filter((one) => one.endsWith('failed')).length, 4)
  },

  'a rollback has failed: correct the values, for nothing stays locked': async (scene) => {
    await installed(scene, { rollback, values: { breakBack: 1 } })
    await scene.write({ rollback, values: { break: 1 } })
    await scene.rests('RollbackFailed')
    assert.match(scene.says('RolledBack'), /-pre-rollback failed/)
    assert.equal(scene.history(), ['3 failed', '2 failed', '1 deployed'])
    await scene.write({ rollback, values: {} })
    await scene.rests('Succeeded')
  },

  'a kind is not served: install its CRD': async (scene) => {
    const { repository, operator } = scene
    await repository.add('gadget', '1.0.0', { 'templates/gadget.yaml': gadget })
    const chart = { repository: repository.url, name: 'gadget', version: '1.0.0' }
    await scene.write({ chart })
    await fails(scene, 'DeployFailed', /its kinds; install its CRD first|knows no Gadget/)
    await operator.apply(gadgetCrd('gadgets', 'example.test'))
    await scene.rests('Succeeded')
  },

  'the target namespace does not exist: create it': async (scene) => {
    const targetNamespace = `${scene.namespace}-target`
    await scene.write({ targetNamespace })
    await fails(scene, 'DeployFailed', /namespace "s-\w+-target" does not exist; create it/)
    await scene.kubectl('create', 'namespace', targetNamespace)
    await scene.rests('Succeeded')
  },

  'the target namespace is being deleted: create it again': async (scene) => {
    const { operator, namespace } = scene
    const name = `${namespace}-target`
    const metadata = { name, finalizers: ['example.test/hold'] }
    await operator.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata }))
    await scene.kubectl('create', 'configmap', 'held', '--namespace', name)
    await scene.kubectl('delete', 'namespace', name, '--wait=false')
    await scene.write({ targetNamespace: name })
    await fails(scene, 'DeployFailed', /namespace "s-\w+-target" is being deleted; wait until/)
    const patch = '{"metadata":{"finalizers":null}}'
    await scene.kubectl('patch', 'namespace', name, '--type=merge', '-p', patch)
    await until('it is gone', () => operator.api.get('namespaces', undefined, name) === undefined)
    await scene.kubectl('create', 'namespace', name)
    await scene.rests('Succeeded')
  },

  "Helm's storage cannot be read: delete the damaged Secret": async (scene) => {
    await installed(scene)
    const secret = `sh.helm.release.v1.${scene.namespace}-web.v1`
    const patch = '{"data":{"release":"bm9uc2Vuc2U="}}'
    await scene.kubectl('patch', 'secret', secret, '-p', patch)
    await fails(
      scene,
      'Failed',
      /Cannot read Helm's Secret.*restore it from a backup, or delete it/,
    )
    await scene.kubectl('delete', 'secret', secret)
    await scene.rests('Succeeded')
  },

  'its name is none that Helm allows: give it another one': async (scene) => {
    await scene.write({ releaseName: 'My_App' })
    await fails(
      scene,
      'Failed',
      /Cannot use release name "My_App".*lower-case letters.*set spec\.re/,
    )
    await scene.write({ releaseName: 'my-app' })
    await scene.rests('Succeeded')
  },

  'it asks for Helm 2: ask for another one': async (scene) => {
    await scene.write({ helmVersion: 'v2' })
    await fails(scene, 'Failed', /Helm 2|"v2"/)
    await scene.write({ helmVersion: 'v3' })
    await scene.rests('Succeeded')
  },
}

const play = sideBySide(['--charts-sync-interval=2s', '--git-poll-interval=1s'], stories)
for (const title of Object.keys(stories)) test(title, () => play(title))

test.run()
