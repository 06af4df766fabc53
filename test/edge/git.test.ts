// Real git: what is fetched, when, and what is said when it cannot be.
import { lstat, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fetchFailure, pollMs, withGitChart, withGitFetcher } from '../helpers/gitfetch.ts'
import { createRepository } from '../helpers/gitserver.ts'

const test = suite('charts from git')

test('a chart is exported, read and known by its content', async () => {
  await withGitChart(async ({ fetch, repository: { url }, first }) => {
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
    await withGitChart(async ({ fetch, repository: { url } }) => {
      assert.is((await fetch({ url, path })).digest, (await fetch({ url })).digest)
    })
  })

test('one mirror serves all refs and paths of a URL, and each Secret has one of its own', async () => {
  await withGitChart(async ({ fetch, directory, repository: { url, git } }) => {
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

test('nothing is started while nothing can have changed, whatever the number of releases', async () => {
  await withGitChart(async ({ fetch, started, repository: { url }, clock }) => {
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
  await withGitChart(async ({ fetch, fetcher, repository, clock, first }) => {
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
  await withGitChart(async ({ fetch, fetcher, repository, started }) => {
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

test('a repository that goes away is served from the mirror', async () => {
  await withGitChart(async ({ fetch, repository, clock, messages, first }) => {
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
  await withGitChart(async ({ fetch, repository, directory, restart, started }) => {
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
  await withGitChart(async ({ fetch, repository: { url }, directory, restart, first }) => {
    await fetch({ url })
    const [mirror] = await readdir(join(directory, 'git'))
    await writeFile(join(directory, 'git', mirror!, 'config'), '[core\n')
    await restart()
    assert.is((await fetch({ url })).revision, first)
  })
})

test('files beside the chart are exported for those who ask, and are no part of its digest', async () => {
  await withGitChart(async ({ fetch, fetcher, repository }) => {
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
  await withGitChart(async ({ fetch, fetcher, repository }) => {
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
    assert.ok((await lstat(join(after.path, 'templates/extra.yaml'))).isFile())
    for (const target of ['/etc/passwd', '../../../../etc/passwd']) {
      await git('rm', '--quiet', '--force', '--', 'chart/templates/extra.yaml')
      await symlink(target, join(path, 'chart/templates/extra.yaml'))
      await repository.commit({})
      fetcher().expire()
      assert.equal(await fetchFailure(fetch({ url })), {
        code: 'ChartInvalid',
        message:
          'Cannot use the chart in "chart": its link "chart/templates/extra.yaml" leads out of the repository',
      })
    }
  })
})

for (const [situation, source, code, message] of [
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
    await withGitChart(async ({ fetch, repository: { url }, first }) => {
      const found = await fetchFailure(fetch({ url, ...source }))
      assert.is(found.message.replace(first.slice(0, 12), 'COMMIT'), message)
      assert.is(found.code, code)
    })
  })
}

test('an empty repository says so', async () => {
  await withGitFetcher(async ({ fetch, directory }) => {
    const { url } = await createRepository(join(directory, 'empty'))
    assert.match((await fetchFailure(fetch({ url }))).message, /; the repository is empty$/)
  })
})

test.run()
