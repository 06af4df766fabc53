// Repositories that are larger than anybody wants: told so, before their content fills the disk of all others.
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { diskUsage } from '../../lib/edge/quota/growth.ts'
import type { ChartSource } from '../../lib/model/source.ts'
import { chartFiles, indexRepository, packChart, withRepository } from '../helpers/charts.ts'
import { failureOf } from '../helpers/failure.ts'
import { withFetcher } from '../helpers/fetching.ts'
import { fetchFailure, withGitChart } from '../helpers/gitfetch.ts'
import { below, createRepository } from '../helpers/gitserver.ts'
import { withRepositoryFetcher } from '../helpers/repositoryfetch.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite('sources and their quotas')

const mib = 1024 * 1024

test('a small repository that is large when it is checked out is refused before anything is written', async () => {
  await withGitChart(
    async ({ fetch, repository, directory, started }) => {
      const zeros = '0'.repeat(2 * mib)
      const names = Array.from({ length: 10 }, (_, index) => [`chart/files/${index}`, zeros])
      await repository.commit(Object.fromEntries(names) as Record<string, string>)
      const { code, message } = await fetchFailure(fetch({ url: repository.url }))
      assert.is(code, 'QuotaExceeded')
      assert.is(
        message,
        'Cannot keep the chart in "chart" of URL: it needs more than the 5 MiB that one source may have of exports; raise --cache-quota-exports, and the volume it is on',
      )
      assert.equal(await readdir(join(directory, 'charts')), [])
      assert.not.ok(started().includes('read-tree'))
    },
    { exports: 10 * mib },
  )
})

for (const [how, allowFilter] of [
  ['as a whole', 'false'],
  ['file by file', 'true'],
])
  test(`a repository that sends too much, ${how}, is ended, and leaves nothing`, async () => {
    await withGitChart(
      async ({ fetch, repository, directory }) => {
        await repository.git('config', 'uploadpack.allowFilter', allowFilter!)
        await writeFile(join(repository.path, 'chart/large'), randomBytes(6 * mib))
        await repository.commit({})
        assert.equal(await fetchFailure(fetch({ url: repository.url })), {
          code: 'QuotaExceeded',
          message:
            'Cannot keep the git mirror of URL: it needs more than the 2 MiB that one source may have of mirrors; raise --cache-quota-mirrors, and the volume it is on',
        })
        assert.ok((await diskUsage(join(directory, 'git'))) < mib)
      },
      { mirrors: 4 * mib },
    )
  })

test('a repository that grows too large takes nothing from the others', async () => {
  await withGitChart(
    async ({ fetch, fetcher, repository, directory }) => {
      const other = await createRepository(join(directory, 'other'))
      await other.commit(below('chart', chartFiles('other', '1.0.0')))
      await fetch({ url: other.url })
      await fetch({ url: repository.url })
      await writeFile(join(repository.path, 'chart/large'), randomBytes(6 * mib))
      await repository.commit({})
      fetcher().expire()
      assert.is((await fetchFailure(fetch({ url: repository.url }))).code, 'QuotaExceeded')
      await other.git('rm', '--quiet', '-r', 'chart')
      assert.is((await fetch({ url: other.url })).chart.name, 'other', 'from the mirror')
      await repository.commit({ 'chart/large': null })
      await repository.git('checkout', '--quiet', '--orphan', 'small')
      await repository.git('commit', '--quiet', '--message=small')
      await repository.git('branch', '--delete', '--force', 'main')
      await repository.git('branch', '--move', 'main')
      fetcher().expire()
      assert.is((await fetch({ url: repository.url })).chart.name, 'hello', 'small again')
    },
    { mirrors: 4 * mib },
  )
})

for (const [how, head] of [
  ['by what the server says', {}],
  ['by what comes, where the server says nothing', { 'transfer-encoding': 'chunked' }],
] as const)
  test(`an index that is too large is refused ${how}`, async () => {
    await withRepositoryFetcher(
      async ({ fetch, directory }) => {
        const content = `entries:\n${'# nothing\n'.repeat(600_000)}`
        const headers = Object.keys(head).length > 0 ? head : { 'content-length': content.length }
        await withWebServer(
          (_, response) => void response.writeHead(200, headers).end(content),
          async ({ url }) => {
            const { code, message } = await failureOf(fetch(url, 'hello', '1.0.0'))
            assert.is(code, 'QuotaExceeded')
            assert.match(
              message,
              /^Cannot keep the index of repository "http:.*2 MiB that one source/,
            )
            assert.equal(await readdir(join(directory, 'indexes')), [])
          },
        )
      },
      { indexes: 4 * mib },
    )
  })

test('archives of many versions push each other out, and no one else', async () => {
  await withFetcher(
    async ({ fetch, directory }) => {
      const [served, flooding] = [join(directory, 'served'), join(directory, 'flooding')]
      const at = (url: string, version: string): ChartSource => ({
        ...({ kind: 'repository', url, name: 'hello', version } as const),
      })
      const versions = ['1.0.0', '1.0.1', '1.0.2', '1.0.3']
      await withRepository(served, ['hello 1.0.0'], async (small) => {
        const { path } = await fetch(at(small.url, '1.0.0'))
        await withRepository(flooding, [], async (flood) => {
          for (const version of versions) {
            const noise = randomBytes(500_000).toString('base64')
            const files = chartFiles('hello', version, { 'files/noise': noise })
            await packChart(flooding, files, { name: 'hello', version })
          }
          await indexRepository(flooding)
          for (const version of versions) await fetch(at(flood.url, version))
        })
        const kept = await readdir(join(directory, 'cache/charts'))
        assert.ok(
          kept.some((name) => path.endsWith(name)),
          'used longest ago, and still there',
        )
        assert.is(kept.length, 4, 'three of the others fit into the share of one source')
      })
    },
    { limits: { archives: 3 * mib } },
  )
})

// An index of a repository that only the dependencies of a chart in git name, with so many bytes of it.
async function withDependency(
  bytes: number,
  use: (bench: { url: string; repository: string; directory: string }) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'quotas-test-'))
  const served = join(directory, 'served')
  await packChart(served, chartFiles('sub', '1.0.0'), { name: 'sub', version: '1.0.0' })
  await indexRepository(served)
  const text = 'x'.repeat(10_000)
  const entry = (at: number): string =>
    `  - description: ${text}\n    name: other\n    urls:\n    - other.tgz\n    version: 1.0.${at}\n`
  const others = Array.from({ length: bytes / text.length }, (_, at) => entry(at)).join('')
  const small = await readFile(join(served, 'index.yaml'), 'utf8')
  const index = small.replace(/^entries:\n/m, (line) => `${line}  other:\n${others}`)
  const repository = await createRepository(join(directory, 'repository'))
  await withWebServer(
    (request, response) => {
      const { pathname } = new URL(request.url!, 'http://localhost')
      if (pathname === '/index.yaml') response.end(index)
      else void readFile(join(served, pathname)).then((content) => response.end(content))
    },
    async ({ url }) => {
      const chart = `apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: sub, version: 1.x, repository: "${url}"}\n`
      await repository.commit(below('chart', chartFiles('web', '1.0.0', { 'Chart.yaml': chart })))
      await use({ url, repository: repository.url, directory })
    },
  ).finally(() => rm(directory, { recursive: true }))
}

function chartAt(url: string): ChartSource {
  return { kind: 'git', url, ref: 'main', path: 'chart', updateDependencies: true }
}

test('an index that helm downloads for dependencies is ended by the quota, and leaves nothing', async () => {
  await withDependency(8 * mib, async ({ repository }) => {
    await withFetcher(
      async ({ fetch, directory }) => {
        const { code, message } = await failureOf(fetch(chartAt(repository)))
        assert.is(code, 'QuotaExceeded')
        assert.match(
          message,
          /^Cannot keep the indexes that the dependencies of the chart in "chart" of ".*" need: it needs more than the 4 MiB that one source may have of indexes/,
        )
        assert.is(await diskUsage(join(directory, 'cache/repositories')), 0)
      },
      { limits: { indexes: 8 * mib } },
    )
  })
})

test('indexes that helm keeps make room for others, also those of an earlier operator', async () => {
  await withDependency(2.5 * mib, async ({ repository, url }) => {
    await withFetcher(
      async ({ fetch, restart, directory, clock }) => {
        await fetch(chartAt(repository))
        const slots = join(directory, 'cache/repositories')
        assert.ok((await diskUsage(slots)) > 2.5 * mib)
        await restart()
        await clock.advance(60_000)
        for (const source of [url, `${url}?other`])
          await fetch({ kind: 'repository', url: source, name: 'sub', version: '1.0.0' })
        assert.is(await diskUsage(slots), 0)
      },
      { limits: { indexes: 7 * mib } },
    )
  })
})

test.run()
