// What a restart costs releases whose charts may change at any time: a range in a repository, a branch in git.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chartFiles, indexRepository, packChart, withRepository } from '../helpers/charts.ts'
import { below, createRepository } from '../helpers/gitserver.ts'
import { withOperator } from '../helpers/operator.ts'
import { countPasses } from '../helpers/passes.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('releases of a range and of a branch')
const names = ['range', 'branch']

test('stay as they are over syncs and restarts, until there is a newer version or commit', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'restart-'))
  const served = join(directory, 'served')
  const repository = await createRepository(join(directory, 'charts'))
  const first = await repository.commit(below('web', chartFiles('web', '1.0.0')))
  try {
    await withRepository(served, ['web 1.0.0'], ({ url }) =>
      withOperator(['--charts-sync-interval=1s', '--git-poll-interval=1h'], async (running) => {
        const { apply, kubectl, condition, read, stop, start, log } = running
        const revisions = (): string[] =>
          names.map((name) => String((read(name)?.status as { revision?: string }).revision))
        await apply(
          helmReleaseYaml('range', { chart: { repository: url, name: 'web', version: '^1.0.0' } }) +
            helmReleaseYaml('branch', {
              chart: { git: repository.url, ref: 'main', path: 'web' },
            }),
        )
        for (const name of names) await condition(name, 'Released', 'True')
        const restart = async () => {
          const before = log()
          await stop()
          start()
          return await countPasses(running, before)
        }
        const stored = async (): Promise<number> =>
          (await kubectl('get', 'secrets', '-l', 'owner=helm', '-o', 'name')).trim().split('\n')
            .length
        assert.is(await stored(), 2)
        const passes = await restart()
        for (const name of names) await passes.more(name, 3)
        assert.equal(revisions(), ['1.0.0', first])
        assert.is(await stored(), 2, 'nothing was released again')
        for (const name of names) await condition(name, 'ChartFetched', 'True')
        assert.not.match(await kubectl('get', 'events', '-o', 'yaml'), /ChartFetchFailed/)

        await packChart(served, chartFiles('web', '1.1.0'), { name: 'web', version: '1.1.0' })
        await indexRepository(served)
        const second = await repository.commit({ 'web/values.yaml': 'greeting: hi\n' })
        // Who has just come asks at once what there is.
        await restart()
        for (const [name, revision] of [
          ['range', '1.1.0'],
          ['branch', second],
        ] as const)
          await kubectl('wait', `hr/${name}`, `--for=jsonpath={.status.revision}=${revision}`)
        for (const name of names) await condition(name, 'Released', 'True')
        assert.is(await stored(), 4)
      }),
    )
  } finally {
    await rm(directory, { recursive: true })
  }
})

test.run()
