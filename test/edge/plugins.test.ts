// What Helm itself would find: repositories.yaml, imported files, and downloader plugins that real helms execute.
import { Buffer } from 'node:buffer'
import { chmod, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ReconcileError } from '../../lib/model/errors.ts'
import type { ChartSource } from '../../lib/model/source.ts'
import {
  type ChartFiles,
  chartFiles,
  indexRepository,
  packChart,
  writeTree,
} from '../helpers/charts.ts'
import { withFetcher } from '../helpers/fetching.ts'
import { below, createRepository } from '../helpers/gitserver.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite("Helm's own plugins and repositories")

async function serveDirectory(directory: string, versions: readonly string[]): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const version of versions)
    await packChart(directory, chartFiles('hello', version), { name: 'hello', version })
  await indexRepository(directory)
}

// A plugin that serves fake://bucket/x from a directory and notes what it was asked for.
async function installPlugin(plugins: string, served: string): Promise<string> {
  const noted = join(plugins, 'noted')
  await writeTree(join(plugins, 'fake'), {
    'plugin.yaml':
      'name: fake\nversion: 0.1.0\nusage: x\ndescription: x\ncommand: "$HELM_PLUGIN_DIR/get.sh"\ndownloaders:\n- command: get.sh\n  protocols: [fake]\n',
    'get.sh': `#!/bin/sh\necho "$4" >> "${noted}"\nexec cat "${served}/\${4#fake://bucket/}"\n`,
  })
  await chmod(join(plugins, 'fake/get.sh'), 0o755)
  return noted
}

// A chart that depends on "hello" of another repository.
function parent(repository: string): ChartFiles {
  return chartFiles('parent', '1.0.0', {
    'Chart.yaml': `apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n- {name: hello, version: 1.x, repository: "${repository}"}\n`,
  })
}

function chartAt(url: string, version: string): ChartSource {
  return { kind: 'repository', url, name: 'hello', version }
}

for (const major of [3, 4] as const)
  test(`helm ${major} runs a downloader plugin for index and archive, once`, async () => {
    await withFetcher(
      async ({ fetch, directory, clock }) => {
        const served = join(directory, 'served')
        await serveDirectory(served, ['1.0.0', '1.1.0'])
        const noted = await installPlugin(join(directory, '.local/share/helm/plugins'), served)
        const url = 'fake://bucket'
        const [artifact, same] = await Promise.all([
          fetch(chartAt(url, '~1.0')),
          fetch(chartAt(url, '1.0.0')),
        ])
        assert.is(artifact.chart.version, '1.0.0')
        assert.is(artifact, same)
        await clock.advance(300_000)
        assert.is((await fetch(chartAt(url, '^1'))).chart.version, '1.1.0')
        assert.equal((await readFile(noted, 'utf8')).trim().split('\n'), [
          'fake://bucket/index.yaml',
          'fake://bucket/hello-1.0.0.tgz',
          'fake://bucket/hello-1.1.0.tgz',
        ])
      },
      { major },
    )
  })

for (const major of [3, 4] as const)
  test(`helm ${major} runs a downloader plugin for a dependency of a chart in git`, async () => {
    await withFetcher(
      async ({ fetch, directory }) => {
        const served = join(directory, 'served')
        await serveDirectory(served, ['1.0.0', '1.1.0'])
        await installPlugin(join(directory, '.local/share/helm/plugins'), served)
        const repository = await createRepository(join(directory, 'repository'))
        const files = parent('fake://bucket')
        await repository.commit(below('chart', files))
        const source = { kind: 'git', url: repository.url, ref: 'main', path: 'chart' } as const
        const { path } = await fetch({ ...source, updateDependencies: true })
        assert.equal(await readdir(join(path, 'charts')), ['hello-1.1.0.tgz'])
      },
      { major },
    )
  })

test('a scheme that no plugin serves is said to be none', async () => {
  await withFetcher(async ({ fetch }) => {
    const error = await fetch(chartAt('nosuch://bucket', '1.0.0')).then(
      () => undefined,
      (reason: ReconcileError) => reason,
    )
    assert.is(error?.code, 'ChartSourceInvalid')
    assert.match(error!.message, /no helm plugin serves nosuch:\/\/ addresses/)
  })
})

for (const [where, file, imported] of [
  ["Helm's own repositories.yaml", '.config/helm/repositories.yaml', []],
  ['an imported file', 'imported.yaml', ['imported.yaml']],
] as const)
  test(`a repository in ${where} is opened with its password, also by alias from git`, async () => {
    await withFetcher(
      async ({ fetch, directory, args }) => {
        const served = join(directory, 'served')
        await serveDirectory(served, ['1.0.0'])
        const expected = `Basic ${Buffer.from('ann:hunter2').toString('base64')}`
        await withWebServer(
          (request, response) => {
            if (request.headers.authorization !== expected) return response.writeHead(401).end()
            void readFile(join(served, request.url!)).then((content) => response.end(content))
          },
          async ({ url }) => {
            await writeTree(directory, {
              [file]: `repositories:\n- name: ours\n  url: ${url}/\n  username: ann\n  password: hunter2\n`,
            })
            assert.is((await fetch(chartAt(url, '1.0.0'))).chart.name, 'hello')
            const repository = await createRepository(join(directory, 'repository'))
            await repository.commit(below('chart', parent('@ours')))
            const source = { url: repository.url, ref: 'main', path: 'chart' }
            await fetch({ kind: 'git', ...source, updateDependencies: true })
            assert.not.ok(args().some((one) => one.includes('hunter2')))
          },
        )
      },
      { imported },
    )
  })

test('of several repositories on one host each has its own entry, one of them with a certificate that nobody checks', async () => {
  await withFetcher(async ({ fetch, directory }) => {
    const served = join(directory, 'served')
    await serveDirectory(served, ['1.0.0'])
    const asked = new Map<string, string>()
    await withWebServer(
      ({ url, headers }, response) => {
        const [, place = '', name = ''] = url!.split('/')
        asked.set(place, Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString())
        void readFile(join(served, name)).then((content) => response.end(content))
      },
      async ({ url }) => {
        const entry = (place: string, more: string): string =>
          `- {name: ${place}, url: "${url}/${place}", username: ${place}, password: x, ${more}}\n`
        await writeTree(directory, {
          '.config/helm/repositories.yaml': `repositories:\n${entry('a', 'insecure_skip_tls_verify: true')}${entry('b', 'insecure_skip_tls_verify: false')}`,
        })
        assert.is((await fetch(chartAt(`${url}/a`, '1.0.0'))).chart.name, 'hello')
        const error = await fetch(chartAt(`${url}/b`, '1.0.0')).then(
          () => undefined,
          (reason: ReconcileError) => reason,
        )
        assert.match(error!.message, /is not trusted/)
        assert.equal([...asked], [['a', 'a:x']])
      },
      selfSigned('server'),
    )
  })
})

test.run()
