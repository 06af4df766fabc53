// The hook for pushes to git, and how the operator is told where things are.
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { configMap } from '../helpers/chart.ts'
import { chartFiles } from '../helpers/charts.ts'
import { openDoor } from '../helpers/door.ts'
import { below, createRepository, type GitRepository } from '../helpers/gitserver.ts'
import { withOperator } from '../helpers/operator.ts'
import { withRepository } from '../helpers/repository.ts'
import { until } from '../helpers/until.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('the process around the loop')

async function withGit<T>(use: (repository: GitRepository) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'sync-git-'))
  try {
    const repository = await createRepository(join(directory, 'charts'))
    await repository.commit(below('chart', chartFiles('web', '1.0.0')))
    return await use(repository)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

test('a push is released at once when POST /api/v1/sync-git tells of it, long before the poll', () =>
  withGit(async (repository) => {
    const chart = { git: repository.url, path: 'chart', ref: 'main' }
    const flags = ['--git-poll-interval=1h', '--charts-sync-interval=1h']
    await withOperator(flags, async ({ apply, condition, read, log }) => {
      const door = await openDoor(log)
      await apply(helmReleaseYaml('web', { chart }))
      await condition('web', 'Released', 'True')
      const second = await repository.commit({ 'chart/values.yaml': 'greeting: hi\n' })
      const answers = await Promise.all([1, 2, 3].map(() => door.post('/api/v1/sync-git')))
      for (const answer of answers) assert.equal(answer, { status: 200, body: 'OK' })
      assert.is((await door.get('/api/v1/sync-git')).status, 405)
      await until('the commit is released', () => {
        return (read('web')?.status as { revision?: string }).revision === second
      })
      assert.is(log().match(/info="looking for news in git" releases=1/g)?.length, 1)
    })
  }))

test('flux_git_ready tells that a repository cannot be fetched, while its release stays as it is', () =>
  withGit(async (repository) => {
    const chart = { git: repository.url, path: 'chart', ref: 'main' }
    await withOperator(['--git-poll-interval=1h'], async ({ apply, condition, log }) => {
      const door = await openDoor(log)
      await apply(helmReleaseYaml('web', { chart }))
      await condition('web', 'Released', 'True')
      await door.sample('flux_git_ready', 1)
      await rename(repository.path, `${repository.path}.away`)
      await door.post('/api/v1/sync-git')
      await door.sample('flux_git_ready', 0)
      await condition('web', 'Released', 'True')
    })
  }))

test('--master is where the API server is, whatever the kubeconfig says', () =>
  withRepository(async (repository) => {
    await repository.add('web', '1.0.0', { 'templates/configmap.yaml': configMap })
    const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
    await withOperator([], async ({ apply, condition, kubeconfig, kubectl, stop, start }) => {
      await stop()
      const server = await kubectl('config', 'view', '-o=jsonpath={.clusters[0].cluster.server}')
      const elsewhere = `${kubeconfig}.elsewhere`
      const text = await kubectl('config', 'view', '--raw')
      await writeFile(elsewhere, text.replaceAll(server, 'http://127.0.0.1:1'), { mode: 0o600 })
      start(`--kubeconfig=${elsewhere}`, `--master=${server}`)
      await apply(helmReleaseYaml('web', { chart }))
      await condition('web', 'Released', 'True')
    })
  }))

test.run()
