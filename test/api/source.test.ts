// Which chart and which values a HelmRelease names.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codecFor } from '../../lib/api/codec.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import { wireRelease } from '../helpers/objects.ts'

const test = suite('chart and values of a HelmRelease')
const repository = { repository: 'https://charts.example.net', name: 'api', version: '~1.2' }
const git = { git: 'https://git.example.net/Mono.git', path: 'charts/api' }

function decode(spec: object): HelmRelease {
  return codecFor('helm.fluxcd.io/v1')!.decode(wireRelease({ chart: repository, ...spec }))
}

test('a repository chart is known by url, name and version', () => {
  assert.equal(decode({ chart: repository }).source, {
    kind: 'repository',
    url: 'https://charts.example.net',
    name: 'api',
    version: '~1.2',
  })
})

test('a git chart keeps the case of its url and leaves an absent ref empty', () => {
  assert.equal(decode({ chart: git }).source, {
    kind: 'git',
    url: 'https://git.example.net/Mono.git',
    ref: '',
    path: 'charts/api',
    updateDependencies: true,
  })
})

test('skipDepUpdate leaves dependencies alone', () => {
  const { source } = decode({ chart: { ...git, skipDepUpdate: true } })
  assert.is(source.kind === 'git' && source.updateDependencies, false)
})

for (const [situation, chart, secretRef] of [
  [
    'secretRef, in the namespace of the HelmRelease',
    { ...git, secretRef: { name: 's' } },
    { namespace: 'shop', name: 's' },
  ],
  [
    'secretRef, in its own namespace',
    { ...git, secretRef: { name: 's', namespace: 'n' } },
    { namespace: 'n', name: 's' },
  ],
  [
    'chartPullSecret for a repository',
    { ...repository, chartPullSecret: { name: 'p' }, secretRef: { name: 's' } },
    { namespace: 'shop', name: 'p' },
  ],
  [
    'secretRef for a repository without chartPullSecret',
    { ...repository, secretRef: { name: 's' } },
    { namespace: 'shop', name: 's' },
  ],
] as const) {
  test(`credentials come from ${situation}`, () => {
    const { source } = decode({ chart })
    assert.equal(source.kind !== 'invalid' && source.secretRef, secretRef)
  })
}

test('git wins over a repository, and its author is told', () => {
  const release = decode({ chart: { ...git, ...repository } })
  assert.is(release.source.kind, 'git')
  assert.equal(release.problems, [
    'spec.chart names a git repository and a Helm repository: git is used',
  ])
})

test('a version beside git is called what it is: of no use', () => {
  assert.equal(decode({ chart: { ...git, version: '1.0.0' } }).problems, [
    'spec.chart has "version" beside git, where ref and path tell which chart it is: not used',
  ])
})

test('git without a path gives way to a complete repository', () => {
  assert.is(decode({ chart: { git: git.git, ...repository } }).source.kind, 'repository')
})

for (const [chart, why] of [
  [undefined, 'spec.chart is missing'],
  [{}, 'spec.chart names no source: give git and path, or repository, name and version'],
  [{ git: git.git, path: '' }, 'spec.chart.git is given without spec.chart.path; the root is "."'],
  [{ path: 'charts/api' }, 'spec.chart.path is given without spec.chart.git'],
  [
    { repository: 'https://x', name: 'api' },
    'a chart from a repository needs spec.chart.version too',
  ],
  [
    { version: '1.2.3' },
    'a chart from a repository needs spec.chart.repository and spec.chart.name too',
  ],
] as const) {
  test(`the chart ${JSON.stringify(chart)} is refused: ${why}`, () => {
    assert.equal(decode({ chart }).source, { kind: 'invalid', why })
  })
}

test('inline values are passed on untouched, the very same object', () => {
  const values = JSON.parse('{"a":{"b":[1,null,{"__proto__":{"x":1}}]},"tag":"1.10","n":1e3}')
  assert.is(decode({ values }).values.inline, values)
})

for (const values of ['text', 5, true, [1, 2]]) {
  test(`inline values that are ${JSON.stringify(values)} count as empty`, () => {
    const release = decode({ values })
    assert.equal(release.values.inline, {})
    assert.equal(release.problems, ['spec.values is not a map: it counts as empty'])
  })
}

test('valueFileSecrets come before every valuesFrom, with the default key', () => {
  const { from } = decode({
    valueFileSecrets: [{ name: 'one' }, { name: 'two' }],
    valuesFrom: [{ secretKeyRef: { name: 'three', key: 'k', namespace: 'n', optional: true } }],
  }).values
  const shop = { kind: 'Secret', namespace: 'shop', key: 'values.yaml', optional: false }
  assert.equal(from, [
    { ...shop, name: 'one' },
    { ...shop, name: 'two' },
    { kind: 'Secret', namespace: 'n', name: 'three', key: 'k', optional: true },
  ])
})

test('of a source of values that is named again only the last counts', () => {
  const named = (name: string) => ({ secretKeyRef: { name } })
  const valuesFrom = ['one', 'two', 'one'].map(named)
  const { from } = decode({ valueFileSecrets: [{ name: 'two' }], valuesFrom }).values
  assert.equal(
    from.map((reference) => reference.kind === 'Secret' && reference.name),
    ['two', 'one'],
  )
})

test('each of the four sources of values is read', () => {
  const { from } = decode({
    valuesFrom: [
      { configMapKeyRef: { name: 'c', key: '', namespace: '' } },
      { secretKeyRef: { name: 's' } },
      { externalSourceRef: { url: 'https://x/y.yaml', optional: true } },
      { chartFileRef: { path: '../prod.yaml' } },
    ],
  }).values
  assert.equal(from, [
    { kind: 'ConfigMap', namespace: 'shop', name: 'c', key: 'values.yaml', optional: false },
    { kind: 'Secret', namespace: 'shop', name: 's', key: 'values.yaml', optional: false },
    { kind: 'url', url: 'https://x/y.yaml', optional: true },
    { kind: 'chartFile', path: '../prod.yaml', optional: false },
  ])
})

test('an entry without a source is skipped, one with several gives its first', () => {
  const release = decode({
    valuesFrom: [
      {},
      { chartFileRef: { path: 'p' }, secretKeyRef: { name: 's' }, configMapKeyRef: { name: 'c' } },
    ],
  })
  assert.equal(
    release.values.from.map(({ kind }) => kind),
    ['ConfigMap'],
  )
  assert.equal(release.problems, [
    'spec.valuesFrom[0] names no source: it is skipped',
    'spec.valuesFrom[1] names several sources: one is used',
  ])
})

test.run()
