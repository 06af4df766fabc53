// Charts in repositories that are not just directories: links, submodules, large files kept elsewhere.
import { readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chartFiles } from '../helpers/charts.ts'
import { withHelm } from '../helpers/gitdependencies.ts'
import { fetchFailure, withGitChart } from '../helpers/gitfetch.ts'
import { below, createRepository } from '../helpers/gitserver.ts'

const test = suite('layouts of repositories with charts')

test('the way to a chart may lead over links, and its siblings are found where helm looks for them', async () => {
  await withHelm(4, async ({ fetch, fetcher, repository, helm }) => {
    const { url, path } = repository
    const ask = (path: string) => fetch({ url, path, updateDependencies: true }, { helm })
    const dependency = '- {name: sub, version: 1.x, repository: "file://../sub"}'
    await symlink('libs', join(path, 'stable'))
    await symlink('stable', join(path, 'latest'))
    await symlink('stable/parent', join(path, 'parent'))
    await repository.commit({
      ...below('libs/sub', chartFiles('sub', '1.0.0')),
      ...below('libs/parent', {
        ...chartFiles('parent', '1.0.0'),
        'Chart.yaml': `apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n${dependency}\n`,
      }),
      ...below('libs/other', chartFiles('other', '1.0.0')),
    })
    const straight = await ask('libs/parent')
    for (const way of ['latest/parent', 'stable/parent']) {
      const { chart, path: on, exportRoot } = await ask(way)
      assert.equal(chart, straight.chart)
      await readFile(join(on, '../sub/Chart.yaml'))
      const other = await readFile(join(exportRoot!, 'libs/other/Chart.yaml')).catch(() => 'none')
      assert.is(other, 'none')
    }
    assert.is((await fetch({ url, path: 'parent' })).chart.name, 'parent')
    const before = await ask('latest/parent')
    await repository.commit({ 'libs/sub/values.yaml': 'greeting: hi\n' })
    fetcher().expire()
    const after = await ask('latest/parent')
    assert.not.equal(after.digest, before.digest, 'the sibling has changed')
  })
})

test('a commit to a sibling that is left out, since nobody updates dependencies, is no change', async () => {
  await withGitChart(async ({ fetch, fetcher, repository }) => {
    const dependency = '- {name: sub, version: 1.x, repository: "file://../sub"}'
    const yaml = `apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n${dependency}\n`
    await repository.commit({
      ...below('parent', chartFiles('parent', '1.0.0', { 'Chart.yaml': yaml })),
      ...below('sub', chartFiles('sub', '1.0.0')),
    })
    const before = await fetch({ url: repository.url, path: 'parent' })
    await repository.commit({ 'sub/values.yaml': 'greeting: hi\n' })
    fetcher().expire()
    const after = await fetch({ url: repository.url, path: 'parent' })
    assert.equal([after.digest, after.path], [before.digest, before.path])
    assert.not.equal(after.revision, before.revision)
  })
})

test('links that lead in circles are told', async () => {
  await withGitChart(async ({ fetch, repository }) => {
    await symlink('b', join(repository.path, 'a'))
    await symlink('a', join(repository.path, 'b'))
    await repository.commit({})
    assert.equal(await fetchFailure(fetch({ url: repository.url, path: 'a/chart' })), {
      code: 'ChartInvalid',
      message: 'Cannot use the chart in "a/chart": its link "a" leads in circles',
    })
  })
})

test('a submodule is not fetched, and whoever names something in it is told', async () => {
  await withGitChart(async ({ fetch, repository, directory }) => {
    const { url, git } = repository
    const other = await createRepository(join(directory, 'other'))
    await other.commit(below('api', chartFiles('api', '1.0.0')))
    await git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', other.path, 'lib/api')
    const parent = (path: string): string =>
      `apiVersion: v2\nname: x\nversion: 1.0.0\ndependencies:\n- {name: api, version: 1.x, repository: "${path}"}\n`
    const commit = await repository.commit({
      'chart/Chart.yaml': parent('file://../lib/api/api'),
    })
    for (const path of ['lib/api', 'lib/api/api'])
      assert.equal(await fetchFailure(fetch({ url, path })), {
        code: 'GitPathNotFound',
        message: `Cannot find "${path}" in URL at ${commit.slice(0, 12)}: "lib/api" is a submodule, and those are not fetched; name the repository it comes from`,
      })
    assert.equal(await fetchFailure(fetch({ url, updateDependencies: true })), {
      code: 'ChartInvalid',
      message:
        'Cannot use the chart in "chart": "lib/api" is a submodule, and those are not fetched; commit the files themselves',
    })
    assert.is((await fetch({ url })).chart.name, 'x', 'it may be vendored')
    const files = ['../lib/api/values.yaml']
    await repository.commit({ 'chart/Chart.yaml': parent('') })
    assert.is((await fetch({ url, ref: 'HEAD' }, { files })).chart.name, 'x')
  })
})

for (const file of ['charts/sub-1.0.0.tgz', 'values.yaml', 'templates/config.yaml'])
  test(`a chart whose ${file} is kept in Git LFS is told so, rather than taken for what stands there`, async () => {
    await withGitChart(async ({ fetch, repository }) => {
      const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'ab'.repeat(32)}\nsize 12\n`
      await repository.commit({ [`chart/${file}`]: pointer })
      assert.equal(await fetchFailure(fetch({ url: repository.url })), {
        code: 'ChartInvalid',
        message: `Cannot read chart in "chart" of URL: its file "${file}" is kept in Git LFS, which is not fetched; commit it`,
      })
    })
  })

test('a change of any file of a chart is a change of the chart, in a subchart as well, and so is one that has gone', async () => {
  await withGitChart(async ({ fetch, fetcher, repository }) => {
    const digests = new Set([(await fetch({ url: repository.url })).digest])
    const changes = [
      { 'chart/files/motd.txt': 'hello' },
      { 'chart/charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n' },
      { 'chart/charts/sub/templates/extra.yaml': '# nothing' },
      { 'chart/charts/sub/templates/extra.yaml': '# something' },
      { 'chart/charts/sub/templates/extra.yaml': null, 'chart/files/more.txt': 'x' },
      { 'chart/files/motd.txt': null },
    ]
    for (const change of changes) {
      await repository.commit(change)
      fetcher().expire()
      digests.add((await fetch({ url: repository.url })).digest)
    }
    assert.is(digests.size, changes.length + 1)
  })
})

test.run()
