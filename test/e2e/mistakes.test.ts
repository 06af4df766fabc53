import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configMap, deployment } from '../helpers/chart.ts'
import { conditionOf, withOperator } from '../helpers/operator.ts'
import { withRepository, type TestRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('mistakes in a HelmRelease')

const files = { 'templates/configmap.yaml': configMap }
const broken = {
  'templates/broken.yaml': 'apiVersion: v1\nkind: ConfigMap\ndata:\n  a: {{ .Values.a.b.c }}\n',
}
const picky = {
  ...files,
  'values.schema.json': '{"properties":{"port":{"type":"integer"}}}',
}

async function fill(repository: TestRepository): Promise<void> {
  await repository.add('web', '1.0.0', files)
  await repository.add('web', '1.1.0', files)
  await repository.add('broken', '1.0.0', broken)
  await repository.add('picky', '1.0.0', picky)
}

type Row = [situation: string, spec: (url: string) => object, phase: string, says: RegExp]
const rows: Row[] = [
  ['names no source', () => ({ chart: {} }), 'ChartFetchFailed', /chart/],
  [
    'names a version that does not exist',
    (url) => ({ chart: { repository: url, name: 'web', version: '1.2.0' } }),
    'ChartFetchFailed',
    /"1\.2\.0".*1\.1\.0/,
  ],
  [
    'names a chart that does not exist',
    (url) => ({ chart: { repository: url, name: 'wbe', version: '1.0.0' } }),
    'ChartFetchFailed',
    /"wbe".*web/,
  ],
  [
    'names a range that nothing matches',
    (url) => ({ chart: { repository: url, name: 'web', version: '^7.0.0' } }),
    'ChartFetchFailed',
    /\^7\.0\.0/,
  ],
  [
    'names a repository that is down',
    () => ({ chart: { repository: 'http://127.0.0.1:1', name: 'web', version: '1.0.0' } }),
    'ChartFetchFailed',
    /127\.0\.0\.1:1/,
  ],
  [
    'names a git repository that does not exist',
    () => ({ chart: { git: 'file:///nowhere/charts.git', path: 'web' } }),
    'ChartFetchFailed',
    /nowhere/,
  ],
  [
    'names a git host that does not exist',
    () => ({ chart: { git: 'https://git.invalid/charts.git', path: 'web' } }),
    'ChartFetchFailed',
    /git\.invalid/,
  ],
  [
    'has a chart with a template error',
    (url) => ({ chart: { repository: url, name: 'broken', version: '1.0.0' } }),
    'DeployFailed',
    /broken\.yaml:4/,
  ],
  [
    "breaks the chart's schema of values",
    (url) => ({
      chart: { repository: url, name: 'picky', version: '1.0.0' },
      values: { port: 'eighty' },
    }),
    'DeployFailed',
    /port/,
  ],
  [
    'has a release name that Helm does not allow',
    (url) => ({
      chart: { repository: url, name: 'web', version: '1.0.0' },
      releaseName: 'a'.repeat(54),
    }),
    'Failed',
    /54 characters.*53/,
  ],
  [
    'names a target namespace that does not exist',
    (url) => ({
      chart: { repository: url, name: 'web', version: '1.0.0' },
      targetNamespace: 'nowhere',
    }),
    'DeployFailed',
    /namespace "nowhere"/,
  ],
]

test('each says what is wrong on the object and in one event, and disturbs nobody else', () =>
  withRepository(async (repository) => {
    await fill(repository)
    await withOperator([], async ({ api, apply, kubectl, condition, read }) => {
      const bad = rows.map(([, spec], index) =>
        helmReleaseYaml(`bad-${index}`, spec(repository.url) as { [field: string]: unknown }),
      )
      const chart = { repository: repository.url, name: 'web', version: '1.1.0' }
      await apply([...bad, helmReleaseYaml('good', { chart })].join(''))
      await condition('good', 'Ready', 'True')
      for (const [index, [situation, , phase, says]] of rows.entries()) {
        const message = await condition(`bad-${index}`, 'Released', 'False')
        assert.match(message, says, situation)
        assert.is((read(`bad-${index}`)!.status as { phase: string }).phase, phase, situation)
        await until(`${situation}: an event says so`, () =>
          api
            .list('events', 'default')
            .some(
              (event) =>
                (event.involvedObject as { name: string }).name === `bad-${index}` &&
                event.reason === 'FailedReleaseSync',
            ),
        )
      }
      assert.match(await kubectl('get', 'hr'), 'bad-0')
    })
  }))

test('is repaired by an edit', () =>
  withRepository(async (repository) => {
    await fill(repository)
    const chart = { repository: repository.url, name: 'web', version: '9.9.9' }
    await withOperator([], async ({ apply, kubectl, condition }) => {
      await apply(helmReleaseYaml('web', { chart }))
      await condition('web', 'Ready', 'False')
      const patch = '{"spec":{"chart":{"version":"1.0.0"}}}'
      await kubectl('patch', 'hr/web', '--type=merge', '-p', patch)
      await condition('web', 'Ready', 'True')
    })
  }))

test('a release of another HelmRelease is refused, and left alone when the second one goes', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { ...files, 'templates/deployment.yaml': deployment })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator([], async ({ api, apply, kubectl, condition }) => {
      await apply(helmReleaseYaml('first', { chart, releaseName: 'shared' }))
      await condition('first', 'Ready', 'True')
      await apply(helmReleaseYaml('second', { chart, releaseName: 'shared' }))
      const message = await condition('second', 'Ready', 'False')
      assert.match(message, /default:helmrelease\/first/)
      await kubectl('delete', 'hr/second', '--timeout=20s')
      assert.ok(api.get('deployments.apps', 'default', 'shared'))
      assert.is(
        conditionOf(api.get('helmreleases.helm.fluxcd.io', 'default', 'first'), 'Ready')?.status,
        'True',
      )
    })
  }))

for (const [situation, path, status, body, says] of [
  ['answers 404', '/index.yaml', 404, '', /404/],
  ['answers 401', '/index.yaml', 401, '', /401|credentials/],
  ['serves a web page', '/index.yaml', 200, '<!DOCTYPE html><html></html>', /HTML|web page/i],
  ['has lost the archive', '/web-1.0.0.tgz', 404, '', /404/],
] as const)
  test(`a repository that ${situation} is named, and tried again later`, () =>
    withRepository(async (repository) => {
      await fill(repository)
      repository.fail(path, status, body)
      const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
      await withOperator([], async ({ apply, condition }) => {
        await apply(helmReleaseYaml('web', { chart }))
        const message = await condition('web', 'ChartFetched', 'False')
        assert.match(message, says)
        assert.match(message, repository.url)
      })
    }))

test.run()
