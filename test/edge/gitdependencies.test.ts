// Dependencies of charts in git, updated by the real helm 3 and helm 4.
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../lib/edge/exec.ts'
import type { ReconcileError } from '../../lib/model/errors.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { chartFiles, withRepository, writeTree, type ChartFiles } from '../helpers/charts.ts'
import { withHelm } from '../helpers/gitdependencies.ts'
import { until } from '../helpers/until.ts'
import { below } from '../helpers/gitserver.ts'

const test = suite('dependencies of charts from git')

function parent(dependency: string): ChartFiles {
  return chartFiles('parent', '1.0.0', {
    'Chart.yaml': `apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies:\n- ${dependency}\n`,
  })
}

const sibling = '{name: sub, version: 1.x, repository: "file://../libs/sub", alias: aka}'
const updateDependencies = true

for (const major of [3, 4] as const)
  test(`helm ${major} fills in a sibling, once for all releases, and leaves the export alone`, async () => {
    await withHelm(major, async ({ fetch, repository, helm, helmStarts }) => {
      await repository.commit({
        ...below('chart', parent(sibling)),
        ...below(
          'libs/sub',
          chartFiles('sub', '1.2.0', { 'templates/t.yaml': 'helm.sh/hook: test' }),
        ),
        'unrelated/file': 'x',
      })
      const { url } = repository
      const ask = () => fetch({ url, updateDependencies }, { helm })
      const [artifact, same] = await Promise.all([ask(), ask()])
      assert.is(artifact, same)
      assert.is(helmStarts(), 1)
      assert.equal(await readdir(join(artifact.path, 'charts')), ['sub-1.2.0.tgz'])
      assert.equal(artifact.hookEvents, ['test'])
      assert.equal((await readdir(artifact.exportRoot!)).sort(), ['chart', 'libs'])
      const plain = await fetch({ url })
      assert.not.ok((await readdir(plain.path)).includes('charts'))
      assert.not.equal(plain.digest, artifact.digest)
    })
  })

test('a change of the sibling is a change of the chart; one elsewhere is none and starts no helm', async () => {
  await withHelm(4, async ({ fetch, fetcher, repository, helm, helmStarts }) => {
    const files = {
      ...below('chart', parent(sibling)),
      ...below('libs/sub', chartFiles('sub', '1.2.0')),
    }
    await repository.commit(files)
    const ask = async () => {
      fetcher().expire()
      return await fetch({ url: repository.url, updateDependencies }, { helm })
    }
    const first = await ask()
    await repository.commit({ 'libs/other': 'x' })
    assert.is((await ask()).digest, first.digest)
    assert.is(helmStarts(), 1)
    await repository.commit({ 'libs/sub/values.yaml': 'greeting: hi\n' })
    assert.not.equal((await ask()).digest, first.digest)
    assert.is(helmStarts(), 2)
  })
})

test('the digest does not depend on when or where helm packed the sibling', async () => {
  await withHelm(4, async ({ fetch, repository, helm, directory, restart }) => {
    const files = {
      ...below('chart', parent(sibling)),
      ...below('libs/sub', chartFiles('sub', '1.2.0')),
    }
    await repository.commit(files)
    const ask = () => fetch({ url: repository.url, updateDependencies }, { helm })
    const first = await ask()
    const packed = await readFile(join(first.path, 'charts/sub-1.2.0.tgz'))
    await rm(join(directory, 'charts'), { recursive: true })
    // Archives carry the second at which they were packed.
    const second = (): number => Math.floor(Date.now() / 1_000)
    const packedIn = second()
    // Go rounds to the nearest.
    await until('another second', () => second() > packedIn + 1)
    await restart()
    const later = await ask()
    const again = await readFile(join(later.path, 'charts/sub-1.2.0.tgz'))
    assert.not.equal(again.compare(packed), 0, 'the archive is another')
    assert.is(later.digest, first.digest)
  })
})

test('a dependency from a repository is downloaded by its URL', async () => {
  await withHelm(3, async ({ fetch, repository, helm, directory }) => {
    await withRepository(join(directory, 'served'), ['sub 1.1.0', 'sub 1.3.0'], async (server) => {
      const dependency = `{name: sub, version: "~1", repository: "${server.url}"}`
      await repository.commit(below('chart', parent(dependency)))
      const artifact = await fetch({ url: repository.url, updateDependencies }, { helm })
      assert.equal(await readdir(join(artifact.path, 'charts')), ['sub-1.3.0.tgz'])
    })
  })
})

test('what fails is tried again at growing intervals, and at once when somebody asks', async () => {
  await withHelm(4, async ({ fetch, repository, helm, helmStarts, clock }) => {
    await repository.commit(
      below('chart', parent('{name: sub, version: 1.x, repository: "@none"}')),
    )
    const failing = async (over: { isAsked?: boolean } = {}): Promise<number> => {
      await fetch({ url: repository.url, updateDependencies }, { helm, ...over }).then(
        () => assert.unreachable('it cannot be updated'),
        ({ code, retryAt }: ReconcileError) => {
          assert.is(code, 'ChartSourceInvalid')
          retryInMs = retryAt! - clock.now()
        },
      )
      return helmStarts()
    }
    let retryInMs = 0
    assert.equal([await failing(), await failing(), retryInMs], [1, 1, 60_000])
    await clock.advance(60_000)
    assert.equal([await failing(), await failing(), retryInMs], [2, 2, 120_000])
    await clock.advance(60_000)
    assert.equal([await failing(), retryInMs], [2, 60_000])
    assert.equal([await failing({ isAsked: true }), retryInMs], [3, 60_000])
  })
})

for (const [situation, dependency, code, pattern] of [
  [
    'is missing from the repository',
    '{name: sub, version: 1.x, repository: "file://../nosuch"}',
    'DependencyUpdateFailed',
    /nosuch/,
  ],
  [
    'is outside of the repository',
    '{name: sub, version: 1.x, repository: "file://../../sub"}',
    'ChartInvalid',
    /its dependency "file:\/\/\.\.\/\.\.\/sub" is outside of the repository$/,
  ],
  [
    'is on a host that refuses',
    '{name: sub, version: 1.x, repository: "http://127.0.0.1:1"}',
    'RepositoryUnreachable',
    /Cannot update/,
  ],
] as const) {
  test(`${code} when a dependency ${situation}`, async () => {
    await withHelm(4, async ({ fetch, repository, helm, directory }) => {
      await repository.commit(below('chart', parent(dependency)))
      const error = await fetch({ url: repository.url, updateDependencies }, { helm }).then(
        () => undefined,
        (reason: ReconcileError) => reason,
      )
      assert.is(error?.code, code, error?.message)
      assert.match(error!.message, pattern)
      const kept = await readdir(join(directory, 'charts'))
      assert.equal(
        kept.filter((name) => !name.startsWith('tree-')),
        [],
      )
    })
  })
}

test('without an update, a chart may lack dependencies: it is released without them, and the log says so', async () => {
  await withHelm(4, async ({ fetch, repository, directory, messages }) => {
    const helm4 = (await testBinaries()).helm4
    const dependencies =
      '{name: gone, version: 1.x, repository: "https://charts.example.test"}\n- {name: sub, version: 1.x, repository: ""}'
    await repository.commit({
      ...below('chart', parent(dependencies)),
      ...below('chart/charts/sub', chartFiles('sub', '1.0.0')),
    })
    const { path } = await fetch({ url: repository.url, updateDependencies: false })
    const run = createRunner({ env: { ...process.env, HOME: directory } })
    const { stdout } = await run([helm4, 'template', 'web', path])
    assert.match(stdout, /parent\/charts\/sub\/templates/)
    assert.equal(messages, ['warn chart lacks dependencies and does without them'])
  })
})

for (const major of [3, 4] as const)
  test(`helm ${major} is shown no dependency that we do not see: keys of any case lead nowhere`, async () => {
    await withHelm(major, async ({ fetch, repository, helm, directory }) => {
      const other = join(directory, 'other-tenant')
      await writeTree(other, chartFiles('sub', '1.0.0'))
      for (const [key, list] of [
        ['Repository', 'dependencies'],
        ['repository', 'Dependencies'],
      ]) {
        const dependency = `{name: sub, version: 1.x, ${key}: "file://${other}"}`
        const yaml = `apiVersion: v2\nname: parent\nversion: 1.0.0\n${list}:\n- ${dependency}\n`
        await repository.commit(below(list!, chartFiles('parent', '1.0.0', { 'Chart.yaml': yaml })))
        const source = { url: repository.url, path: list!, updateDependencies }
        const ref = await repository.git('rev-parse', 'HEAD')
        const artifact = await fetch({ ...source, ref }, { helm }).catch(() => undefined)
        const files = artifact ? await readdir(artifact.path, { recursive: true }) : []
        assert.not.ok(
          files.some((name) => name.endsWith('.tgz')),
          key,
        )
      }
    })
  })

test('requirements.yaml of old charts is updated too, and stays what it was', async () => {
  await withHelm(4, async ({ fetch, repository, helm }) => {
    const requirements = `dependencies:\n- ${sibling} # of ours\n`
    await repository.commit({
      ...below(
        'chart',
        chartFiles('parent', '1.0.0', {
          'Chart.yaml': 'apiVersion: v1\nname: parent\nversion: 1.0.0\n',
          'requirements.yaml': requirements,
        }),
      ),
      ...below('libs/sub', chartFiles('sub', '1.2.0')),
    })
    const { path } = await fetch({ url: repository.url, updateDependencies }, { helm })
    assert.equal(await readdir(join(path, 'charts')), ['sub-1.2.0.tgz'])
    assert.is(await readFile(join(path, 'requirements.yaml'), 'utf8'), requirements)
    assert.match(await readFile(join(path, 'Chart.yaml'), 'utf8'), /^apiVersion: v1/)
  })
})

test.run()
