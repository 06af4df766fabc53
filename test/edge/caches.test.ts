// What is kept on disk: for as long as it is of use, and no longer, whatever happened to whoever kept it.
import { readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ChartSource } from '../../lib/model/source.ts'
import { chartFiles, packChart, withRepository } from '../helpers/charts.ts'
import { withFetcher, type Fetching } from '../helpers/fetching.ts'
import { below, createRepository, type GitRepository } from '../helpers/gitserver.ts'
import type { WebServer } from '../helpers/webserver.ts'

const test = suite('caches')
const hour = 3_600_000

type Bench = Fetching & {
  server: WebServer
  at: (path?: string) => ChartSource
  // The names in a directory of the cache.
  kept: (name: string) => Promise<string[]>
}

async function withBench(use: (bench: Bench) => Promise<void>): Promise<void> {
  await withFetcher(async (fetching) => {
    const { directory } = fetching
    await withRepository(join(directory, 'served'), ['hello 1.0.0'], async (server) => {
      const chart = { kind: 'repository', name: 'hello', version: '1.0.0' } as const
      await use({
        ...{ ...fetching, server },
        at: (path = '') => ({ ...chart, url: server.url + path }),
        kept: (name) => readdir(join(directory, 'cache', name)),
      })
    })
  })
}

async function createCharts(directory: string, name: string): Promise<GitRepository> {
  const repository = await createRepository(join(directory, name))
  await repository.commit(below('chart', chartFiles(name, '1.0.0')))
  return repository
}

function chartIn({ url }: GitRepository): ChartSource {
  return { kind: 'git', url, ref: 'main', path: 'chart', updateDependencies: false }
}

for (const [how, spoil] of [
  ['cut off', (path: string) => truncate(path, 100)],
  ['emptied', (path: string) => truncate(path, 0)],
  [
    'exchanged',
    async (path: string) => {
      const files = chartFiles('hello', '1.0.0', { 'values.yaml': 'greeting: other\n' })
      const other = await packChart(`${path}-other`, files, { name: 'hello', version: '1.0.0' })
      await writeFile(path, await readFile(other))
    },
  ],
] as const)
  test(`an archive that was ${how} on disk is downloaded again at once after a restart`, async () => {
    await withBench(async ({ fetch, at, restart, server }) => {
      const before = await fetch(at())
      await spoil(before.path)
      await restart()
      assert.equal(await fetch(at()), before)
      assert.is(server.requests.filter((line) => line.endsWith('.tgz')).length, 2)
    })
  })

test('an index that nobody has asked for for a day goes, though no other one comes', async () => {
  await withBench(async ({ fetch, at, clock, kept }) => {
    await fetch(at())
    await fetch(at('?other'))
    assert.is((await kept('indexes')).length, 4)
    for (let hours = 0; hours < 25; hours += 5) {
      await clock.advance(5 * hour)
      await fetch(at())
    }
    assert.is((await kept('indexes')).length, 2)
  })
})

test('a mirror that nobody has asked for for a day goes, though no other one comes', async () => {
  await withBench(async ({ fetch, directory, clock, kept }) => {
    const [used, unused] = [
      await createCharts(directory, 'used'),
      await createCharts(directory, 'unused'),
    ]
    await fetch(chartIn(used))
    await fetch(chartIn(unused))
    assert.is((await kept('git')).length, 2)
    for (let hours = 0; hours < 25; hours += 5) {
      await clock.advance(5 * hour)
      await fetch(chartIn(used))
    }
    assert.is((await kept('git')).length, 1)
  })
})

test('what a killed git had received so far goes with the restart', async () => {
  await withBench(async ({ fetch, directory, kept, restart }) => {
    const repository = await createCharts(directory, 'hello')
    await fetch(chartIn(repository))
    const [mirror = ''] = await kept('git')
    const litter = ['pack/tmp_pack_x1', 'pack/tmp_idx_x1', '4b/tmp_obj_x1']
    const file = (name: string): string => join(directory, 'cache/git', mirror, 'objects', name)
    await writeFile(file('pack/tmp_pack_x1'), 'x')
    await writeFile(file('pack/tmp_idx_x1'), 'x')
    await restart()
    await fetch(chartIn(repository))
    for (const name of litter) assert.not.ok(await stat(file(name)).catch(() => undefined), name)
  })
})

test('indexes that helm keeps of the repositories of dependencies go a day after their last use', async () => {
  await withBench(async ({ fetch, directory, server, kept }) => {
    const repository = await createRepository(join(directory, 'parent'))
    const update = async (version: string): Promise<void> => {
      const dependency = `{name: hello, version: 1.x, repository: "${server.url}"}`
      const chart = `apiVersion: v2\nname: parent\nversion: ${version}\ndependencies:\n- ${dependency}\n`
      const ref = await repository.commit({ 'chart/Chart.yaml': chart })
      await fetch({ ...chartIn(repository), updateDependencies: true, ref } as ChartSource)
    }
    await update('1.0.0')
    const [slot = ''] = await kept('repositories')
    const before = await kept(join('repositories', slot))
    assert.is(before.length, 2)
    const file = (name: string): string => join(directory, 'cache/repositories', slot, name)
    for (const name of ['helm-manager-old-index.yaml', 'ours-index.yaml']) {
      await writeFile(file(name), 'x')
      await utimes(file(name), 0, 0)
    }
    await update('1.0.1')
    const after = await kept(join('repositories', slot))
    assert.equal(after.sort(), [...before, 'ours-index.yaml'].sort())
  })
})

test.run()
