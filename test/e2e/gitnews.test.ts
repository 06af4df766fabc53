// How soon a commit is deployed, and what that costs the server: HelmReleases from real repositories over smart HTTP.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openDoor } from '../helpers/door.ts'
import { chartFiles } from '../helpers/charts.ts'
import { below, createRepository, withGitHttp, type GitRepository } from '../helpers/gitserver.ts'
import { withOperator, type RunningOperator } from '../helpers/operator.ts'
import { countPasses } from '../helpers/passes.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml, secretYaml } from '../helpers/yaml.ts'

const test = suite('news from git')
const names = ['a', 'b']

type Stage = RunningOperator & {
  repository: GitRepository
  // Over HTTP.
  url: string
  // Commits another greeting; answers the commit.
  greet(greeting: string): Promise<string>
  // Waits until all releases are of this commit, and have what it says.
  deployed(commit: string, greeting: string, withinMs?: number): Promise<void>
  // How often the server was asked for news since the last call.
  asked(): number
}

async function withReleases(
  flags: readonly string[],
  use: (stage: Stage) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'git-news-'))
  try {
    const repository = await createRepository(join(directory, 'charts'))
    // Everything at once: files that come later would look like another question for news.
    await repository.git('config', 'uploadpack.allowFilter', 'false')
    const greet = (greeting: string): Promise<string> =>
      repository.commit(
        below('web', chartFiles('web', '1.0.0', { 'values.yaml': `greeting: ${greeting}\n` })),
      )
    const first = await greet('hello')
    await withGitHttp(directory, ({ url, requests }) =>
      withOperator(flags, async (running) => {
        const chart = {
          ...{ git: `${url}/charts/.git`, ref: 'main', path: 'web' },
          secretRef: { name: 'git' },
        }
        const stage = {
          ...{ ...running, repository, greet, url: `${url}/charts/.git` },
          asked: () => requests.splice(0).filter((line) => line.includes('/info/refs')).length,
          deployed: async (commit: string, greeting: string, withinMs?: number) => {
            const isThere = (name: string): boolean => {
              const status = running.read(name)?.status as { revision?: string } | undefined
              const map = running.api.get('configmaps', 'default', `default-${name}`)
              const { greeting: is } = (map as { data?: { greeting?: string } })?.data ?? {}
              return status?.revision === commit && is === greeting
            }
            await until(`"${greeting}" is deployed`, () => names.every(isThere), withinMs)
          },
        }
        const secret = secretYaml('git', { username: 'ann', password: 'hunter2' })
        const releases = names.map((name) => helmReleaseYaml(name, { chart }))
        await running.apply(secret + releases.join(''))
        await stage.deployed(first, 'hello')
        for (const name of names) await running.condition(name, 'Ready', 'True')
        await use(stage)
      }),
    )
  } finally {
    await rm(directory, { recursive: true })
  }
}

test('is deployed within the poll interval, however long the one between syncs', () =>
  withReleases(
    ['--git-poll-interval=2s', '--charts-sync-interval=1h'],
    async ({ greet, deployed, asked }) => {
      const startedAt = Date.now()
      asked()
      for (const greeting of ['second', 'third']) {
        const commit = await greet(greeting)
        // Upgrades take their time on a busy machine.
        await deployed(commit, greeting, 2_000 + 4_000)
      }
      const intervals = (Date.now() - startedAt) / 2_000
      const fetches = asked()
      assert.ok(fetches >= 2 && fetches <= intervals + 1, `${fetches} in ${intervals} intervals`)
    },
  ))

test('is looked for once by all that come from one repository, also after a restart', () =>
  withReleases(['--git-poll-interval=1h', '--charts-sync-interval=1s'], async (stage) => {
    const { asked, stop, start, log } = stage
    assert.is(asked(), 2, 'is it there, and what has it got')
    const passes = await countPasses(stage)
    for (const name of names) await passes.more(name, 2)
    assert.is(asked(), 0)
    await stop()
    const before = log()
    start()
    const again = await countPasses(stage, before)
    for (const name of names) await again.more(name, 2)
    assert.is(asked(), 1)
  }))

test('is deployed at once when announced, however often it is', () =>
  withReleases(
    ['--git-poll-interval=1h', '--charts-sync-interval=1h'],
    async ({ greet, deployed, asked, log }) => {
      const door = await openDoor(log)
      const commit = await greet('announced')
      asked()
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => door.post('/api/v1/sync-git')),
      )
      assert.ok(answers.every(({ status, body }) => status === 200 && body === 'OK'))
      // By itself it would take an hour.
      await deployed(commit, 'announced')
      assert.is(asked(), 1)
      assert.is((await door.get('/api/v1/sync-git')).status, 405)
    },
  ))

test('is not looked for in a hurry when it cannot be', () =>
  withReleases(['--git-poll-interval=1s', '--charts-sync-interval=1h'], async (stage) => {
    const { apply, kubectl, condition, url } = stage
    // From the same repository, without credentials: looked at whenever news may be asked for.
    const open = { git: url, ref: 'main', path: 'web' }
    await apply(helmReleaseYaml('open', { chart: open }))
    await condition('open', 'Ready', 'True')
    await kubectl('delete', 'secret', 'git')
    assert.match(await condition('a', 'Ready', 'False'), /Secret "git" .* does not exist$/)
    const { over, more } = await countPasses(stage)
    const before = await over('a')
    await more('open', 3)
    const passes = (await over('a')) - before
    assert.ok(passes <= 4, `${passes} passes while the open one was looked at three times`)
  }))

test.run()
