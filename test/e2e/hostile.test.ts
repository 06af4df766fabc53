// Everything that tenants and repositories can send to bring the operator down, all at once, to an operator that is a process of
// its own: each input gets its sentence, an honest release is installed beside them, and who asks for its health is answered.
import { Buffer } from 'node:buffer'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../lib/app/sandbox.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import type { Obj } from '../../lib/sandbox/types.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { startOperatorProcess } from '../helpers/child.ts'
import { conditionOf } from '../helpers/operator.ts'
import { startProber } from '../helpers/prober.ts'
import { until } from '../helpers/until.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite('hostile input')
const crds = fileURLToPath(new URL('../../crds', import.meta.url))

const ones = (bytes: number): string => `l: [${'1,'.repeat(bytes / 2)}1]`
const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `key${index}: value`).join('\n')
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: "{{ .Release.Name }}" }\n'

async function archive(values: string): Promise<Buffer> {
  const files = {
    'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
    'values.yaml': values,
    'templates/a.yaml': template,
  }
  const entries = Object.entries(files).map(([name, body]) => ({
    header: { name: `web/${name}`, size: Buffer.byteLength(body) },
    body,
  }))
  return gzipSync(await packTar(entries))
}

const item = (version: string): string => `  - version: ${version}\n    urls:\n    - web.tgz\n`
const indexes: Record<string, string> = {
  flow: `{apiVersion: v1, entries: {web: [${Array.from(
    { length: 10_000 },
    (_, index) => `{version: 1.0.${index}, urls: [plain/web.tgz]}`,
  ).join(',')}]}}`.replaceAll('[plain/', '[../plain/'),
  many: `apiVersion: v1\nentries:\n  web:\n${Array.from({ length: 30_000 }, (_, n) => item(`1.0.${n}`)).join('')}`,
}

const plainIndex =
  'apiVersion: v1\nentries:\n  web:\n  - version: 1.0.0\n    urls:\n    - web.tgz\n'

async function files(): Promise<Map<string, Buffer | string>> {
  const served = new Map<string, Buffer | string>()
  const values = {
    plain: 'a: 1',
    bomb: ones(8_000_000),
    blank: `a: 1${'\n'.repeat(100_000)}b: 2\n`,
    long: lines(20_000),
  }
  for (const [name, text] of Object.entries(values)) {
    served.set(`/${name}/web.tgz`, await archive(text))
    served.set(`/${name}/index.yaml`, plainIndex)
  }
  for (const [name, text] of Object.entries(indexes)) served.set(`/${name}/index.yaml`, text)
  return served
}

const many = (name: string): string =>
  JSON.stringify({ [name]: Array.from({ length: 20_000 }, (_, index) => index) })

// Objects that values come from, by kind and name.
const documents: [kind: string, name: string, text: string][] = [
  ['ConfigMap', 'blank', `${'\n'.repeat(100_000)}a: 1\n`],
  ['ConfigMap', 'ones', ones(900_000)],
  ['ConfigMap', 'deep', `{"a":${deep(20_000)}}`],
  ['ConfigMap', 'one', many('one')],
  ['ConfigMap', 'two', many('two')],
  [
    'Secret',
    'secrets',
    JSON.stringify({
      passwords: Array.from({ length: 20_000 }, (_, index) => `secret-${index}-secret`),
    }),
  ],
]

// The sandbox takes a thousand levels, and these are not all that an object has.
const deepest = 900
// What the values of a release come from, if not from the ConfigMap of its name.
const references: Record<string, object[]> = {
  secrets: [reference('secret', 'secrets')],
  often: Array.from({ length: 100 }, () => reference('secret', 'secrets')),
  toooften: Array.from({ length: 101 }, () => reference('secret', 'secrets')),
  all: ['one', 'two', 'secrets'].map((name) =>
    reference(name === 'secrets' ? 'secret' : 'configMap', name),
  ),
}

function reference(kind: 'secret' | 'configMap', name: string): object {
  return { [`${kind}KeyRef`]: { name, key: 'values.yaml' } }
}

const sentence = 'spec.values is nested more than 200 levels deep'

// What becomes of each release: its sentence, or nothing if it is installed.
const fate: Record<string, string | undefined> = {
  'chart-bomb': 'its values.yaml has too many words and marks',
  'chart-blank': undefined,
  'chart-long': undefined,
  'index-flow': undefined,
  'index-many': 'it lists more than 20,000 versions of chart "web"',
  'values-blank': undefined,
  'values-ones': 'the document has too many words and marks',
  'values-deep': 'the document is nested more than 200 levels deep',
  'values-secrets': undefined,
  'values-often': undefined,
  'values-toooften': 'spec.valuesFrom is not valid: it names more than 100 documents',
  'values-all': 'what comes of all sources together has more than 50,000 values',
  'spec-deep': sentence,
  'storage-bomb': 'it unpacks to more than 32 MB',
  honest: undefined,
}

function release(name: string, url: string): string {
  const [what, which = ''] = name.split('-')
  const isChart = what === 'chart' || what === 'index'
  const chart = { repository: `${url}/${isChart ? which : 'plain'}`, name: 'web', version: '*' }
  const valuesFrom = references[which] ?? [reference('configMap', which)]
  const spec = { chart, releaseName: name, ...(what === 'values' ? { valuesFrom } : {}) }
  const text = JSON.stringify({
    ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' },
    metadata: { name, namespace: 'default' },
    spec: { ...spec, ...(what === 'spec' ? { values: { a: 'DEEP' } } : {}) },
  })
  return text.replace('"DEEP"', deep(deepest))
}

function objects(url: string): string {
  const sources = documents.map(([kind, name, text]) => ({
    ...{ apiVersion: 'v1', kind, metadata: { name, namespace: 'default' } },
    ...(kind === 'Secret'
      ? { stringData: { 'values.yaml': text } }
      : { data: { 'values.yaml': text } }),
  }))
  const record = gzipSync(Buffer.alloc(200_000_000, ' ')).toString('base64')
  const labels = { owner: 'helm', name: 'storage-bomb', status: 'deployed', version: '1' }
  const stored = {
    ...{ apiVersion: 'v1', kind: 'Secret', type: 'helm.sh/release.v1' },
    metadata: { name: 'sh.helm.release.v1.storage-bomb.v1', namespace: 'default', labels },
    data: { release: Buffer.from(record).toString('base64') },
  }
  const all = [...sources, stored].map((one) => JSON.stringify(one))
  return [...all, ...Object.keys(fate).map((name) => release(name, url))].join('\n---\n')
}

test('gets a sentence, or is coped with, and health is told all the while', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hostile-'))
  const kubeconfig = join(directory, 'kubeconfig')
  const sandbox = await startSandbox({ port: 0, kubeconfig })
  const { kubectl } = await testBinaries()
  const run = createRunner({ env: { ...process.env, KUBECONFIG: kubeconfig } })
  const served = await files()
  try {
    await run([kubectl, 'apply', '-k', crds])
    await withWebServer(
      (request, response) => {
        const body = served.get(request.url ?? '')
        response.writeHead(body === undefined ? 404 : 200).end(body)
      },
      async ({ url }) => {
        await run([kubectl, 'create', '-f', '-'], { stdin: objects(url) })
        const args = [`--kubeconfig=${kubeconfig}`, `--cache-dir=${join(directory, 'cache')}`]
        const operator = startOperatorProcess([...args, '--listen=127.0.0.1:0'])
        try {
          const port = await until(
            'it listens',
            () => /port=(\d+)/.exec(operator.lines.join('\n'))?.[1],
          )
          const probed = startProber(`http://127.0.0.1:${port}/healthz`)
          const read = (name: string): Obj | undefined =>
            sandbox.api.get('helmreleases.helm.fluxcd.io', 'default', name)
          for (const [name, why] of Object.entries(fate)) {
            const ready = await until(
              `${name} has come to its end`,
              () => {
                const found = conditionOf(read(name), 'Ready')
                return found?.status === (why === undefined ? 'True' : 'False') ? found : undefined
              },
              120_000,
            )
            if (why !== undefined)
              assert.ok(ready.message.includes(why), `${name}: ${ready.message}`)
          }
          const { asked, idle, slowness } = await probed()
          assert.is(operator.child.exitCode, null)
          assert.is(asked.failures, 0)
          assert.ok(asked.answers >= 20, `${asked.answers} answers`)
          // Of the tenth of a second that a step of the operator may take, a busy machine makes as many times as much as of any
          // computation.
          const limit = 100 * slowness + idle.worstMs
          assert.ok(asked.worstMs < limit, `${asked.worstMs} ms, limit ${limit} ms`)
          process.stdout.write(
            `health: ${asked.answers} answers, the slowest after ${asked.worstMs.toFixed(0)} ms (idle server ${idle.worstMs.toFixed(0)} ms, machine ${slowness.toFixed(1)} times slower)\n`,
          )
        } catch (error) {
          process.stdout.write(
            `${operator.lines
              .slice(-40)
              .map((line) => line.slice(0, 500))
              .join('\n')}\n`,
          )
          throw error
        } finally {
          await operator.kill('SIGTERM')
        }
      },
    )
  } finally {
    await sandbox.stop()
    await rm(directory, { recursive: true, force: true })
  }
})

test.run()
