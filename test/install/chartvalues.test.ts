// The chart's README, schema and values.yaml know the same values. To renew the README: UPDATE=1 node --import tsx test/run.ts chartvalues
import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { listValues, renderChartReadme, type ValueSchema } from '../helpers/chartvalues.ts'

const test = suite("the chart's values")
const folder = new URL('../../chart/helm-operator/', import.meta.url)

async function read(path: string): Promise<string> {
  return await readFile(new URL(path, folder), 'utf8')
}

async function chartValues() {
  const schema = JSON.parse(await read('values.schema.json')) as ValueSchema
  return listValues(schema, parse(await read('values.yaml')))
}

// Names of what values.yaml has and the schema describes as one value.
function leaves(value: unknown, known: ReadonlySet<string>, at: string): string[] {
  if (known.has(at) || typeof value !== 'object' || value === null) return [at]
  return Object.entries(value).flatMap(([key, member]) =>
    leaves(member, known, at === '' ? key : `${at}.${key}`),
  )
}

test('all that are not retired are in values.yaml', async () => {
  const values = await chartValues()
  const known = new Set(values.map(({ name }) => name))
  const written = leaves(parse(await read('values.yaml')), known, '')
  const wanted = values.filter(
    // What helm and charts around this one have set.
    ({ isRetired, name }) => !isRetired && !['global', 'enabled'].includes(name),
  )
  assert.equal(written.sort(), wanted.map(({ name }) => name).sort())
})

test('each is described, and the README says of each what the schema says', async () => {
  const values = await chartValues()
  assert.equal(
    values.filter(({ description }) => description === '').map(({ name }) => name),
    [],
  )
  const written = await read('README.md')
  const rendered = await renderChartReadme(written, values)
  if (process.env['UPDATE']) await writeFile(new URL('README.md', folder), rendered)
  else assert.is(written, rendered)
})

test('the chart and the image have the version of the package', async () => {
  const { version } = JSON.parse(await read('../../package.json')) as { version: string }
  const chart = parse(await read('Chart.yaml')) as { version: string; appVersion: string }
  assert.equal([chart.version, chart.appVersion], [version, version])
})

test.run()
