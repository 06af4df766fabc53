// All kinds of sources through one door, with credentials from Secrets of a cluster.
import { Buffer } from 'node:buffer'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ChartSource } from '../../lib/model/source.ts'
import { deadlineMs } from '../helpers/deadline.ts'
import { failureAtHost } from '../helpers/failure.ts'
import { chartFiles, indexRepository, packChart, withRepository } from '../helpers/charts.ts'
import { withFetcher } from '../helpers/fetching.ts'
import { below, createRepository, withGitHttp } from '../helpers/gitserver.ts'
import { selfSigned } from '../helpers/certificate.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite('fetcher')

function chartAt(url: string, over: object = {}): ChartSource {
  return { kind: 'repository', url, name: 'hello', version: '1.0.0', ...over }
}

function chartIn(url: string, over: object = {}): ChartSource {
  return { kind: 'git', url, ref: 'main', path: 'chart', updateDependencies: false, ...over }
}

test('charts from a repository and from git, and no program but git is started', async () => {
  await withFetcher(async ({ fetch, directory, programs }) => {
    await withRepository(join(directory, 'served'), ['hello 1.0.0'], async ({ url }) => {
      assert.is((await fetch(chartAt(url))).chart.name, 'hello')
    })
    assert.equal(programs(), [])
    const repository = await createRepository(join(directory, 'repository'))
    await repository.commit(below('chart', chartFiles('hello', '1.0.0')))
    assert.is((await fetch(chartIn(repository.url))).chart.name, 'hello')
    assert.equal(new Set(programs()), new Set(['git']))
  })
})

test('a repository that wants a password gets that of the Secret, rotated or not', async () => {
  await withFetcher(async ({ fetch, directory, secret, clock }) => {
    const served = join(directory, 'served')
    await packChart(served, chartFiles('hello', '1.0.0'), { name: 'hello', version: '1.0.0' })
    await indexRepository(served)
    const expected = `Basic ${Buffer.from('ann:hunter2').toString('base64')}`
    await withWebServer(
      (request, response) => {
        if (request.headers.authorization !== expected) return response.writeHead(401).end()
        void readFile(join(served, request.url!)).then((content) => response.end(content))
      },
      async ({ url }) => {
        assert.equal(await failureAtHost(fetch(chartAt(url))), {
          code: 'RepositoryRefused',
          message:
            'Cannot read the index of repository "http://HOST/": the server wants credentials (401); name a Secret with "username" and "password"',
        })
        const wrong = await secret('wrong', { username: 'ann', password: 'x' })
        assert.match(
          (await failureAtHost(fetch(chartAt(url, { secretRef: wrong })))).message,
          /the server refuses these credentials \(401\)$/,
        )
        const secretRef = await secret('right', { username: 'ann', password: 'hunter2' })
        await clock.advance(20_000)
        assert.is((await fetch(chartAt(url, { secretRef }))).chart.name, 'hello')
      },
    )
  })
})

test('a repository with certificates of its own is believed, and shown ours', async () => {
  const [server, ours] = [selfSigned('server'), selfSigned('ours')]
  await withFetcher(async ({ fetch, directory, secret }) => {
    const served = join(directory, 'served')
    await packChart(served, chartFiles('hello', '1.0.0'), { name: 'hello', version: '1.0.0' })
    await indexRepository(served)
    await withWebServer(
      ({ url }, response) =>
        void readFile(join(served, url!)).then((content) => response.end(content)),
      async ({ url }) => {
        assert.match(
          (await failureAtHost(fetch(chartAt(url)))).message,
          /is not trusted; name a Secret with its CA in "ca.crt"$/,
        )
        const secretRef = await secret('tls', {
          'ca.crt': server.cert,
          'tls.crt': ours.cert,
          'tls.key': ours.key,
        })
        assert.is((await fetch(chartAt(url, { secretRef }))).chart.name, 'hello')
      },
      { ...server, clientCa: ours.cert },
    )
  })
})

test('a git repository gets the password of the Secret, or of its URL', async () => {
  await withFetcher(async ({ fetch, directory, secret, args }) => {
    const repository = await createRepository(join(directory, 'served/repository'))
    await repository.commit(below('chart', chartFiles('hello', '1.0.0')))
    await withGitHttp(
      join(directory, 'served'),
      async ({ url }) => {
        const at = `${url}/repository/.git`
        assert.is((await failureAtHost(fetch(chartIn(at)))).code, 'GitRefused')
        const secretRef = await secret('git', { username: 'ann', password: 'hunter2' })
        assert.is((await fetch(chartIn(at, { secretRef }))).chart.name, 'hello')
        const withUser = at.replace('://', '://ann:hunter2@')
        assert.is((await fetch(chartIn(withUser))).chart.name, 'hello')
        assert.not.ok(args().some((one) => one.includes('hunter2')))
      },
      { password: 'hunter2' },
    )
  })
})

test('everything is fetched again when somebody has cleaned up', async () => {
  await withFetcher(async ({ fetch, directory }) => {
    const repository = await createRepository(join(directory, 'repository'))
    await repository.commit(below('chart', chartFiles('hello', '1.0.0')))
    const charts = ['hello 1.0.0', 'hello 1.1.0', 'other 1.0.0']
    await withRepository(join(directory, 'served'), charts, async ({ url }) => {
      const fetchAll = async (): Promise<void> => {
        assert.is((await fetch(chartAt(url))).chart.version, '1.0.0')
        const { path } = await fetch(chartIn(repository.url))
        await readFile(join(path, 'Chart.yaml'))
      }
      await fetchAll()
      for (const part of ['cache', 'cache/git', 'cache/charts', 'cache/indexes']) {
        await rm(join(directory, part), { recursive: true, force: true })
        await fetchAll()
      }
      await rm(join(directory, 'cache'), { recursive: true })
      assert.is((await fetch(chartAt(url, { version: '1.1.0' }))).chart.version, '1.1.0')
      assert.is((await fetch(chartAt(url, { name: 'other' }))).chart.name, 'other')
      assert.is((await stat(join(directory, 'cache'))).mode & 0o777, 0o700)
    })
  })
})

test('a Secret that does not exist is said to be missing', async () => {
  await withFetcher(async ({ fetch }) => {
    const secretRef = { namespace: 'default', name: 'nosuch' }
    const expected = {
      code: 'ChartSourceInvalid',
      message:
        'Cannot read the chart\'s credentials: Secret "nosuch" in namespace "default" does not exist',
    }
    assert.equal(await failureAtHost(fetch(chartAt('http://127.0.0.1:1', { secretRef }))), expected)
    assert.equal(await failureAtHost(fetch(chartIn('http://127.0.0.1:1', { secretRef }))), expected)
  })
})

for (const [what, source] of [
  ['an option', chartIn('--upload-pack=touch /tmp/x')],
  ['two lines', chartIn('https://x.test/\n[core]')],
  ['no URL', chartAt('charts')],
  ['empty', chartAt('')],
] as const) {
  test(`a URL that is ${what} is refused`, async () => {
    await withFetcher(async ({ fetch }) => {
      const { code, message } = await failureAtHost(fetch(source))
      assert.is(code, 'ChartSourceInvalid')
      assert.match(message, /: it is no URL$/)
    })
  })
}

test('an index of sixty megabytes is one index among others', async () => {
  await withFetcher(async ({ fetch, directory, programs }) => {
    const served = join(directory, 'served')
    await packChart(served, chartFiles('hello', '1.0.0'), { name: 'hello', version: '1.0.0' })
    await indexRepository(served)
    const index = await readFile(join(served, 'index.yaml'), 'utf8')
    const [head = '', tail = ''] = index.split(/^(?=  hello:)/m)
    const filler = Buffer.from(tail.replace(/^generated.*\n/m, '').repeat(1))
    await withWebServer(
      async ({ url }, response) => {
        if (url !== '/index.yaml') return void response.end(await readFile(join(served, url ?? '')))
        response.write(head)
        for (let bytes = 0, chart = 0; bytes < 60_000_000; bytes += filler.length * 100, chart++) {
          const block = Array(100)
            .fill(filler.toString().replace(/^  hello:\n/, ''))
            .join('')
          if (!response.write(`  chart-${chart}:\n${block}`))
            await new Promise((resolve) => response.once('drain', resolve))
        }
        response.end(tail)
      },
      async ({ url, requests }) => {
        const startedAt = performance.now()
        assert.is((await fetch(chartAt(url))).chart.name, 'hello')
        assert.ok(performance.now() - startedAt < deadlineMs(30_000))
        const { message } = await failureAtHost(fetch(chartAt(url, { name: 'helo' })))
        assert.match(message, /: it is not there; did you mean "hello"\?$/)
        assert.is(requests.filter((line) => line.endsWith('index.yaml')).length, 1)
      },
    )
    assert.equal(programs(), [])
  })
})

for (const [what, source] of [
  ['a repository', chartAt('http://169.254.169.254/charts')],
  ['a repository in another spelling', chartAt('http://[::ffff:169.254.169.254]/charts')],
  ['a registry', chartAt('oci://169.254.169.254/charts')],
  ['git over HTTPS', chartIn('https://169.254.169.254/repository.git')],
  ['git over SSH', chartIn('ssh://git@169.254.169.254/repository.git')],
  ['git in its short form', chartIn('git@169.254.169.254:repository.git')],
  ['git by its own protocol', chartIn('git://0xa9fea9fe/repository.git')],
] as const)
  test(`the metadata service of a cloud is never asked by ${what}`, async () => {
    await withFetcher(async ({ fetch, programs }) => {
      const { code, message } = await failureAtHost(fetch(source))
      assert.is(code, source.kind === 'git' ? 'GitRefused' : 'RepositoryRefused')
      assert.match(message, 'is link-local or a metadata service')
      assert.match(message, '--allow-address')
      assert.equal(programs(), [])
    })
  })

test('a repository cannot lead to the metadata service of a cloud by a redirect', async () => {
  await withFetcher(async ({ fetch }) => {
    await withWebServer(
      (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/x' }).end(),
      async ({ url }) => {
        const { message } = await failureAtHost(fetch(chartAt(url)))
        assert.match(message, 'is link-local or a metadata service')
      },
    )
  })
})

test('a chart in git cannot have helm ask the metadata service for its dependencies', async () => {
  await withFetcher(async ({ fetch, directory, programs }) => {
    const repository = await createRepository(join(directory, 'repository'))
    const dependency = { name: 'x', version: '1.0.0', repository: 'http://169.254.169.254/charts' }
    const metadata = { apiVersion: 'v2', name: 'web', version: '1.0.0', dependencies: [dependency] }
    await repository.commit({ 'chart/Chart.yaml': JSON.stringify(metadata) })
    const source = chartIn(repository.url, { updateDependencies: true })
    const { code, message } = await failureAtHost(fetch(source))
    assert.is(code, 'DependencyUpdateFailed')
    assert.match(message, 'is link-local or a metadata service')
    assert.equal(new Set(programs()), new Set(['git']))
  })
})

test.run()
