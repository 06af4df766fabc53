// Repositories whose few kilobytes become megabytes in the operator's own process: what is read of them there is bounded.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchFailure, withGitChart, type ChartFetching } from '../helpers/gitfetch.ts'

const test = suite('what is read of a git repository')

async function refuses({ fetch, repository }: ChartFetching, state: string): Promise<void> {
  assert.equal(await fetchFailure(fetch({ url: repository.url })), {
    code: 'ChartInvalid',
    message: `Cannot use the chart in "chart": ${state}`,
  })
}

// Adds a link to the index whose target is a text that no file system would take.
async function commitLink({ directory, repository }: ChartFetching, target: string): Promise<void> {
  const file = join(directory, 'target')
  await writeFile(file, target)
  const hash = await repository.git('hash-object', '-w', file)
  await repository.git('update-index', '--add', '--cacheinfo', `120000,${hash},chart/long`)
  await repository.git('commit', '--quiet', '--message=link')
}

for (const [what, file, text, most] of [
  ['.helmignore of ten thousand rules', '.helmignore', 'any\n'.repeat(20_000), 65_536],
  ['Chart.yaml of megabytes', 'Chart.yaml', '# any\n'.repeat(400_000), 1_048_576],
] as const)
  test(`a ${what} is refused before it is read whole`, () =>
    withGitChart(async (bench) => {
      await bench.repository.commit({ [`chart/${file}`]: text })
      // Chart.yaml is looked into for what it depends on.
      const fetching = bench.fetch({ url: bench.repository.url, updateDependencies: true })
      assert.equal(await fetchFailure(fetching), {
        code: 'ChartInvalid',
        message: `Cannot use the chart in "chart": its file or link "chart/${file}" has more than ${most} bytes`,
      })
    }))

test('a link that is longer than any path is refused before it is read whole', () =>
  withGitChart(async (bench) => {
    await commitLink(bench, 'a/'.repeat(10_000))
    await refuses(bench, 'its file or link "chart/long" has more than 4096 bytes')
  }))

test('dead links are looked for in a long .helmignore only so often', () =>
  withGitChart(async (bench) => {
    const { repository, fetcher, fetch } = bench
    const file = join(bench.directory, 'target')
    await writeFile(file, 'nowhere')
    const hash = await repository.git('hash-object', '-w', file)
    const links = Array.from({ length: 200 }, (_, at) => `120000,${hash},chart/dead-link-${at}`)
    const ignore = async (text: string): Promise<void> => {
      await repository.commit({ 'chart/.helmignore': `dead-link-*\n${text}` })
      const added = links.flatMap((link) => ['--cacheinfo', link])
      await repository.git('update-index', '--add', ...added)
      await repository.git('commit', '--quiet', '--message=links')
      fetcher().expire()
    }
    await ignore('')
    await fetch({ url: repository.url })
    await ignore('any\n'.repeat(15_000))
    await refuses(bench, 'it has too many dead links for so long a .helmignore')
  }))

test.run()
