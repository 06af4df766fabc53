import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonObject } from '../../lib/model/json.ts'
import type { StoredChart } from '../../lib/model/source.ts'
import { isSameChart } from '../../lib/plan/chart.ts'
import { fetchedChart, storedChart, storedCharts, type Files } from '../helpers/storedchart.ts'

const minimal: Files = { 'Chart.yaml': 'name: x\nversion: 1.0.0\n' }

const test = suite('isSameChart()')

for (const [name, { files, stored: byHelm }] of Object.entries(storedCharts))
  for (const [helm, what] of Object.entries(byHelm)) {
    test(`chart "${name}" as ${helm} stores it is the chart it was made of`, () => {
      assert.ok(isSameChart(storedChart(what), fetchedChart(files)))
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
  test(`another ${what} makes another chart`, () => {
    const { files, stored: byHelm } = storedCharts.plain!
    assert.not(
      isSameChart(storedChart(byHelm.helm4), fetchedChart({ ...files, ...(change as Files) })),
    )
  })
}

test('a template that is gone makes another chart', () => {
  const { files, stored: byHelm } = storedCharts.plain!
  const { 'templates/config.yaml': _, ...rest } = files
  assert.not(isSameChart(storedChart(byHelm.helm4), fetchedChart(rest)))
})

for (const [what, path] of [
  ["a subchart's template", 'charts/sub/templates/hook.yaml'],
  ['a file outside of templates/', 'files/data.txt'],
] as const) {
  test(`${what} is not stored, so a change of it goes unseen`, () => {
    const { files, stored: byHelm } = storedCharts.umbrella!
    assert.ok(isSameChart(storedChart(byHelm.helm4), fetchedChart({ ...files, [path]: 'changed' })))
  })
}

test('a list is never taken for a map, nor a map for a scalar', () => {
  const chart = (values: JsonObject): StoredChart => ({ ...fetchedChart(minimal), values })
  assert.not(isSameChart(chart({ a: { '0': 1 } }), chart({ a: [1] })))
  assert.not(isSameChart(chart({ a: 1 }), chart({ a: {} })))
  assert.not(isSameChart(chart({ a: [{ b: 1, c: 2 }] }), chart({ a: [{ b: 1 }] })))
})

test.run()
