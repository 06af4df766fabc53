// When is git asked for news, and is it known when it cannot be?
import { rename } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { pollMs, withGitChart } from '../helpers/gitfetch.ts'
import { withGitHttp } from '../helpers/gitserver.ts'
import { until } from '../helpers/until.ts'

const test = suite('news from git')

test('a commit that is announced while git is at work is not missed', async () => {
  await withGitChart(async ({ fetch, fetcher, repository, started }) => {
    const { url } = repository
    await fetch({ url })
    started()
    fetcher().expire()
    const running = fetch({ url })
    await until('git is at work', () => started().includes('fetch'))
    const second = await repository.commit({ 'README.md': 'news' })
    fetcher().expire()
    await running
    assert.is((await fetch({ url })).revision, second)
  })
})

test('it is known whether every repository was up to date when it was last looked at', async () => {
  await withGitChart(async ({ fetch, fetcher, repository, clock }) => {
    const { url, path } = repository
    assert.ok(fetcher().isUpToDate())
    await fetch({ url })
    assert.ok(fetcher().isUpToDate())
    await rename(path, `${path}.away`)
    fetcher().expire()
    await fetch({ url })
    assert.not.ok(fetcher().isUpToDate())
    await rename(`${path}.away`, path)
    await clock.advance(pollMs)
    await fetch({ url })
    assert.ok(fetcher().isUpToDate())
  })
})

test('all releases of a repository may expect news at the same time, and look for them once', async () => {
  await withGitChart(async ({ fetch, fetcher, repository, clock, started, restart }) => {
    const source = {
      ...({ kind: 'git', url: repository.url, ref: 'main', path: 'chart' } as const),
      updateDependencies: false,
    }
    const fetches = (): number => started().filter((command) => command === 'fetch').length
    const fetchAll = () =>
      Promise.all(
        Array.from({ length: 10 }, (_, n) => fetch({ ...source, path: `chart${'/'.repeat(n)}` })),
      )
    assert.is(fetcher().newsInMs(source), Infinity)
    await fetchAll()
    assert.is(fetcher().newsInMs({ ...source, path: 'other' }), pollMs)
    assert.is(fetches(), 1)
    await clock.advance(pollMs - 1_000)
    await fetchAll()
    assert.equal([fetcher().newsInMs(source), fetches()], [1_000, 0])
    await clock.advance(1_000)
    assert.is(fetcher().newsInMs(source), 0)
    await fetchAll()
    assert.equal([fetcher().newsInMs(source), fetches()], [pollMs, 1])
    await restart()
    await fetchAll()
    assert.is(fetches(), 1)
  })
})

test('a repository that is away when the operator starts again is served from the mirror', async () => {
  await withGitChart(async ({ fetch, fetcher, repository, clock, restart, messages }) => {
    const { url, path } = repository
    const before = await fetch({ url })
    await rename(path, `${path}.away`)
    await restart()
    assert.equal(await fetch({ url }), before)
    assert.equal(messages, ['warn git mirror is not up to date'])
    assert.not.ok(fetcher().isUpToDate())
    await rename(`${path}.away`, path)
    const second = await repository.commit({ 'README.md': 'news' })
    await clock.advance(pollMs)
    assert.is((await fetch({ url })).revision, second)
  })
})

test('a repository that cannot be fetched is no reason to look more often', async () => {
  await withGitChart(async ({ fetch, fetcher, repository, clock }) => {
    const { url, path } = repository
    const source = {
      kind: 'git',
      url,
      ref: 'main',
      path: 'chart',
      updateDependencies: false,
    } as const
    await fetch({ url })
    await rename(path, `${path}.away`)
    await clock.advance(pollMs)
    await fetch({ url })
    assert.is(fetcher().newsInMs(source), pollMs)
  })
})

test('other credentials are tried at once, however young the refusal of those before', async () => {
  await withGitChart(async ({ fetch, directory }) => {
    const as = (url: string, password: string) =>
      fetch({ url: `${url}/repository/.git` }, { access: { username: 'ann', password } })
    await withGitHttp(
      directory,
      async ({ url, requests }) => {
        const refused = async (): Promise<boolean> =>
          await as(url, 'wrong').then(
            () => false,
            () => true,
          )
        assert.ok(await refused())
        const asked = requests.length
        assert.ok(await refused())
        assert.is(requests.length, asked, 'the same ones are not')
        assert.is((await as(url, 'right')).chart.name, 'hello')
      },
      { password: 'right' },
    )
  })
})

test.run()
