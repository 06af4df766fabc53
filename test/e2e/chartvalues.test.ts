import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configMap } from '../helpers/chart.ts'
import { createRepository, type GitRepository } from '../helpers/gitserver.ts'
import { withOperator, type RunningOperator } from '../helpers/operator.ts'
import { countPasses } from '../helpers/passes.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('values from files in the repository of a chart')

/** Runs `use` on a repository of charts/web and values/prod.yaml, which the chart's release "web" takes its values from. */
async function withChart(
  path: string,
  use: (running: RunningOperator, repository: GitRepository) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'chart-values-'))
  try {
    const repository = await createRepository(join(directory, 'repository'))
    await repository.commit({
      'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'charts/web/templates/map.yaml': configMap,
      'values/prod.yaml': 'data: { key: first }\n',
    })
    await withOperator(['--git-poll-interval=1s', '--charts-sync-interval=1s'], async (running) => {
      const chart = { git: repository.url, ref: 'main', path: 'charts/web' }
      await running.apply(
        helmReleaseYaml('web', { chart, valuesFrom: [{ chartFileRef: { path } }] }),
      )
      await use(running, repository)
    })
  } finally {
    await rm(directory, { recursive: true })
  }
}

function keyOf({ api }: RunningOperator): string | undefined {
  const found = api.get('configmaps', 'default', 'default-web')
  return (found as { data?: { key: string } } | undefined)?.data?.key
}

test('are read beside the chart, and noticed when they change', () =>
  withChart('../../values/prod.yaml', async (running, repository) => {
    await running.condition('web', 'Released', 'True')
    assert.is(keyOf(running), 'first')
    await repository.commit({ 'values/prod.yaml': 'data: { key: second }\n' })
    await until('the second commit is released', () => keyOf(running) === 'second')
    const revisions = async (): Promise<string[]> =>
      (await running.helm('history', 'default-web')).split('\n').slice(1, -1)
    await running.condition('web', 'Ready', 'True')
    await repository.commit({ 'unrelated.yaml': 'data: { key: third }\n' })
    await (await countPasses(running)).more('web', 3)
    assert.is((await revisions()).length, 2)
  }))

test('are refused where they are outside of it', () =>
  withChart('../../../../../../../../../etc/passwd', async (running) => {
    const why = await running.condition('web', 'Ready', 'False')
    assert.match(
      why,
      /Cannot read values: chart file "\.\.\/.*passwd" is outside of the repository/,
    )
    assert.is(keyOf(running), undefined)
  }))

test.run()
