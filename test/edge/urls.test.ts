// URLs as people write them: with users in them, with passwords of odd characters, and in indexes that others made.
import { Buffer } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ChartSource } from '../../lib/model/source.ts'
import { chartFiles, packChart } from '../helpers/charts.ts'
import { failureAtHost } from '../helpers/failure.ts'
import { withFetcher } from '../helpers/fetching.ts'
import { below, createRepository, withGitHttp } from '../helpers/gitserver.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite('odd URLs')

function chartIn(url: string, over: object = {}): ChartSource {
  return { kind: 'git', url, ref: 'main', path: 'chart', updateDependencies: false, ...over }
}

async function failure(promise: Promise<unknown>): Promise<string> {
  const { code, message } = await failureAtHost(promise)
  return `${code}: ${message}`
}

test('a user in the URL of a git repository gives way to that of the Secret', async () => {
  await withFetcher(async ({ fetch, directory, secret }) => {
    const repository = await createRepository(join(directory, 'Served/Repository'))
    await repository.commit(below('chart', chartFiles('hello', '1.0.0')))
    await withGitHttp(
      join(directory, 'Served'),
      async ({ url, requests }) => {
        const secretRef = await secret('git', { username: 'ann', password: 'hunter2' })
        const at = `${url}/Repository/.git`.replace('://', '://example@')
        assert.is((await fetch(chartIn(at, { secretRef }))).chart.name, 'hello')
        assert.ok(
          requests.every((line) => line.includes('/Repository/')),
          'upper case stays',
        )
      },
      { password: 'hunter2' },
    )
  })
})

test('an empty password in the URL of a git repository is one, and the user in front of it shows nowhere', async () => {
  await withFetcher(async ({ fetch, directory, args }) => {
    const repository = await createRepository(join(directory, 'served/repository'))
    await repository.commit(below('chart', chartFiles('hello', '1.0.0')))
    await withGitHttp(
      join(directory, 'served'),
      async ({ url }) => {
        const at = `${url}/repository/.git`.replace('://', '://ann:@')
        assert.is((await fetch(chartIn(at))).chart.name, 'hello')
        assert.not.ok(args().some((one) => one.includes('ann')))
      },
      { password: '' },
    )
  })
})

test('a password of odd characters in a URL is used, or refused with what to write instead', async () => {
  await withFetcher(async ({ fetch, directory }) => {
    const archive = await packChart(join(directory, 'served'), chartFiles('hello', '1.0.0'), {
      ...{ name: 'hello', version: '1.0.0' },
    })
    const index = { hello: [{ name: 'hello', version: '1.0.0', urls: ['hello.tgz'] }] }
    const seen = new Set<string>()
    await withWebServer(
      ({ url, headers }, response) => {
        seen.add(Buffer.from(headers.authorization?.slice(6) ?? '', 'base64').toString())
        if (url === '/index.yaml')
          response.end(JSON.stringify({ apiVersion: 'v1', entries: index }))
        else if (url === '/hello.tgz')
          void readFile(archive).then((content) => response.end(content))
        else response.writeHead(404).end()
      },
      async ({ url }) => {
        const chart = { kind: 'repository', name: 'hello', version: '1.0.0' } as const
        const withUser = (user: string): string => url.replace('://', `://${user}@`)
        for (const password of ['50%off', 'p@ss', 'p%2Fss'])
          await fetch({ ...chart, url: withUser(`ann:${password}`) })
        assert.equal([...seen], ['ann:50%off', 'ann:p@ss', 'ann:p/ss'])
        const refused =
          'ChartSourceInvalid: Cannot fetch a chart from "http://HOST": it is no URL; write "/", "?" and "#" in a password as %2F, %3F and %23'
        assert.is(await failure(fetch({ ...chart, url: withUser('ann:p/ss') })), refused)
        assert.is(await failure(fetch(chartIn(withUser('ann:p/ss')))), refused)
        const wrong = await failure(fetch(chartIn(withUser('ann:p@ss'))))
        assert.match(wrong, /^Git\w+: Cannot fetch "http:\/\/HOST": /)
      },
    )
  })
})

test('of several URLs in an index, those that are none or lead nowhere are passed over', async () => {
  await withFetcher(async ({ fetch, directory }) => {
    const archive = await packChart(join(directory, 'served'), chartFiles('hello', '1.0.0'), {
      ...{ name: 'hello', version: '1.0.0' },
    })
    const urls = ['http://[', 'http://127.0.0.1:1/hello.tgz', '../up/hello.tgz']
    await withWebServer(
      ({ url }, response) => {
        const some = url!.startsWith('/none') ? urls.slice(0, 1) : urls
        const entries = { hello: [{ name: 'hello', version: '1.0.0', urls: some }] }
        if (url!.endsWith('/index.yaml')) response.end(JSON.stringify({ entries }))
        else if (url === '/up/hello.tgz')
          void readFile(archive).then((content) => response.end(content))
        else response.writeHead(404).end()
      },
      async ({ url }) => {
        const chart = { kind: 'repository', name: 'hello', version: '1.0.0' } as const
        assert.is((await fetch({ ...chart, url: `${url}/charts` })).chart.name, 'hello')
        assert.is(
          await failure(fetch({ ...chart, url: `${url}/none` })),
          'ChartInvalid: Cannot fetch chart "hello" 1.0.0: its URL in the repository\'s index is none',
        )
      },
    )
  })
})

test.run()
