// The image of fluxcd/helm-operator is replaced by ours, and its HelmReleases and their statuses are there already.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import process from 'node:process'
import { createRunner } from '../../lib/edge/exec.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { countPasses } from '../helpers/passes.ts'
import { processesWith } from '../helpers/processes.ts'
import { withStage, type Scene } from '../helpers/stage.ts'
import { until } from '../helpers/until.ts'

const test = suite('a release of fluxcd/helm-operator')

const kind = 'helmreleases.helm.fluxcd.io'
const time = '2024-05-01T10:00:00Z'

type Said = { phase: string; conditions: [type: string, status: string][]; rollbackCount?: number }

type Helm3 = (...args: string[]) => Promise<string>

type Story = {
  spec: object
  // How the release came to be.
  history: (helm: Helm3, chart: string, name: string) => Promise<unknown>
  said: Said
  // What the operator after it makes of the release, without anybody's doing: the phases that are not those said before.
  expected: { phases: string[]; history: string[] }
  // An edit, and what it leads to.
  edit?: object
  then?: string[]
}

const well: Said['conditions'] = [
  ['ChartFetched', 'True'],
  ['Deployed', 'True'],
  ['Released', 'True'],
]
const badly: Said['conditions'] = [
  ['ChartFetched', 'True'],
  ['Deployed', 'False'],
  ['Released', 'False'],
]
const install = (helm: Helm3, chart: string, name: string) =>
  helm('upgrade', '--install', name, chart, '--set=a=1')
const failing = async (helm: Helm3, chart: string, name: string) => {
  await install(helm, chart, name)
  await helm('upgrade', name, chart, '--set=a=1,break=1').catch(() => undefined)
}

const stories: Record<string, Story> = {
  'that is as its spec asks is left as it is': {
    spec: { values: { a: 1 } },
    history: install,
    said: { phase: 'Succeeded', conditions: well },
    expected: { phases: [], history: ['1 deployed'] },
    edit: { values: { a: 2 } },
    then: ['2 deployed', '1 superseded'],
  },
  'that is as its spec asks, though the chart of it was never said to be fetched, is left as it is':
    {
      spec: { values: { a: 1 } },
      history: install,
      said: { phase: 'Succeeded', conditions: [['ChartFetched', 'False'], ...well.slice(1)] },
      expected: { phases: ['ChartFetched', 'Succeeded'], history: ['1 deployed'] },
    },
  'that reuses values is left as it is': {
    spec: { values: { a: 1 }, resetValues: false },
    history: (helm, chart, name) => helm('install', name, chart, '--set=a=1,b=2'),
    said: { phase: 'Succeeded', conditions: well },
    expected: { phases: [], history: ['1 deployed'] },
  },
  'that was rolled back stays so until something changes': {
    spec: { values: { a: 1, break: 1 }, rollback: { enable: true } },
    history: async (helm, chart, name) => {
      await failing(helm, chart, name)
      await helm('rollback', name, '1')
    },
    said: {
      phase: 'RolledBack',
      conditions: [...badly, ['RolledBack', 'True']],
      rollbackCount: 1,
    },
    expected: { phases: [], history: ['3 deployed', '2 failed', '1 superseded'] },
    edit: { values: { a: 1 } },
    then: ['4 deployed', '3 superseded', '2 failed', '1 superseded'],
  },
  'that failed, for which there was no way out, is tried again after an edit': {
    spec: { values: { a: 1, break: 1 } },
    history: failing,
    said: { phase: 'Failed', conditions: badly },
    expected: { phases: [], history: ['2 failed', '1 deployed'] },
    edit: { values: { a: 1 } },
    then: ['3 deployed', '2 failed', '1 superseded'],
  },
  'that was left pending, for which there was no way out, is freed': {
    spec: { values: { a: 1 } },
    history: async (helm, chart, name) => {
      await install(helm, chart, name)
      const killed = helm('upgrade', name, chart, '--set=break=1,seconds=600').catch(() => 'killed')
      const mine = async () =>
        (await processesWith(name)).find(({ args }) => args.includes('upgrade'))
      const { pid } = await until('helm runs', mine)
      await until('helm has begun', async () => (await helm('status', name)).includes('pending'))
      process.kill(pid, 'SIGKILL')
      await killed
    },
    said: { phase: 'Upgrading', conditions: [...well.slice(0, 1), ['Deployed', 'Unknown']] },
    expected: {
      phases: ['Deployed', 'Succeeded'],
      history: ['3 deployed', '2 failed', '1 superseded'],
    },
  },
}

async function prepare(scene: Scene, { spec, history, said }: Story): Promise<void> {
  const { operator, namespace, repository } = scene
  const { helm3 } = await testBinaries()
  const run = createRunner({ env: { ...process.env, KUBECONFIG: operator.kubeconfig } })
  const helm: Helm3 = async (...args) =>
    (await run([helm3, '--namespace', namespace, ...args])).stdout
  await history(helm, `${repository.url}/web-1.0.0.tgz`, `${namespace}-web`)
  const live = ['configmap', `${namespace}-web`]
  const owner = `${namespace}:helmrelease/web`
  await scene.kubectl('annotate', '--overwrite', ...live, `helm.fluxcd.io/antecedent=${owner}`)
  await scene.write(spec)
  const conditions = said.conditions.map(([type, status]) => ({
    ...{ type, status, reason: said.phase, message: `said of ${type}` },
    ...{ lastUpdateTime: time, lastTransitionTime: time },
  }))
  const object = operator.api.get(kind, namespace, 'web')!
  const common = { observedGeneration: 1, releaseName: `${namespace}-web` }
  const revisions = { revision: '1.0.0', lastAttemptedRevision: '1.0.0' }
  const status = { ...common, ...revisions, ...said, conditions }
  operator.api.update(kind, { ...object, status }, 'status')
  scene.next()
}

// ready: the status of the condition Ready, which fluxcd/helm-operator did not have.
type Told = Story['expected'] & { then?: string[]; ready: string | undefined }

async function play(): Promise<Map<string, Told>> {
  return await withStage([], async (open) => {
    const scenes = await Promise.all(
      Object.values(stories).map(async (story) => ({ story, scene: await open() })),
    )
    const { operator } = scenes[0]!.scene
    await operator.stop()
    await Promise.all(scenes.map(({ scene, story }) => prepare(scene, story)))
    const logged = operator.log()
    operator.start('--charts-sync-interval=1s')
    const passes = await countPasses(operator, logged)
    await Promise.all(scenes.map(({ scene }) => passes.more('web', 2, scene.namespace)))
    const titles = Object.keys(stories)
    const told = scenes.map(async ({ scene, story }, index): Promise<[string, Told]> => {
      const ready = scene.status().conditions?.find(({ type }) => type === 'Ready')?.status
      const seen = { phases: scene.phases(), history: scene.history(), ready }
      if (story.edit === undefined) return [titles[index]!, seen]
      await scene.write(story.edit)
      await scene.rests('Succeeded').catch(() => undefined)
      return [titles[index]!, { ...seen, then: scene.history() }]
    })
    return new Map(await Promise.all(told))
  })
}

let played: ReturnType<typeof play> | undefined
for (const [title, { expected, then, said }] of Object.entries(stories))
  test(title, async () => {
    const { phases, history, ready, then: later } = (await (played ??= play())).get(title)!
    assert.equal({ phases, history }, expected)
    const isWell = (expected.phases.at(-1) ?? said.phase) === 'Succeeded'
    assert.is(ready, isWell ? 'True' : 'False', 'Ready')
    assert.equal(later, then)
  })

test.run()
