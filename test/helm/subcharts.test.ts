// Which subcharts bring their CRDs: what Helm says of the same chart, and what it would not come to say.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Buffer } from 'node:buffer'
import { isCrdFile, readChartCrds } from '../../lib/helm/chart-crds.ts'
import type { JsonObject } from '../../lib/model/json.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { definition } from '../helpers/definitions.ts'

const test = suite('readChartCrds()')

type Files = Record<string, string>

function chartYaml(name: string, ...dependencies: object[]): string {
  return JSON.stringify({ apiVersion: 'v2', name, version: '1.2.0', dependencies })
}

function needs(name: string, more: object = {}): object {
  return { name, version: '>=1.0.0', repository: '', ...more }
}

// Charts a and b in charts/, b with a chart c of its own.
function tree(dependencies: object[], more: Files = {}): Files {
  return {
    'Chart.yaml': chartYaml('root', ...dependencies),
    'crds/root.yaml': definition('root'),
    'charts/a/Chart.yaml': chartYaml('a'),
    'charts/a/crds/a.yaml': definition('apple'),
    'charts/b/Chart.yaml': chartYaml('b', needs('c', { condition: 'c.on,global.c' })),
    'charts/b/crds/deep/b.yml': `${definition('bean')}---\n# nothing\n---\n${definition('beet')}`,
    'charts/b/charts/c/Chart.yaml': chartYaml('c'),
    'charts/b/charts/c/crds/c.json': '{"apiVersion":"v1","kind":"X","metadata":{"name":"c"}}',
    'charts/b/charts/c/crds/README.md': 'no YAML: [',
    'charts/_ignored/crds/x.yaml': definition('nothing'),
    ...more,
  }
}

function namesOf(files: Files, values: JsonObject = {}): string[] {
  const read = Object.entries(files)
    .filter(([path]) => isCrdFile(path))
    .map(([path, text]) => ({ path, content: Buffer.from(text) }))
  return readChartCrds(read, { values, what: 'x' })
    .map(({ metadata }) => metadata.name.replace('.example.com', ''))
    .sort()
}

async function namesByHelm(files: Files, values: JsonObject): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'subcharts-'))
  try {
    const chart = join(directory, 'chart')
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(chart, path)), { recursive: true })
      await writeFile(join(chart, path), text)
    }
    const file = join(directory, 'values.json')
    await writeFile(file, JSON.stringify(values))
    const { helm4 } = await testBinaries()
    const args = ['template', 'x', chart, '--include-crds', '--values', file]
    const { stdout } = await promisify(execFile)(helm4, args)
    assert.match(stdout, 'roots.example.com')
    return [...stdout.matchAll(/name"?: ?"?([a-z]+)(?:\.example\.com|"\})/g)]
      .map(([, name]) => name!)
      .sort()
  } finally {
    await rm(directory, { recursive: true })
  }
}

const off = { a: { enabled: false } }
for (const [situation, dependencies, values, more] of [
  ['nobody names the subcharts', [], {}],
  ['a condition is not met', [needs('a', { condition: 'a.enabled' }), needs('b')], off],
  ['a condition leads nowhere', [needs('a', { condition: 'a.enabled' }), needs('b')], {}],
  ['a condition is no boolean', [needs('a', { condition: 'x' })], { x: 'false' }],
  [
    'the first of two conditions decides',
    [needs('a', { condition: 'x.y,a.enabled' })],
    { x: { y: true }, ...off },
  ],
  ['conditions have a space between them', [needs('a', { condition: 'x.y, a.enabled' })], off],
  [
    "a subchart's own defaults switch it off",
    [needs('a', { condition: 'a.enabled' })],
    {},
    { 'charts/a/values.yaml': 'enabled: false' },
  ],
  [
    "a parent's defaults switch it off",
    [needs('a', { condition: 'a.enabled' })],
    {},
    { 'values.yaml': 'a: { enabled: false }' },
  ],
  [
    'a value is null over a default',
    [needs('a', { condition: 'a.enabled' })],
    { a: null },
    { 'values.yaml': 'a: { enabled: false }' },
  ],
  ['a tag is false', [needs('a', { tags: ['x', 'y'] })], { tags: { x: false } }],
  ['one of two tags is true', [needs('a', { tags: ['x', 'y'] })], { tags: { x: false, y: true } }],
  [
    'a condition outweighs a tag',
    [needs('a', { tags: ['x'], condition: 'a.enabled' })],
    { tags: { x: true }, ...off },
  ],
  [
    'two aliases, one switched off',
    [
      needs('a', { alias: 'one', condition: 'one.on' }),
      needs('a', { alias: 'two', condition: 'two.on' }),
    ],
    { one: { on: false } },
  ],
  [
    'two aliases, both switched off',
    [
      needs('a', { alias: 'one', condition: 'one.on' }),
      needs('a', { alias: 'two', condition: 'two.on' }),
    ],
    { one: { on: false }, two: { on: false } },
  ],
  ['a subchart of a subchart is switched off', [needs('b')], { b: { c: { on: false } } }],
  ['a global value switches it off', [needs('b')], { global: { c: false } }],
  [
    'a subchart whose parent is switched off',
    [needs('b', { condition: 'b.on' })],
    { b: { on: false } },
  ],
  ['a version that does not fit', [needs('a', { version: '^2', condition: 'a.enabled' })], off],
] as [string, object[], JsonObject, Files?][])
  test(`has the CRDs that Helm has when ${situation}`, async () => {
    const files = tree(dependencies, more)
    // Helm's command line wants all that is named, and shows what two aliases share twice.
    const said = new Set(await namesByHelm(files, values))
    assert.equal(namesOf(files, values), [...said].sort())
  })

for (const [what, text, says] of [
  ['no object', 'a: b', /its file "crds\/x.yaml" holds something that is no object/],
  ['no YAML', 'a: [', /its file "crds\/x.yaml" is not valid YAML at line 1/],
  [
    'too much',
    `[${'a, '.repeat(400_000)}]`,
    /its file "crds\/x.yaml" has too many words and marks/,
  ],
] as const)
  test(`names the file that holds ${what}`, () => {
    assert.throws(() => namesOf(tree([], { 'crds/x.yaml': text })), says)
  })

test('takes lists apart, and each object once', () => {
  const one = '{ apiVersion: v1, kind: A, metadata: { name: one } }'
  const list = `{ apiVersion: v1, kind: AList, items: [${one}, ${one.replace('one', 'two')}] }`
  const files = { 'Chart.yaml': chartYaml('r'), 'crds/a.yaml': list, 'crds/b.yaml': one }
  assert.equal(namesOf(files), ['one', 'two'])
})

test('refuses more objects than anybody has', () => {
  const one = (n: number): string => `{ apiVersion: v1, kind: A, metadata: { name: n${n} } }`
  const all = Array.from({ length: 1_001 }, (_, n) => one(n)).join('\n---\n')
  const files = { 'Chart.yaml': chartYaml('r'), 'crds/a.yaml': all }
  assert.throws(
    () => namesOf(files),
    /Cannot read chart x: there are more than 1000 objects in its crds\//,
  )
})

test.run()
