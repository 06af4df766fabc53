import { Buffer } from 'node:buffer'
import type { RequestListener } from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stringify } from 'yaml'
import type { JsonObject } from '../../lib/model/json.ts'
import { withOperator, type RunningOperator } from '../helpers/operator.ts'
import { countPasses } from '../helpers/passes.ts'
import { withRepository, type TestRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { withWebServer } from '../helpers/webserver.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('values of a HelmRelease')

// What the release was made of, for everybody to see.
const template = `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }} }
data: { values: {{ .Values | toJson | quote }} }
`
const files = {
  'templates/values.yaml': template,
  'values.yaml': 'chart: 1\nunwanted: { a: 1, b: 2 }\nlist: [1, 2, 3]\n',
  'more/prod.yaml': 'chartFile: 1\norder: chartFile\n',
}

function configMap(name: string, values: object | string, namespace = 'default'): string {
  const data = { 'values.yaml': typeof values === 'string' ? values : stringify(values) }
  return `---\n${stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data })}`
}

function secret(name: string, values: object, namespace = 'default'): string {
  const data = { 'values.yaml': Buffer.from(stringify(values)).toString('base64') }
  return `---\n${stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data })}`
}

function valuesOf({ api }: RunningOperator, name = 'web'): JsonObject | undefined {
  const found = api.get('configmaps', 'default', `default-${name}`) as
    { data: { values: string } } | undefined
  return found && (JSON.parse(found.data.values) as JsonObject)
}

function revisionOf({ api }: RunningOperator): number {
  const names = api.list('secrets', 'default').map(({ metadata }) => metadata.name)
  return names.filter((one) => one.startsWith('sh.helm.release.v1.default-web.')).length
}

async function withChart(
  use: (running: RunningOperator, chart: object, repository: TestRepository) => Promise<void>,
  flags: readonly string[] = [],
): Promise<void> {
  await withRepository(async (repository) => {
    await repository.add('web', '1.0.0', files)
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator(flags, (running) => use(running, chart, repository))
  })
}

test('come from everywhere, the later over the earlier, and the inline ones over all', () =>
  withWebServer(
    (_, response) => response.end('url: 1\norder: url\n'),
    ({ url }) =>
      withChart(async (running, chart) => {
        const { apply, condition } = running
        const order = (from: string) => ({ [from]: 1, order: from })
        // In a text, because kubectl apply takes every null out of an object.
        const nulls = { unwanted: { a: null } }
        await apply(
          secret('file', { ...order('file'), map: { file: 1, both: 'file' } }) +
            configMap('map', {
              ...order('configMap'),
              ...nulls,
              map: { both: 'configMap' },
              list: [4],
            }) +
            secret('elsewhere', order('secret'), 'kube-public') +
            configMap('ignored', order('ignored')) +
            configMap('first', 'first: yes\n---\nsecond: yes\n') +
            helmReleaseYaml('web', {
              chart,
              valueFileSecrets: [{ name: 'file' }],
              valuesFrom: [
                { configMapKeyRef: { name: 'map' }, secretKeyRef: { name: 'ignored' } },
                { secretKeyRef: { name: 'elsewhere', namespace: 'kube-public' } },
                {},
                { externalSourceRef: { url } },
                { chartFileRef: { path: 'more/prod.yaml' } },
                { configMapKeyRef: { name: 'first' } },
                { configMapKeyRef: { name: 'first', key: 'none', optional: true } },
                { secretKeyRef: { name: 'none', optional: true } },
                { externalSourceRef: { url: `${url}:nowhere`, optional: true } },
                { chartFileRef: { path: '../none.yaml', optional: true } },
              ],
              values: { order: 'inline' },
            }),
        )
        await condition('web', 'Released', 'True')
        assert.equal(valuesOf(running), {
          ...{ chart: 1, file: 1, configMap: 1, secret: 1, url: 1, chartFile: 1, first: true },
          order: 'inline',
          map: { file: 1, both: 'configMap' },
          list: [4],
          unwanted: { b: 2 },
        })
      }),
  ))

test('change the release at once when what they come from changes, and only then', () =>
  withChart(async (running, chart) => {
    const { apply, kubectl, condition, started } = running
    const passes = await countPasses(running)
    const from = [
      { configMapKeyRef: { name: 'map' } },
      { secretKeyRef: { name: 'password', optional: true } },
    ]
    await apply(
      configMap('map', { count: 1 }) +
        helmReleaseYaml('web', { chart, valuesFrom: from }) +
        configMap('unchanged', { count: 0 }) +
        helmReleaseYaml('other', {
          chart,
          valuesFrom: [{ configMapKeyRef: { name: 'unchanged' } }],
        }),
    )
    await condition('web', 'Ready', 'True')
    await condition('other', 'Ready', 'True')
    await apply(configMap('unrelated', { count: 1 }) + secret('unrelated', { count: 1 }))
    const before = await passes.over('other')
    const upgraded = (to: JsonObject): Promise<true> =>
      until(
        `values are ${JSON.stringify(to)}`,
        () => {
          const { count, password } = valuesOf(running)!
          return JSON.stringify({ count, password }) === JSON.stringify(to)
        },
        // Under a second where nothing else runs; by itself it would have taken three minutes.
        20_000,
      )
    await apply(configMap('map', { count: 2 }))
    await upgraded({ count: 2 })
    await apply(secret('password', { password: 'first' }))
    await upgraded({ count: 2, password: 'first' })
    await apply(secret('password', { password: 'second' }))
    await upgraded({ count: 2, password: 'second' })
    await kubectl('delete', 'secret', 'password')
    await upgraded({ count: 2 })

    // Nothing is known of it any more, so nothing is done about it.
    await condition('web', 'Ready', 'True')
    const programs = started.length
    await kubectl('delete', 'configmap', 'map')
    const why = await condition('web', 'Ready', 'False')
    assert.is(why, 'Cannot read values: ConfigMap "map" in namespace "default" does not exist')
    assert.is(revisionOf(running), 5)
    assert.is(started.length, programs)
    await apply(configMap('map', { count: 3 }))
    await upgraded({ count: 3 })
    await condition('web', 'Ready', 'True')
    assert.is(await passes.over('other'), before)
  }))

test('cost no request as long as nothing changes', () => {
  let downloads = 0
  const handler: RequestListener = (request, response) => {
    if (request.headers['if-none-match'] === '"1"') return void response.writeHead(304).end()
    downloads++
    response.writeHead(200, { etag: '"1"' }).end('url: 1')
  }
  return withWebServer(handler, ({ url }) =>
    withChart(
      async (running, chart) => {
        const { apply, condition, requests, started } = running
        const passes = await countPasses(running)
        const valuesFrom = [
          { configMapKeyRef: { name: 'map' } },
          { secretKeyRef: { name: 'password' } },
          { secretKeyRef: { name: 'none', optional: true } },
          { chartFileRef: { path: 'more/prod.yaml' } },
          { externalSourceRef: { url } },
        ]
        const names = ['a', 'b', 'c']
        await apply(
          configMap('map', { count: 1 }) +
            secret('password', { password: 'hunter2' }) +
            names.map((name) => helmReleaseYaml(name, { chart, valuesFrom })).join(''),
        )
        for (const name of names) await condition(name, 'Ready', 'True')
        // What an install leaves behind is looked at once.
        for (const name of names) await passes.more(name, 2)
        requests.length = started.length = downloads = 0
        for (const name of names) await passes.more(name, 3)
        // Of nine passes at least. The API that is not served here is looked for by one list every 30 s.
        assert.ok(
          requests.length <= 2 && requests.every((verb) => verb === 'list'),
          requests.join(),
        )
        assert.equal(started, [])
        assert.is(downloads, 0)
      },
      ['--charts-sync-interval=1s'],
    ),
  )
})

test('of the revision before are kept if they are to be reused, and upgraded once', () =>
  withChart(
    async (running, chart) => {
      const { apply, condition, helm, kubectl, log, stop, start } = running
      const release = (values: object): string =>
        helmReleaseYaml('web', { chart, values, resetValues: false })
      await apply(release({ first: 1, both: 1, unwanted: { b: 3 } }))
      await condition('web', 'Ready', 'True')
      await apply(release({ second: 2, both: 2 }))
      await condition('web', 'Ready', 'True')
      const stored = { first: 1, second: 2, both: 2, unwanted: { b: 3 } }
      assert.equal(JSON.parse(await helm('get', 'values', 'default-web', '-o=json')), stored)
      await (await countPasses(running)).more('web', 2)
      assert.is(revisionOf(running), 2)

      // As the CRD of the operator before us would have it.
      await stop()
      const forget = '{"status":{"history":null,"lastAttempt":null}}'
      await kubectl('patch', 'hr/web', '--type=merge', '--subresource=status', '-p', forget)
      const before = log()
      start()
      await (await countPasses(running, before)).more('web', 2)
      assert.is(revisionOf(running), 2)
    },
    ['--charts-sync-interval=1s'],
  ))

test('may be a big document', () =>
  withChart(async (running, chart) => {
    const { apply, condition, api } = running
    const list = Array.from({ length: 5_000 }, (_, n) => ({
      name: `item-${n}`,
      text: 'x'.repeat(80),
    }))
    api.create('configmaps', {
      ...{ apiVersion: 'v1', kind: 'ConfigMap' },
      metadata: { name: 'big', namespace: 'default' },
      data: { 'values.yaml': stringify({ list }) },
    })
    const valuesFrom = [{ configMapKeyRef: { name: 'big' } }]
    await apply(helmReleaseYaml('web', { chart, valuesFrom }))
    await condition('web', 'Released', 'True')
    assert.equal(valuesOf(running)!.list, list)
  }))

test.run()
