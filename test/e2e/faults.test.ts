// The operator with an API server that is overloaded, broken or hung for a while: late, and nothing worse.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configMap } from '../helpers/chart.ts'
import type { Fault } from '../helpers/faults.ts'
import { withOperator, type RunningOperator } from '../helpers/operator.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('an API server in trouble')

const names = ['a', 'b', 'c']
const value = ({ api }: RunningOperator, name: string): string | undefined =>
  (api.get('configmaps', 'default', `default-${name}`) as { data?: { a?: string } } | undefined)
    ?.data?.a

// The revisions that are in force: one of each release.
function deployed({ api }: RunningOperator): string[] {
  return api
    .list('secrets', 'default')
    .map(({ metadata }) => metadata.labels ?? {})
    .filter((labels) => labels.owner === 'helm' && labels.status !== 'superseded')
    .map((labels) => `${labels.name} ${labels.status}`)
    .sort()
}

async function withReleases(
  use: (operator: RunningOperator, edit: (a: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  await withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { 'templates/configmap.yaml': configMap })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator([], async (operator) => {
      const edit = async (a: string): Promise<void> => {
        const yaml = names.map((name) => helmReleaseYaml(name, { chart, values: { data: { a } } }))
        await operator.apply(yaml.join(''))
      }
      await edit('before')
      for (const name of names) await operator.condition(name, 'Ready', 'True')
      await use(operator, edit)
    })
  })
}

const settled = async (operator: RunningOperator, a: string): Promise<void> => {
  await until(`all say "${a}"`, () => names.every((name) => value(operator, name) === a), 90_000)
  for (const name of names) await operator.condition(name, 'Ready', 'True')
  assert.equal(
    deployed(operator),
    names.map((name) => `default-${name} deployed`),
  )
}

test('that refuses every third request, for this reason or that, delays edits and loses none', () =>
  withReleases(async (operator, edit) => {
    const kinds: Fault[] = [429, 500, 503]
    let count = 0
    const { faults, mend } = await operator.disturb(() => {
      count++
      return count % 3 === 0 ? kinds[(count / 3) % kinds.length] : undefined
    })
    await edit('during')
    await until('it was refused often', () => faults.length >= 30, 60_000)
    await edit('at last')
    await mend()
    await settled(operator, 'at last')
  }))

test('that takes connections and says nothing is worked with again when it speaks', () =>
  withReleases(async (operator, edit) => {
    const { faults, mend } = await operator.disturb(() => 'silent')
    await edit('during')
    await until('it was asked in vain', () => faults.length >= 3, 60_000)
    await mend()
    await settled(operator, 'during')
  }))

test.run()
