// Real git: what is fetched, when, and what is said when it cannot be.
import { lstat, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ReconcileError } from '../../lib/model/errors.ts'
import { chartFiles } from '../helpers/charts.ts'
import { pollMs, withGitFetcher, type GitFetching } from '../helpers/gitfetch.ts'
import { below, createRepository, type GitRepository } from '../helpers/gitserver.ts'

const test = suite('charts from git')

async function withChart<T>(
  use: (all: GitFetching & { repository: GitRepository; first: string }) => Promise<T>,
): Promise<T> {
  return await withGitFetcher(async (fetching) => {
    const repository = await createRepository(join(fetching.directory, 'repository'))
    const first = await repository.commit(below('chart', chartFiles('hello', '1.0.0')))
    return await use({ ...fetching, repository, first })
  })
}

async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await promise
  } catch (error) {
    const { code, message } = error as ReconcileError
    return { code, message: message.replace(/"(file|https?|ssh):\/\/[^"]*"/, 'URL') }
  }
  throw new Error('nothing was thrown')
}

test('a chart is exported, read and known by its content', async () => {
  await withChart(async ({ fetch, repository: { url }, first }) => {
    const artifact = await fetch({ url })
    assert.is(artifact.revision, first)
    assert.match(artifact.digest, /^sha256:[0-9a-f]{64}$/)
    assert.is(artifact.chart.version, '1.0.0')
    assert.match(await readFile(join(artifact.path, 'Chart.yaml'), 'utf8'), /name: hello/)
    assert.is(artifact.path, join(artifact.exportRoot!, 'chart'))
  })
})

for (const path of ['chart/', './chart', 'a/../chart', '/chart'])
  test(`path "${path}" is the same chart`, async () => {
    await withChart(async ({ fetch, repository: { url } }) => {
      assert.is((await fetch({ url, path })).digest, (await fetch({ url })).digest)
    })
  })

test('branch, tag, short commit, expression, full ref and pull request all mean a commit', async () => {
  await withChart(async ({ fetch, repository: { url, git }, first }) => {
    await git('tag', 'light')
    await git('tag', '--annotate', '--message=x', 'v1.0')
    await git('update-ref', 'refs/pull/1/head', first)
    await git('branch', 'feature/x')
    const refs = ['main', 'light', 'v1.0', first, first.slice(0, 7), 'main^{}', 'refs/heads/main']
    for (const ref of [...refs, 'heads/main', 'feature/x', 'refs/pull/1/head', 'pull/1/head'])
      assert.is((await fetch({ url, ref })).revision, first, ref)
  })
})

test('one mirror serves all refs and paths of a URL, and each Secret has one of its own', async () => {
  await withChart(async ({ fetch, directory, repository: { url, git } }) => {
    const mirrors = async (): Promise<number> => (await readdir(join(directory, 'git'))).length
    await git('branch', 'other')
    await fetch({ url })
    await fetch({ url, ref: 'other' })
    assert.is(await mirrors(), 1)
    await fetch({ url, secretRef: { namespace: 'n', name: 's' } })
    await fetch({ url, ref: 'other', secretRef: { namespace: 'n', name: 's' } })
    assert.is(await mirrors(), 2)
    await fetch({ url, secretRef: { namespace: 'other', name: 's' } })
    assert.is(await mirrors(), 3, 'of the same name in another namespace')
    await fetch({ url, secretRef: { namespace: 'n', name: 't' } })
    assert.is(await mirrors(), 4)
  })
})

test('HEAD is what the repository calls its default branch, and follows it', async () => {
  await withChart(async ({ fetch, fetcher, repository, first }) => {
    const { url, git } = repository
    await git('branch', 'HEADS', first)
    const second = await repository.commit({ 'chart/values.yaml': 'greeting: hi\n' })
    await git('tag', 'pulled')
    await git('update-ref', 'refs/pull/1/head', second)
    const means = async (refs: Record<string, string>): Promise<void> => {
      for (const [ref, commit] of Object.entries(refs))
        assert.is((await fetch({ url, ref })).revision, commit, ref)
    }
    await means({
      'HEAD~1': first,
      HEAD: second,
      '@': second,
      '@~1': first,
      'HEAD^{commit}': second,
    })
    await means({ 'main~1': first, 'pulled^': first, 'pull/1/head~1': first, HEADS: first })
    await git('checkout', '--quiet', '-b', 'trunk')
    const third = await repository.commit({ 'chart/values.yaml': 'greeting: bye\n' })
    fetcher().expire()
    await means({ HEAD: third, 'HEAD~1': second, main: second })
  })
})

test('a repository that loses its default branch goes on serving its other branches', async () => {
  await withChart(async ({ fetch, fetcher, repository, first }) => {
    const { url, git } = repository
    await fetch({ url, ref: 'HEAD' })
    await git('symbolic-ref', 'HEAD', 'refs/heads/gone')
    await git('branch', 'late', first)
    fetcher().expire()
    assert.is((await fetch({ url, ref: 'late' })).revision, first)
    const { code, message } = await failure(fetch({ url, ref: 'HEAD' }))
    assert.is(code, 'GitRefNotFound')
    assert.match(message, /Cannot find "HEAD" in URL/)
  })
})

test('a commit that no branch leads to is found', async () => {
  await withChart(async ({ fetch, repository, first }) => {
    await repository.commit({ 'chart/values.yaml': 'greeting: hi\n' })
    await repository.git('reset', '--quiet', '--hard', first)
    const orphan = await repository.git('rev-parse', 'ORIG_HEAD')
    const { chart } = await fetch({ url: repository.url, ref: orphan })
    assert.equal(chart.values, { greeting: 'hi' })
  })
})

test('an empty ref means the default ref', async () => {
  await withChart(async ({ fetch, repository: { url, git }, first }) => {
    await git('branch', 'master')
    assert.is((await fetch({ url, ref: '' })).revision, first)
  })
})

test('nothing is started while nothing can have changed, whatever the number of releases', async () => {
  await withChart(async ({ fetch, started, repository: { url }, clock }) => {
    await Promise.all(Array.from({ length: 20 }, () => fetch({ url })))
    const commands = started()
    assert.is(commands.filter((command) => command === 'fetch').length, 1)
    assert.is(commands.filter((command) => command === 'read-tree').length, 1)
    await clock.advance(pollMs - 1)
    await fetch({ url })
    assert.equal(started(), [])
    await clock.advance(1)
    await fetch({ url })
    assert.equal(started(), ['fetch', 'for-each-ref'])
  })
})

test('a commit is noticed at the next poll, or at once when told to look', async () => {
  await withChart(async ({ fetch, fetcher, repository, clock, first }) => {
    const { url } = repository
    const before = await fetch({ url })
    const second = await repository.commit({ 'chart/values.yaml': 'greeting: hi\n' })
    assert.is((await fetch({ url })).revision, first)
    await clock.advance(pollMs)
    const after = await fetch({ url })
    assert.is(after.revision, second)
    assert.not.equal(after.digest, before.digest)
    const third = await repository.commit({ 'chart/values.yaml': 'greeting: hey\n' })
    fetcher().expire()
    assert.is((await fetch({ url })).revision, third)
  })
})

test('a commit elsewhere is a new revision of the same content, and exports nothing', async () => {
  await withChart(async ({ fetch, fetcher, repository, started }) => {
    const { url } = repository
    const before = await fetch({ url })
    const second = await repository.commit({ 'README.md': 'news' })
    fetcher().expire()
    started()
    const after = await fetch({ url })
    assert.equal([after.revision, after.digest, after.path], [second, before.digest, before.path])
    assert.not.ok(started().includes('read-tree'))
  })
})

test('a ref that was just pushed is found, and a branch that was rewritten is followed', async () => {
  await withChart(async ({ fetch, fetcher, repository, clock, first }) => {
    const { url, git } = repository
    await fetch({ url })
    await git('branch', 'late')
    await clock.advance(6_000)
    assert.is((await fetch({ url, ref: 'late' })).revision, first)
    await git('commit', '--quiet', '--amend', '--message=other')
    fetcher().expire()
    assert.is((await fetch({ url })).revision, await git('rev-parse', 'HEAD'))
  })
})

test('a repository that goes away is served from the mirror', async () => {
  await withChart(async ({ fetch, repository, clock, messages, first }) => {
    const { url, path } = repository
    await fetch({ url })
    await rm(path, { recursive: true })
    for (let round = 0; round < 3; round++) {
      await clock.advance(pollMs)
      assert.is((await fetch({ url })).revision, first)
    }
    assert.equal(messages, ['warn git mirror is not up to date'])
  })
})

test('a restart takes the mirror over, locks of the dead and all', async () => {
  await withChart(async ({ fetch, repository, directory, restart, started }) => {
    const { url } = repository
    const before = await fetch({ url })
    const second = await repository.commit({ 'chart/values.yaml': 'greeting: hi\n' })
    const [mirror] = await readdir(join(directory, 'git'))
    await writeFile(join(directory, 'git', mirror!, 'refs/heads/main.lock'), '')
    await restart()
    started()
    const after = await fetch({ url })
    assert.is(after.revision, second)
    assert.not.ok(started().includes('init'))
    assert.not.equal(after.path, before.path)
  })
})

test('a mirror that is beyond repair is made anew', async () => {
  await withChart(async ({ fetch, repository: { url }, directory, restart, first }) => {
    await fetch({ url })
    const [mirror] = await readdir(join(directory, 'git'))
    await writeFile(join(directory, 'git', mirror!, 'config'), '[core\n')
    await restart()
    assert.is((await fetch({ url })).revision, first)
  })
})

test('files beside the chart are exported for those who ask, and are no part of its digest', async () => {
  await withChart(async ({ fetch, fetcher, repository }) => {
    const { url } = repository
    await repository.commit({ 'values/prod.yaml': 'a: 1\n', 'values/dev.yaml': 'a: 0\n' })
    const files = ['../values/prod.yaml', '../values/nosuch.yaml', '../../outside', 'values.yaml']
    const before = await fetch({ url }, { files })
    assert.equal(await readdir(join(before.exportRoot!, 'values')), ['prod.yaml'])
    await repository.commit({ 'values/prod.yaml': 'a: 2\n' })
    fetcher().expire()
    const after = await fetch({ url }, { files })
    assert.is(await readFile(join(after.path, files[0]!), 'utf8'), 'a: 2\n')
    assert.is(after.digest, before.digest)
    assert.is((await fetch({ url })).digest, before.digest)
  })
})

test('links inside of the repository are followed, others refused', async () => {
  await withChart(async ({ fetch, fetcher, repository }) => {
    const { url, path, git } = repository
    await symlink('../../common/extra.yaml', join(path, 'chart/templates/extra.yaml'))
    await repository.commit({ 'common/extra.yaml': 'extra: 1\n' })
    const before = await fetch({ url })
    assert.ok('templates/extra.yaml' in before.chart.templates)
    await repository.commit({ 'common/extra.yaml': 'extra: 2\n' })
    fetcher().expire()
    const after = await fetch({ url })
    assert.not.equal(after.digest, before.digest)
    assert.not.equal(after.chart.templates, before.chart.templates)
    assert.ok((await lstat(join(after.path, 'templates/extra.yaml'))).isSymbolicLink())
    for (const target of ['/etc/passwd', '../../../../etc/passwd']) {
      await git('rm', '--quiet', '--force', '--', 'chart/templates/extra.yaml')
      await symlink(target, join(path, 'chart/templates/extra.yaml'))
      await repository.commit({})
      fetcher().expire()
      assert.equal(await failure(fetch({ url })), {
        code: 'ChartInvalid',
        message:
          'Cannot use the chart in "chart": its link "chart/templates/extra.yaml" leads out of the repository',
      })
    }
  })
})

for (const [situation, source, code, message] of [
  [
    'the branch does not exist',
    { ref: 'mian' },
    'GitRefNotFound',
    'Cannot find "mian" in URL: it is no branch, tag or commit; did you mean "main"?',
  ],
  [
    'the ref is like nothing there',
    { ref: 'release-17' },
    'GitRefNotFound',
    'Cannot find "release-17" in URL: it is no branch, tag or commit; there is "main"',
  ],
  [
    'the ref is an option',
    { ref: '--upload-pack=x' },
    'GitRefNotFound',
    'Cannot find "--upload-pack=x" in URL: it is no branch, tag or commit; there is "main"',
  ],
  [
    'the directory is misspelt',
    { path: 'chrat' },
    'GitPathNotFound',
    'Cannot find "chrat" in URL at COMMIT: "chrat" is not at its root; did you mean "chart"?',
  ],
  [
    'the directory is not there',
    { path: 'chart/deploy/api' },
    'GitPathNotFound',
    'Cannot find "chart/deploy/api" in URL at COMMIT: in "chart" there is "Chart.yaml", "templates", "values.yaml"',
  ],
  [
    'the directory is no chart',
    { path: '.' },
    'ChartInvalid',
    'Cannot read chart in "." of URL: it has no Chart.yaml',
  ],
  [
    'the directory is outside',
    { path: '../x' },
    'GitPathNotFound',
    'Cannot find "../x" in URL at COMMIT: it is outside of the repository',
  ],
] as const) {
  test(`${code} when ${situation}`, async () => {
    await withChart(async ({ fetch, repository: { url }, first }) => {
      const found = await failure(fetch({ url, ...source }))
      assert.is(found.message.replace(first.slice(0, 12), 'COMMIT'), message)
      assert.is(found.code, code)
    })
  })
}

test('an empty repository says so', async () => {
  await withGitFetcher(async ({ fetch, directory }) => {
    const { url } = await createRepository(join(directory, 'empty'))
    assert.match((await failure(fetch({ url }))).message, /; the repository is empty$/)
  })
})

test.run()
