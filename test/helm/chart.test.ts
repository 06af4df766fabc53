import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isChartFile, readChart } from '../../lib/helm/chart.ts'
import type { ReconcileError } from '../../lib/model/errors.ts'
import { chartFilesOf, fetchedChart, storedCharts, type Files } from '../helpers/storedchart.ts'

const minimal: Files = { 'Chart.yaml': 'name: x\nversion: 1.0.0\n' }

const reading = suite('readChart()')

reading('knows name, version, appVersion, defaults and templates', () => {
  const files = { ...minimal, 'values.yaml': 'a: 1\n', 'templates/a.yaml': 'a', 'README.md': 'x' }
  assert.equal(fetchedChart(files), {
    name: 'x',
    version: '1.0.0',
    appVersion: '',
    values: { a: 1 },
    templates: { 'templates/a.yaml': 'YQ==' },
  })
})

reading('lists dependencies from Chart.yaml, or from requirements.yaml of old charts', () => {
  const list = 'dependencies:\n- name: a\n  version: 1.x\n  repository: file://../a\n  alias: b\n'
  const expected = [{ name: 'a', alias: 'b', version: '1.x', repository: 'file://../a' }]
  const inChart = { 'Chart.yaml': `${minimal['Chart.yaml']}${list}` }
  assert.equal(readChart(chartFilesOf(inChart), '').dependencies, expected)
  const inOwnFile = { ...minimal, 'requirements.yaml': list }
  assert.equal(readChart(chartFilesOf(inOwnFile), '').dependencies, expected)
})

for (const [state, files, message] of [
  ['has no Chart.yaml', { 'values.yaml': '' }, 'Cannot read chart "x": it has no Chart.yaml'],
  [
    'names no version',
    { 'Chart.yaml': 'name: x\n' },
    'Cannot read chart "x": its Chart.yaml names no "version"',
  ],
  [
    'names no name',
    { 'Chart.yaml': '- 1\n' },
    'Cannot read chart "x": its Chart.yaml names no "name"',
  ],
  [
    'has a broken Chart.yaml',
    { 'Chart.yaml': 'name: x\nversion: [\n' },
    'Cannot read chart "x": its Chart.yaml is not valid YAML at line 3, column 1 (BAD_INDENT)',
  ],
] as const) {
  reading(`refuses a chart that ${state}`, () => {
    assert.throws(
      () => fetchedChart(files as Files),
      (error: ReconcileError) => error.code === 'ChartInvalid' && error.message === message,
    )
  })
}

for (const [situation, template, expected] of [
  ['one event', 'annotations:\n  "helm.sh/hook": post-install\n', ['post-install']],
  ['two events', "'helm.sh/hook': pre-upgrade, test-success", ['pre-upgrade', 'test']],
  ['only a weight', '"helm.sh/hook-weight": "5"', []],
  ['no hooks, but the word', 'name: post-install', []],
] as const) {
  reading(`finds ${JSON.stringify(expected)} in templates with ${situation}`, () => {
    const files = { ...minimal, 'templates/a.yaml': template }
    assert.equal(readChart(chartFilesOf(files), '').hookEvents, expected)
  })
}

reading('takes a computed hook for any hook', () => {
  for (const template of ['helm.sh/hook: {{ .Values.hook }}', '"helm.sh/hook": >-\n  post-install'])
    assert.is(
      readChart(chartFilesOf({ ...minimal, 'templates/a.yaml': template }), '').hookEvents.length,
      9,
    )
})

reading('finds hooks of subcharts, wherever they are nested', () => {
  const { files } = storedCharts.umbrella!
  assert.equal(readChart(chartFilesOf(files), '').hookEvents, ['post-install', 'post-upgrade'])
  const nested = {
    ...minimal,
    'charts/a/charts/b-1.0.0.tgz/templates/a.yaml': 'helm.sh/hook: test',
  }
  assert.equal(readChart(chartFilesOf(nested), '').hookEvents, ['test'])
})

reading('needs none but a few of the files', () => {
  const needed = ['Chart.yaml', 'templates/a/b.yaml', 'charts/a/templates/x', 'values.yaml']
  const others = ['README.md', 'charts/a/values.yaml', 'crds/a.yaml', 'files/templates/a.yaml']
  assert.equal([...needed, ...others].filter(isChartFile), needed)
})

reading.run()
