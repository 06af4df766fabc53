import { Buffer } from 'node:buffer'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stringify } from 'yaml'
import { inBase64, shownBy } from '../helpers/canary.ts'
import { hookPod } from '../helpers/chart.ts'
import { deadlineMs } from '../helpers/deadline.ts'
import { withOperator } from '../helpers/operator.ts'
import { processesWith } from '../helpers/processes.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { withWebServer } from '../helpers/webserver.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('secret values')

const plain = 'canary-5f1e2d3c'
const awkward = 'canary "quoted" \\ 5f1e2d3c, and\nsecond canary line'
const number = 918_273_645_546
// Whatever way a canary may be written in, one of these would be in it.
const traces = [
  ...[plain, '5f1e2d3c', 'second canary line', String(number), '918273645546', '9.18273645546e'],
  ...['canary%20', 'canary \\"', ...inBase64(plain), ...inBase64('second canary line')],
]

function tracesIn(text: string): string[] {
  return traces.filter((trace) => text.includes(trace))
}

const shows = (what: string): string => `{{ fail (printf "cannot use <%v>" (${what})) }}`
const object = (name: string, data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { a: ${data} }\n`
const schema = { properties: { password: { type: 'string', maxLength: 3, enum: ['x'] } } }

// Charts that fail because of a secret value, and show it when they do.
const charts: Record<string, Record<string, string>> = {
  plain: { 'templates/x.yaml': shows('.Values.password') },
  awkward: { 'templates/x.yaml': shows('.Values.awkward') },
  quoted: { 'templates/x.yaml': shows('.Values.awkward | quote') },
  number: { 'templates/x.yaml': shows('.Values.number | int64') },
  map: { 'templates/x.yaml': shows('.Values | toJson') },
  packed: { 'templates/x.yaml': shows('printf "me:%s!" .Values.password | b64enc') },
  unpacked: { 'templates/x.yaml': shows('.Values.packed | b64dec') },
  schema: { 'values.schema.json': JSON.stringify(schema) },
  yaml: { 'templates/x.yaml': object('x', '"{{ .Values.awkward }}"') },
  name: { 'templates/x.yaml': object('"{{ .Values.password }}!"', 'x') },
  index: { 'templates/x.yaml': '{{ .Values.password.deeper }}' },
}

const secretValues = {
  ...{ password: plain, awkward, number },
  packed: Buffer.from(plain).toString('base64'),
}

function secret(name: string, document: string): string {
  const data = { 'values.yaml': Buffer.from(document).toString('base64') }
  return `---\n${stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, data })}`
}

/** Files with a canary in them, each with its mode, below the directories of the operator. */
async function filesWithTraces(): Promise<string[]> {
  const ours = (await readdir(tmpdir())).filter((name) => /^(op|helm-operator)-(?!bin)/.test(name))
  const found: string[] = []
  const walk = async (path: string): Promise<void> => {
    const info = await lstat(path).catch(() => undefined)
    if (info?.isDirectory()) {
      const names = await readdir(path).catch(() => [])
      await Promise.all(names.map((name) => walk(join(path, name))))
    } else if (info?.isFile() && info.size < 1_000_000) {
      const text = await readFile(path, 'utf8').catch(() => '')
      if (tracesIn(text).length > 0) found.push(`${(info.mode & 0o777).toString(8)} ${path}`)
    }
  }
  await Promise.all(ours.map((name) => walk(join(tmpdir(), name))))
  return found
}

test('are in no log, status or event, whatever fails because of them', () =>
  withRepository(async (repository) => {
    for (const [name, files] of Object.entries(charts)) await repository.add(name, '1.0.0', files)
    await withOperator([], async (running) => {
      const { apply, condition, stop, start } = running
      const valuesFrom = [{ secretKeyRef: { name: 'values' } }]
      const releases = Object.keys(charts).map((name) => {
        const chart = { repository: repository.url, name, version: '1.0.0' }
        return helmReleaseYaml(name, { chart, valuesFrom, install: { keepFailed: true } })
      })
      const broken = helmReleaseYaml('broken', {
        chart: { repository: repository.url, name: 'plain', version: '1.0.0' },
        valuesFrom: [{ secretKeyRef: { name: 'broken' } }],
      })
      await apply(
        secret('values', stringify(secretValues)) +
          secret('broken', `password: *${plain}\n`) +
          releases.join('') +
          broken,
      )
      const names = [...Object.keys(charts), 'broken']
      const told = await Promise.all(names.map((name) => condition(name, 'Ready', 'False')))
      assert.match(told[0]!, /cannot use <\*\*\*>/)
      assert.equal(tracesIn(shownBy(running)), [])
      await stop()
      start()
      await until('it has looked again', () => running.log().split('sync failed').length > 2)
      assert.equal(tracesIn(shownBy(running)), [])
    })
  }))

test('on a web server are hidden like those in Secrets, and so is how one gets at them', () =>
  withRepository(async (repository) => {
    await repository.add('plain', '1.0.0', charts.plain!)
    const chart = { repository: repository.url, name: 'plain', version: '1.0.0' }
    await withWebServer(
      (request, response) =>
        response.writeHead(request.url!.startsWith('/x') ? 200 : 404).end(`password: ${plain}`),
      ({ url }) =>
        withOperator([], async (running) => {
          const { apply, condition } = running
          const guarded = url.replace('//', `//me:${plain}@`)
          for (const [name, path] of [
            ['good', '/x'],
            ['bad', '/y'],
          ] as const) {
            const valuesFrom = [{ externalSourceRef: { url: `${guarded}${path}?token=${plain}` } }]
            await apply(helmReleaseYaml(name, { chart, valuesFrom }))
          }
          assert.match(await condition('good', 'Ready', 'False'), /cannot use <\*\*\*>/)
          assert.is(
            await condition('bad', 'Ready', 'False'),
            `Cannot read values: "${url}/y" answers 404`,
          )
          assert.equal(tracesIn(shownBy(running)), [])
        }),
    )
  }))

test('are in no argument, and only in private files, while helm works with them', () =>
  withRepository(async (repository) => {
    await repository.add('slow', '1.0.0', { 'templates/hook.yaml': hookPod('pre-install') })
    const chart = { repository: repository.url, name: 'slow', version: '1.0.0' }
    await withOperator([], async (running) => {
      const { api, apply, condition } = running
      await apply(
        secret('values', stringify({ ...secretValues, seconds: deadlineMs(2_000) / 1_000 })) +
          helmReleaseYaml('slow', { chart, valuesFrom: [{ secretKeyRef: { name: 'values' } }] }),
      )
      await until('helm waits for its hook', () => api.list('pods', 'default').length > 0)
      assert.ok((await processesWith('default-slow')).length > 0, 'no helm runs')
      for (const trace of traces) assert.equal(await processesWith(trace), [])
      const files = await filesWithTraces()
      assert.is(files.length, 1, files.join(' '))
      assert.match(files[0]!, /^600 \S+\/helm-operator-\S+values\.yaml$/)
      await condition('slow', 'Released', 'True')
      assert.equal(await filesWithTraces(), [])
      assert.equal(tracesIn(shownBy(running)), [])
    })
  }))

test.run()
