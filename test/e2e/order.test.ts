// One place for helm, and a helm in it that does not end: what goes on all the same, and what those that wait make of it.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configMap, hookPod } from '../helpers/chart.ts'
import { conditionOf, withOperator, type RunningOperator } from '../helpers/operator.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('while a helm holds the only place')

const chartFiles = {
  'templates/configmap.yaml': configMap,
  'templates/hook.yaml': `{{- if .Values.hang }}\n${hookPod('pre-install')}{{- end }}\n`,
}
const waiting = Array.from({ length: 18 }, (_, index) => `waiting-${index}`)

// What hangs is not waited for at the end.
const flags = ['--workers=1', '--charts-sync-interval=1h', '--graceful-shutdown-timeout=500ms']

type Stage = {
  operator: RunningOperator
  write(name: string, spec: object): Promise<void>
  // How many helms the operator has started.
  helms(): number
}

// "hangs" is at work, and more others than passes run side by side wait for its place.
async function withFullHouse(use: (stage: Stage) => Promise<void>): Promise<void> {
  await withRepository(async (repository) => {
    await repository.add('web', '1.0.0', chartFiles)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator(flags, async (operator) => {
      const yamlOf = (name: string, spec: object) => helmReleaseYaml(name, { chart, ...spec })
      const write = async (name: string, spec: object): Promise<void> => {
        await operator.apply(yamlOf(name, spec))
      }
      await write('hangs', { values: { hang: true, seconds: 600 } })
      await until('helm is at work', () => operator.api.list('pods', 'default').length > 0)
      const values = { data: { a: '1' } }
      await operator.apply(waiting.map((name) => yamlOf(name, { values })).join(''))
      const isFetched = (name: string) =>
        conditionOf(operator.read(name), 'ChartFetched') !== undefined ||
        JSON.stringify(operator.read(name)?.['status'] ?? '').includes('ChartFetched')
      await until('all others wait', () => waiting.every(isFetched))
      const helms = () => operator.started.filter((one) => /helm[^/]*$/.test(one)).length
      await use({ operator, write, helms })
    })
  })
}

// Ends the helm that hangs.
async function makeRoom({ operator }: Stage): Promise<void> {
  await operator.kubectl('delete', 'hr/hangs', '--wait=false')
}

test('a HelmRelease that needs no helm is answered, and one that is deleted goes', () =>
  withFullHouse(async ({ operator, write, helms }) => {
    const before = helms()
    await write('odd', { chart: { repository: 'https://charts.example' } })
    assert.match(await operator.condition('odd', 'Ready', 'False'), /spec\.chart/)
    await operator.kubectl('delete', `hr/${waiting[7]}`, '--timeout=20s')
    assert.is(helms(), before)
  }))

test('those that wait do what is wanted when it is their turn, and no more than that', () =>
  withFullHouse(async (stage) => {
    const { operator, write } = stage
    await write(waiting[3]!, { values: { data: { a: '2' } } })
    await write(waiting[5]!, { releaseName: 'renamed', values: { data: { a: '1' } } })
    await makeRoom(stage)
    for (const name of waiting) await operator.condition(name, 'Ready', 'True')
    const dataOf = (name: string) => operator.api.get('configmaps', 'default', name)?.data
    assert.equal(dataOf(`default-${waiting[3]}`), { a: '2' })
    assert.equal(dataOf('renamed'), { a: '1' })
    assert.is(dataOf(`default-${waiting[5]}`), undefined)
    const revisions = operator.api
      .list('secrets', 'default')
      .filter(({ metadata }) => metadata.labels?.owner === 'helm')
      .map(({ metadata }) => metadata.labels?.version)
    assert.equal(new Set(revisions), new Set(['1']))
  }))

test.run()
