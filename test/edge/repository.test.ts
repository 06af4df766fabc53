// Real HTTP, charts packed and indexed by the real helm.
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureAtHost } from '../helpers/failure.ts'
import { chartFiles, indexRepository, packChart, withRepository } from '../helpers/charts.ts'
import { minute, withCharts, withRepositoryFetcher } from '../helpers/repositoryfetch.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite('charts from HTTP repositories')

test('an archive is fetched, read and known by its digest', async () => {
  await withCharts(['hello 1.0.0'], async ({ fetch, server, served }) => {
    const artifact = await fetch(server.url, 'hello', '1.0.0')
    const archive = await readFile(join(served, 'hello-1.0.0.tgz'))
    assert.equal(await readFile(artifact.path), archive)
    assert.match(artifact.digest, /^sha256:[0-9a-f]{64}$/)
    assert.is(artifact.revision, '1.0.0')
    assert.equal(artifact.chart.values, { greeting: 'hello' })
    assert.is(artifact.exportRoot, undefined)
    assert.is((await stat(artifact.path)).mode & 0o777, 0o600)
  })
})

test('a range takes the highest version, a trailing slash and a query make no difference', async () => {
  await withCharts(['hello 1.0.0', 'hello 1.2.0', 'hello 2.0.0'], async ({ fetch, server }) => {
    assert.is((await fetch(`${server.url}/`, 'hello', '~1')).revision, '1.2.0')
    assert.is((await fetch(`${server.url}?q=1`, 'hello', '>=1')).revision, '2.0.0')
    assert.ok(server.requests.includes('GET /index.yaml?q=1'))
    assert.ok(server.requests.includes('GET /hello-2.0.0.tgz?q=1'))
  })
})

test('with and without a trailing slash it is the same repository', async () => {
  await withCharts(['hello 1.0.0'], async ({ fetch, server }) => {
    const { path } = await fetch(server.url, 'hello', '1.0.0')
    assert.is((await fetch(`${server.url}/`, 'hello', '1.0.0')).path, path)
    assert.equal(server.requests, ['GET /index.yaml', 'GET /hello-1.0.0.tgz'])
  })
})

test('a hundred releases share one index and one archive', async () => {
  await withCharts(['hello 1.0.0', 'other 1.0.0'], async ({ fetch, server }) => {
    const names = Array.from({ length: 100 }, (_, index) => (index % 2 ? 'hello' : 'other'))
    await Promise.all(names.map((name) => fetch(server.url, name, '1.0.0')))
    assert.equal([...server.requests].sort(), [
      'GET /hello-1.0.0.tgz',
      'GET /index.yaml',
      'GET /other-1.0.0.tgz',
    ])
  })
})

test('nothing is asked for while the index is fresh, and only for changes afterwards', async () => {
  await withCharts(['hello 1.0.0'], async ({ fetch, server, clock, restart }) => {
    const first = await fetch(server.url, 'hello', '1.0.0')
    assert.is(await fetch(server.url, 'hello', '1.0.0'), first)
    assert.is(server.requests.length, 2)
    await clock.advance(minute)
    await fetch(server.url, 'hello', '1.0.0')
    assert.is(server.requests.length, 3)
    assert.is(typeof server.headers()['if-none-match'], 'string')
    await restart()
    assert.equal(await fetch(server.url, 'hello', '1.0.0'), first)
    assert.equal(server.requests.slice(3), ['GET /index.yaml'])
    assert.is(typeof server.headers()['if-none-match'], 'string')
  })
})

test('a new version is found as soon as it is asked for', async () => {
  await withCharts(['hello 1.0.0'], async ({ fetch, server, clock, served }) => {
    await fetch(server.url, 'hello', '1.0.0')
    const chart = { name: 'hello', version: '1.1.0' }
    await packChart(served, chartFiles('hello', '1.1.0'), chart)
    await indexRepository(served)
    await clock.advance(6_000)
    assert.is((await fetch(server.url, 'hello', '1.1.0')).revision, '1.1.0')
  })
})

test('a version that was published again is another artifact, also while the old index is fresh', async () => {
  await withCharts(['hello 1.0.0'], async ({ fetch, server, served, clock, restart }) => {
    const republish = async (greeting: string): Promise<void> => {
      const files = chartFiles('hello', '1.0.0', { 'values.yaml': `greeting: ${greeting}\n` })
      await packChart(served, files, { name: 'hello', version: '1.0.0' })
      await indexRepository(served)
    }
    const first = await fetch(server.url, 'hello', '1.0.0')
    await republish('again')
    await clock.advance(minute)
    const second = await fetch(server.url, 'hello', '1.0.0')
    assert.equal(second.chart.values, { greeting: 'again' })
    assert.not.equal(second.digest, first.digest)
    // The index in memory says one digest, the archive has another by now.
    await restart()
    await republish('and again')
    await rm(second.path)
    await clock.advance(6_000)
    assert.equal((await fetch(server.url, 'hello', '1.0.0')).chart.values, {
      greeting: 'and again',
    })
  })
})

test('an archive that no index promises is taken as Helm takes it, once, and the log says so', async () => {
  await withCharts(['hello 1.0.0'], async ({ fetch, server, served, messages, clock }) => {
    const index = await readFile(join(served, 'index.yaml'), 'utf8')
    const wrong = index.replace(/digest: .*/, `digest: ${'ab'.repeat(32)}`)
    await writeFile(join(served, 'index.yaml'), wrong)
    const first = await fetch(server.url, 'hello', '1.0.0')
    await clock.advance(minute)
    assert.is(await fetch(server.url, 'hello', '1.0.0'), first)
    assert.equal(messages, ['warn archive is not what its index promises'])
    const archives = server.requests.filter((line) => line.endsWith('.tgz'))
    assert.is(archives.length, 2, 'again without its digest, but not at every turn')
  })
})

test('an archive that cannot be read is refused, and not kept', async () => {
  await withCharts(['hello 1.0.0'], async ({ fetch, server, served, directory }) => {
    await truncate(join(served, 'hello-1.0.0.tgz'), 100)
    assert.equal(await failureAtHost(fetch(server.url, 'hello', '1.0.0')), {
      code: 'ChartInvalid',
      message: 'Cannot read chart "hello" 1.0.0: the archive is cut off',
    })
    assert.equal(await readdir(join(directory, 'archives')), [])
  })
})

test('a repository that goes down does not disturb who knows its index', async () => {
  await withRepositoryFetcher(async ({ fetch, directory, clock, messages }) => {
    const served = join(directory, 'served')
    const url = await withRepository(served, ['hello 1.0.0'], async (server) => {
      await fetch(server.url, 'hello', '1.0.0')
      return server.url
    })
    for (let round = 0; round < 3; round++) {
      await clock.advance(minute)
      assert.is((await fetch(url, 'hello', '1.0.0')).revision, '1.0.0')
    }
    assert.equal(messages, ['warn repository index is not up to date'])
    assert.equal(await failureAtHost(fetch(url, 'hello', '2.0.0')), {
      code: 'ChartVersionNotFound',
      message:
        'Cannot find version "2.0.0" of chart "hello" in repository "http://HOST/": no version matches; did you mean "1.0.0"?',
    })
  })
})

test('a repository that is down is told by all, and asked by one', async () => {
  await withRepositoryFetcher(async ({ fetch, clock }) => {
    const url = await withWebServer(
      () => {},
      (server) => Promise.resolve(server.url),
    )
    const failures = await Promise.all(
      [1, 2].map(() => failureAtHost(fetch(url, 'hello', '1.0.0'))),
    )
    const expected = {
      code: 'RepositoryUnreachable',
      message: 'Cannot read the index of repository "http://HOST/": "HOST" refuses connections',
    }
    assert.equal(failures, [expected, expected])
    await withWebServer(
      (_, response) => response.writeHead(503).end(),
      async (server) => {
        await failureAtHost(fetch(server.url, 'hello', '1.0.0'))
        await failureAtHost(fetch(server.url, 'hello', '1.0.0'))
        assert.is(server.requests.length, 1)
        await clock.advance(10_000)
        await failureAtHost(fetch(server.url, 'hello', '1.0.0'))
        assert.is(server.requests.length, 2)
      },
    )
  })
})

test('what is not on offer is told with what is', async () => {
  await withCharts(['hello 1.0.0', 'hello 1.1.0-rc.1'], async ({ fetch, server }) => {
    for (const [name, version, message] of [
      ['helo', '1.0.0', 'chart "helo" in REPOSITORY: it is not there; did you mean "hello"?'],
      ['nginx', '1.0.0', 'chart "nginx" in REPOSITORY: it is not there'],
      ['hello', '^2', 'VERSION: no version matches; the newest is "1.0.0"'],
      ['hello', '1.1.0-rc.2', 'VERSION: no version matches; did you mean "1.1.0-rc.1"?'],
      ['hello', 'newest', 'VERSION: there is none, and it is no constraint; the newest is "1.0.0"'],
    ] as const) {
      const repository = 'repository "http://HOST/"'
      const wanted = message
        .replace('VERSION', `version "${version}" of chart "${name}" in REPOSITORY`)
        .replace('REPOSITORY', repository)
      assert.is(
        (await failureAtHost(fetch(server.url, name, version))).message,
        `Cannot find ${wanted}`,
      )
    }
  })
})

const answers: readonly [string, number, string, string, string][] = [
  ['answers 404', 404, 'Not Found', 'RepositoryIndexInvalid', 'there is none at this URL (404)'],
  [
    'answers 401',
    401,
    'who are you',
    'RepositoryRefused',
    'the server wants credentials (401); name a Secret with "username" and "password"',
  ],
  ['answers 500', 500, 'oops', 'RepositoryUnreachable', 'the server answers 500'],
  [
    'serves HTML',
    200,
    '<!DOCTYPE html><html></html>',
    'RepositoryIndexInvalid',
    'it is a web page; check the URL',
  ],
  [
    'serves something else',
    200,
    '{"error": 1}',
    'RepositoryIndexInvalid',
    'it has no "entries"; check the URL',
  ],
]
for (const [situation, status, body, code, state] of answers) {
  test(`a repository that ${situation} is ${code}`, async () => {
    await withRepositoryFetcher(async ({ fetch }) => {
      await withWebServer(
        (_, response) => response.writeHead(status).end(body),
        async ({ url }) => {
          assert.equal(await failureAtHost(fetch(url, 'hello', '1.0.0')), {
            code,
            message: `Cannot read the index of repository "http://HOST/": ${state}`,
          })
        },
      )
    })
  })
}

test.run()
