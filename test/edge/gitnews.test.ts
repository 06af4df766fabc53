// When is git asked for news, and is it known when it cannot be?
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chartFiles } from '../helpers/charts.ts'
import { pollMs, withGitFetcher, type GitFetching } from '../helpers/gitfetch.ts'
import { below, createRepository, type GitRepository } from '../helpers/gitserver.ts'
import { until } from '../helpers/until.ts'

const test = suite('news from git')

async function withChart<T>(
  use: (all: GitFetching & { repository: GitRepository }) => Promise<T>,
): Promise<T> {
  return await withGitFetcher(async (fetching) => {
    const repository = await createRepository(join(fetching.directory, 'repository'))
    await repository.commit(below('chart', chartFiles('hello', '1.0.0')))
    return await use({ ...fetching, repository })
  })
}

test('a commit that is announced while git is at work is not missed', async () => {
  await withChart(async ({ fetch, fetcher, repository, started }) => {
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
  await withChart(async ({ fetch, fetcher, repository, clock }) => {
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

test.run()
