// The stored charts are what helm 3.17 and 4.1 left in the Secrets of a real cluster after an install and an upgrade.
import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isChartFile, readChart, sameChart, type ChartFile } from '../../lib/helm/chart.ts'
import { isIgnored, parseIgnore } from '../../lib/helm/ignore.ts'
import type { ReconcileError } from '../../lib/model/errors.ts'
import type { JsonObject } from '../../lib/model/json.ts'
import type { StoredChart } from '../../lib/model/source.ts'

type Files = Record<string, string>
type Stored = {
  metadata: { name: string; version: string; appVersion: string }
  values: JsonObject
  templates: Record<string, string>
}
type Fixture = Record<string, { files: Files; stored: Record<'helm3' | 'helm4', Stored> }>

const fixture = JSON.parse(
  await readFile(new URL('../fixtures/charts/stored.json', import.meta.url), 'utf8'),
) as Fixture

function chartFiles(files: Files): ChartFile[] {
  const rules = parseIgnore(files['.helmignore'] ?? '')
  return Object.entries(files)
    .filter(([path]) => !isIgnored(path, rules))
    .map(([path, text]) => ({ path, content: Buffer.from(text) }))
}

function read(files: Files): StoredChart {
  return readChart(chartFiles(files), '"x"').chart
}

function stored({ metadata, values, templates }: Stored): StoredChart {
  return { ...metadata, values, templates }
}

const minimal: Files = { 'Chart.yaml': 'name: x\nversion: 1.0.0\n' }

const same = suite('sameChart()')

for (const [name, { files, stored: byHelm }] of Object.entries(fixture))
  for (const [helm, what] of Object.entries(byHelm)) {
    same(`chart "${name}" as ${helm} stores it is the chart it was made of`, () => {
      assert.ok(sameChart(stored(what), read(files)))
    })
  }

for (const [what, change] of [
  ['name', { 'Chart.yaml': 'name: other\nversion: 1.0.0\nappVersion: 1.10\n' }],
  ['version', { 'Chart.yaml': 'name: plain\nversion: 1.0.1\nappVersion: 1.10\n' }],
  ['appVersion', { 'Chart.yaml': 'name: plain\nversion: 1.0.0\nappVersion: 1.2\n' }],
  ['template', { 'templates/config.yaml': '# changed\n' }],
  ['new template', { 'templates/more.yaml': '# new\n' }],
  ['default value', { 'values.yaml': 'replicas: 3\n' }],
  ['new default value', { 'values.yaml': 'replicas: 2\nfresh: 1\n' }],
  ['type of a default value', { 'values.yaml': 'replicas: "2"\n' }],
  ['item of a list', { 'values.yaml': 'list: [1, 2, {a: 1}]\n' }],
  ['shorter list', { 'values.yaml': 'list: [1, 2]\n' }],
] as const) {
  same(`another ${what} makes another chart`, () => {
    const { files, stored: byHelm } = fixture.plain!
    assert.not(sameChart(stored(byHelm.helm4), read({ ...files, ...(change as Files) })))
  })
}

same('a template that is gone makes another chart', () => {
  const { files, stored: byHelm } = fixture.plain!
  const { 'templates/config.yaml': _, ...rest } = files
  assert.not(sameChart(stored(byHelm.helm4), read(rest)))
})

for (const [what, path] of [
  ["a subchart's template", 'charts/sub/templates/hook.yaml'],
  ['a file outside of templates/', 'files/data.txt'],
] as const) {
  same(`${what} is not stored, so a change of it goes unseen`, () => {
    const { files, stored: byHelm } = fixture.umbrella!
    assert.ok(sameChart(stored(byHelm.helm4), read({ ...files, [path]: 'changed' })))
  })
}

same('a list is never taken for a map, nor a map for a scalar', () => {
  const chart = (values: JsonObject): StoredChart => ({ ...read(minimal), values })
  assert.not(sameChart(chart({ a: { '0': 1 } }), chart({ a: [1] })))
  assert.not(sameChart(chart({ a: 1 }), chart({ a: {} })))
  assert.not(sameChart(chart({ a: [{ b: 1, c: 2 }] }), chart({ a: [{ b: 1 }] })))
})

same.run()

const reading = suite('readChart()')

reading('knows name, version, appVersion, defaults and templates', () => {
  const files = { ...minimal, 'values.yaml': 'a: 1\n', 'templates/a.yaml': 'a', 'README.md': 'x' }
  assert.equal(read(files), {
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
  assert.equal(readChart(chartFiles(inChart), '').dependencies, expected)
  const inOwnFile = { ...minimal, 'requirements.yaml': list }
  assert.equal(readChart(chartFiles(inOwnFile), '').dependencies, expected)
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
      () => read(files as Files),
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
    assert.equal(readChart(chartFiles(files), '').hookEvents, expected)
  })
}

reading('takes a computed hook for any hook', () => {
  for (const template of ['helm.sh/hook: {{ .Values.hook }}', '"helm.sh/hook": >-\n  post-install'])
    assert.is(
      readChart(chartFiles({ ...minimal, 'templates/a.yaml': template }), '').hookEvents.length,
      9,
    )
})

reading('finds hooks of subcharts, wherever they are nested', () => {
  const { files } = fixture.umbrella!
  assert.equal(readChart(chartFiles(files), '').hookEvents, ['post-install', 'post-upgrade'])
  const nested = {
    ...minimal,
    'charts/a/charts/b-1.0.0.tgz/templates/a.yaml': 'helm.sh/hook: test',
  }
  assert.equal(readChart(chartFiles(nested), '').hookEvents, ['test'])
})

reading('needs none but a few of the files', () => {
  const needed = ['Chart.yaml', 'templates/a/b.yaml', 'charts/a/templates/x', 'values.yaml']
  const others = ['README.md', 'charts/a/values.yaml', 'crds/a.yaml', 'files/templates/a.yaml']
  assert.equal([...needed, ...others].filter(isChartFile), needed)
})

reading.run()
