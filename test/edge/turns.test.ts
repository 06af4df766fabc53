// Real helms that update dependencies from a server which lets them wait.
import type { ServerResponse } from 'node:http'
import { readFile, stat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chartFiles, indexRepository, packChart } from '../helpers/charts.ts'
import { withFetcher } from '../helpers/fetching.ts'
import { below, createRepository } from '../helpers/gitserver.ts'
import { until } from '../helpers/until.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite('helms that fetch')

async function serveSlowly(
  directory: string,
  use: (server: { url: string; waiting: ServerResponse[]; answer: () => void }) => Promise<void>,
): Promise<void> {
  await packChart(directory, chartFiles('sub', '1.0.0'), { name: 'sub', version: '1.0.0' })
  await indexRepository(directory)
  const index = await readFile(join(directory, 'index.yaml'))
  const waiting: ServerResponse[] = []
  await withWebServer(
    ({ url }, response) => {
      if (url === '/index.yaml') waiting.push(response)
      else void readFile(join(directory, url!)).then((content) => response.end(content))
    },
    ({ url }) => use({ url, waiting, answer: () => void waiting.shift()?.end(index) }),
  )
}

// Of the charts that are about to have their dependencies updated.
async function countDrafts(charts: string): Promise<number> {
  const drafts = (await readdir(charts)).filter((name) => name.startsWith('.draft-'))
  const there = drafts.map((name) => stat(join(charts, name, 'content/charts')).catch(() => false))
  return (await Promise.all(there)).filter(Boolean).length
}

test('are four at a time, each with indexes of its own; the others wait for their turn', async () => {
  await withFetcher(async ({ fetch, directory, programs, args }) => {
    const helms = (): number => programs().filter((program) => program !== 'git').length
    await serveSlowly(join(directory, 'served'), async ({ url, waiting, answer }) => {
      const repository = await createRepository(join(directory, 'repository'))
      const names = ['a', 'b', 'c', 'd', 'e', 'f']
      for (const name of names) {
        const dependency = `{name: sub, version: 1.x, repository: "${url}"}`
        const chart = `apiVersion: v2\nname: ${name}\nversion: 1.0.0\ndependencies:\n- ${dependency}\n`
        const files = chartFiles(name, '1.0.0', { 'Chart.yaml': chart })
        await repository.commit(below(`charts/${name}`, files))
      }
      const source = { kind: 'git', url: repository.url, ref: 'main' } as const
      const fetching = names.map((name) =>
        fetch({ ...source, path: `charts/${name}`, updateDependencies: true }),
      )
      // Whatever is wrong here is told below.
      Promise.all(fetching).catch(() => {})
      await until('all are ready for helm', async () => {
        const drafts = await countDrafts(join(directory, 'cache/charts'))
        return drafts === names.length && waiting.length >= 4
      })
      assert.is(helms(), 4, 'no fifth one was started')
      const caches = args().filter((_, index, all) => all[index - 1] === '--repository-cache')
      assert.is(new Set(caches).size, 4)
      let ended = 0
      for (const one of fetching) void one.finally(() => ended++).catch(() => {})
      // Each asks for it twice.
      await until('the first ones end', () => (answer(), ended > 0))
      await until('a fifth one takes the place of the first', () => helms() >= 5)
      await until('all have ended', () => (answer(), ended === names.length))
      const artifacts = await Promise.all(fetching)
      for (const { path } of artifacts)
        assert.equal(await readdir(join(path, 'charts')), ['sub-1.0.0.tgz'])
    })
  })
})

test.run()
