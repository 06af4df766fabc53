// Whoever writes a HelmRelease does not read the operator's disk.
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isLocalRemote } from '../../lib/edge/source/source-url.ts'
import type { ChartSource } from '../../lib/model/source.ts'
import { chartFiles } from '../helpers/charts.ts'
import { failureOf } from '../helpers/failure.ts'
import { withFetcher } from '../helpers/fetching.ts'
import { below, createRepository } from '../helpers/gitserver.ts'
import { withWebServer } from '../helpers/webserver.ts'

const test = suite("charts on the operator's own disk")

function gitAt(url: string): ChartSource {
  return { kind: 'git', url, ref: 'main', path: 'chart', updateDependencies: false }
}

const disk = "it is on the operator's own disk, which is read only with --allow-local-sources"

test('are refused, by whatever words git would find them', async () => {
  await withFetcher(
    async ({ fetch, directory, programs }) => {
      const { path } = await createRepository(join(directory, 'charts'))
      for (const url of [
        path,
        `file://${path}`,
        `FILE://localhost${path}`,
        `file:${path}`,
        'x/y',
        './a:b',
        '../x',
        '~/x',
      ])
        assert.equal(await failureOf(fetch(gitAt(url))), {
          code: 'ChartSourceInvalid',
          message: `Cannot fetch a chart from "${url}": ${disk}`,
        })
      assert.not.ok(programs().includes('git'), 'git is not even asked')
    },
    { allowLocal: false },
  )
})

test('are refused as a repository, and as what the index of one names', async () => {
  await withFetcher(
    async ({ fetch, directory }) => {
      const chart = { kind: 'repository', name: 'hello', version: '1.0.0' } as const
      const { code, message } = await failureOf(fetch({ ...chart, url: `file://${directory}` }))
      assert.equal([code, message.endsWith(disk)], ['ChartSourceInvalid', true])
      const index = `entries:\n  hello:\n  - {name: hello, version: 1.0.0, urls: ["file:///etc/x.tgz"]}\n`
      await withWebServer(
        (_, response) => response.end(index),
        async ({ url }) => {
          const failure = await failureOf(fetch({ ...chart, url }))
          assert.is(failure.message, `Cannot fetch "file:///etc/x.tgz": ${disk}`)
        },
      )
    },
    { allowLocal: false },
  )
})

test('git is told so too: configuration that turns a URL into a path leads nowhere', async () => {
  await withFetcher(
    async ({ fetch, directory, write }) => {
      const { path } = await createRepository(join(directory, 'charts'))
      await write('.gitconfig', `[url "file://${path}"]\n\tinsteadOf = https://git.test/charts\n`)
      const { code } = await failureOf(fetch(gitAt('https://git.test/charts')))
      assert.is(code, 'ChartSourceInvalid')
    },
    { allowLocal: false },
  )
})

test('are taken where the operator was told so, but nothing of its own cache', async () => {
  await withFetcher(async ({ fetch, directory }) => {
    const repository = await createRepository(join(directory, 'charts'))
    await repository.commit(below('chart', chartFiles('hello', '1.0.0')))
    assert.is((await fetch(gitAt(repository.url))).chart.name, 'hello')
    assert.is((await fetch(gitAt(repository.path))).chart.name, 'hello')
    const mirrors = join(directory, 'cache/git')
    const [mirror = ''] = await readdir(mirrors)
    await symlink(mirrors, join(directory, 'way'))
    for (const url of [
      join(mirrors, mirror),
      `file://${mirrors}/./${mirror}`,
      join(directory, 'way', mirror),
    ])
      assert.equal(await failureOf(fetch(gitAt(url))), {
        code: 'ChartSourceInvalid',
        message: `Cannot fetch a chart from "${url}": it is in the operator's own cache`,
      })
  })
})

test('mirrors have names that nobody can work out', async () => {
  const home = await mkdtemp(join(tmpdir(), 'repository-'))
  const { url, commit } = await createRepository(home)
  await commit(below('chart', chartFiles('hello', '1.0.0')))
  const names: string[] = []
  for (const _ of [1, 2])
    await withFetcher(async ({ fetch, directory, restart }) => {
      await fetch(gitAt(url))
      const before = await readdir(join(directory, 'cache/git'))
      await restart()
      await fetch(gitAt(url))
      assert.equal(await readdir(join(directory, 'cache/git')), before, 'the same after a restart')
      names.push(...before)
    })
  assert.is(new Set(names).size, 2)
  await rm(home, { recursive: true })
})

for (const [url, isLocal] of [
  ['https://git.test/x', false],
  ['ssh://git.test/x', false],
  ['git@git.test:x/y', false],
  ['git.test:x', false],
  ['git://git.test/x', false],
  ['ext::sh -c true', false],
  ['file:///x', true],
  ['file:x', true],
  ['/x:y', true],
  ['./x:y', true],
  ['x', true],
] as const)
  test(`"${url}" is ${isLocal ? 'local' : 'not local'}`, () => {
    assert.is(isLocalRemote(url), isLocal)
  })

test.run()
