// Links in charts from git: followed over the commit's own tree, and never over the operator's disk.
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../lib/edge/exec.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { chartFiles } from '../helpers/charts.ts'
import { withHelm } from '../helpers/gitdependencies.ts'
import { fetchFailure, withGitChart, type ChartFetching } from '../helpers/gitfetch.ts'
import { below } from '../helpers/gitserver.ts'

const test = suite('links in charts from git')

const out = 'leads out of the repository'

async function link(to: string, ...path: readonly [string, ...string[]]): Promise<void> {
  await mkdir(join(...path, '..'), { recursive: true })
  await symlink(to, join(...path))
}

async function linksBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name)
}

// What helm itself makes of the chart.
async function template(path: string, home: string): Promise<string> {
  const run = createRunner({ env: { ...process.env, HOME: home } })
  return (await run([(await testBinaries()).helm4, 'template', 'web', path])).stdout
}

async function refuses(bench: ChartFetching, state: string, path = 'chart'): Promise<void> {
  await bench.repository.commit({})
  bench.fetcher().expire()
  assert.equal(await fetchFailure(bench.fetch({ url: bench.repository.url, path })), {
    code: 'ChartInvalid',
    message: `Cannot use the chart in "${path}": its link ${state}`,
  })
}

test('a link that leads out over links in its way reads nothing of this machine', async () => {
  await withGitChart(async (bench) => {
    const { repository, directory } = bench
    const secret = join(directory, 'secret')
    await writeFile(secret, 'taken from the operator', { mode: 0o600 })
    await link('.', repository.path, 'chart/b')
    const way = 'b/'.repeat(30) + '../'.repeat(30)
    await link(way + secret.slice(1), repository.path, 'chart/loot')
    await repository.commit({
      'chart/.helmignore': 'b\nb/\n',
      'chart/templates/loot.yaml':
        'kind: ConfigMap\ndata: { loot: {{ .Files.Get "loot" | quote }} }\n',
    })
    await refuses(bench, `"chart/loot" ${out}`)
  })
})

for (const major of [3, 4] as const)
  test(`helm ${major} updates dependencies into the copy, wherever the chart's own "charts" leads`, async () => {
    await withHelm(major, async ({ fetch, repository, helm, directory }) => {
      const elsewhere = join(directory, 'elsewhere')
      await mkdir(elsewhere)
      const dependency = '- {name: sub, version: 1.x, repository: "file://../sub"}'
      const yaml = `apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n${dependency}\n`
      await repository.commit({
        ...below('chart', chartFiles('parent', '1.0.0', { 'Chart.yaml': yaml })),
        ...below('sub', chartFiles('sub', '1.0.0')),
        'vendor/.keep': '',
      })
      const ask = () => fetch({ url: repository.url, updateDependencies: true }, { helm })
      await link('../vendor', repository.path, 'chart/charts')
      await repository.commit({})
      const { path, exportRoot } = await ask()
      assert.equal((await readdir(join(path, 'charts'))).sort(), ['.keep', 'sub-1.0.0.tgz'])
      assert.equal(await linksBelow(exportRoot!), [])
      await repository.git('rm', '--quiet', 'chart/charts')
      await link('.', repository.path, 'chart/b')
      const way = 'b/'.repeat(30) + '../'.repeat(30) + elsewhere.slice(1)
      await link(way, repository.path, 'chart/charts')
      await repository.commit({ 'chart/.helmignore': 'b\nb/\n' })
      const ref = await repository.git('rev-parse', 'HEAD')
      const source = { url: repository.url, ref, updateDependencies: true }
      const { message } = await fetchFailure(fetch(source, { helm }))
      assert.is(message, `Cannot use the chart in "chart": its link "chart/charts" ${out}`)
      assert.equal(await readdir(elsewhere), [])
    })
  })

test('what links lead to is put in their place: files, directories, and archives in charts/', async () => {
  await withGitChart(async ({ fetch, repository, directory }) => {
    const { url, path } = repository
    await link('../../common', path, 'chart/templates/common')
    await link('../library/values.yaml', path, 'chart/values.yaml-link')
    await link('../../library/sub', path, 'chart/charts/sub')
    await link('again', path, 'library/sub/templates')
    await link('../../common/../library/deep', path, 'chart/files/deep')
    await link('once', path, 'library/deep/twice')
    await repository.commit({
      'common/extra.yaml': 'kind: ConfigMap\nmetadata: {name: extra}\n',
      'library/values.yaml': 'a: 1\n',
      'library/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
      'library/sub/again/t.yaml': 'kind: ConfigMap\nmetadata: {name: of-sub}\n',
      'library/deep/once': 'deep',
    })
    const artifact = await fetch({ url })
    assert.ok('templates/common/extra.yaml' in artifact.chart.templates)
    assert.equal(await linksBelow(artifact.exportRoot!), [])
    assert.is(await readFile(join(artifact.path, 'files/deep/twice'), 'utf8'), 'deep')
    const manifests = await template(artifact.path, directory)
    assert.match(manifests, /name: extra/)
    assert.match(manifests, /name: of-sub/)
    assert.equal(await readdir(artifact.exportRoot!), ['chart'], 'and nothing else')
  })
})

for (const [situation, target, state] of [
  ['an absolute path', '/etc/passwd', out],
  ['a path above the root', '../../x', out],
  ['a path above the root and back', '../../repository/chart/values.yaml', out],
  ['nothing', 'nosuch', 'leads to nothing: there is no "chart/nosuch"'],
  [
    'something below a file',
    'values.yaml/x',
    'leads to nothing: there is no "chart/values.yaml/x"',
  ],
  ['itself', 'loop', 'leads in circles'],
  ['the directory it is in', '.', 'leads in circles'],
  ['a directory that contains the chart', '..', 'leads in circles'],
  ['nowhere at all', ' ', 'leads to nothing: there is no "chart/ "'],
] as const)
  test(`a link to ${situation} is refused, with its name`, async () => {
    await withGitChart(async (bench) => {
      await link(target, bench.repository.path, 'chart/loop')
      await refuses(bench, `"chart/loop" ${state}`)
    })
  })

test('a link into a submodule is refused, and one of a chart that is ignored is left out', async () => {
  await withGitChart(async (bench) => {
    const { repository, fetch } = bench
    const commit = await repository.git('rev-parse', 'HEAD')
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${commit},lib`)
    await repository.git('commit', '--quiet', '--message=submodule')
    await link('../lib/values.yaml', repository.path, 'chart/extra')
    await repository.git('add', 'chart/extra')
    await repository.git('commit', '--quiet', '--message=link')
    const { url } = repository
    assert.equal(await fetchFailure(fetch({ url, ref: 'HEAD' })), {
      code: 'ChartInvalid',
      message:
        'Cannot use the chart in "chart": its link "chart/extra" leads into the submodule "lib", and those are not fetched',
    })
    await repository.commit({ 'chart/.helmignore': 'extra\n' })
    bench.fetcher().expire()
    const { path } = await fetch({ url })
    assert.not.ok((await readdir(path)).includes('extra'))
  })
})

test('links that multiply each other are refused before anything is written', async () => {
  await withGitChart(async (bench) => {
    const { repository, directory, fetch } = bench
    for (let level = 0; level < 12; level++)
      for (let copy = 0; copy < 10; copy++)
        await link(`../d${level + 1}`, repository.path, `chart/d${level}/l${copy}`)
    await repository.commit({ 'chart/d12/file': 'x' })
    assert.equal(await fetchFailure(fetch({ url: repository.url })), {
      code: 'ChartInvalid',
      message:
        'Cannot use the chart in "chart": with what its links lead to, it has more than 50000 files',
    })
    assert.equal(await readdir(join(directory, 'charts')), [])
  })
})

test('a chart file beside the chart may be a link, within the repository', async () => {
  await withGitChart(async ({ fetch, fetcher, repository }) => {
    const { url, path } = repository
    await link('real', path, 'values')
    await link('prod.yaml', path, 'real/newest.yaml')
    await link('nosuch.yaml', path, 'real/dead.yaml')
    await repository.commit({ 'real/prod.yaml': 'a: 1\n' })
    const files = ['../values/newest.yaml', '../values/dead.yaml']
    const artifact = await fetch({ url }, { files })
    assert.is(await readFile(join(artifact.path, files[0]!), 'utf8'), 'a: 1\n')
    assert.equal(await readdir(join(artifact.exportRoot!, 'values')), ['newest.yaml'])
    await link('../../../../etc/hostname', path, 'real/out.yaml')
    await repository.commit({})
    fetcher().expire()
    const { message } = await fetchFailure(fetch({ url }, { files: ['../values/out.yaml'] }))
    assert.is(message, `Cannot use the chart in "chart": its link "real/out.yaml" ${out}`)
  })
})

test.run()
