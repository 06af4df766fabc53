// How a Helm fetches charts and dependencies with credentials that stand in files.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { configMap, writeChart } from '../helpers/chart.ts'
import { withWebServer } from '../helpers/webserver.ts'
import { refusal, type Check } from './helmwords.ts'

const simple = { 'templates/config.yaml': configMap }

const limits = (secrets: string[] = []) => ({
  timeoutMs: 20_000,
  secrets,
  signal: new AbortController().signal,
})

export function checkFetching(check: Check): void {
  const title = 'pull() takes an archive with credentials from a file and no index of its own'
  check(title, simple, async (_web, { path }, { driver, helm, directory }) => {
    await helm(driver.major, 'package', path, '--destination', directory)
    const archive = await readFile(join(directory, 'web-1.0.0.tgz'))
    const expected = `Basic ${btoa('me:hunter2-hunter2')}`
    const serve: RequestListener = ({ headers }, response) =>
      headers.authorization === expected
        ? response.end(archive)
        : response.writeHead(401).end('go away')
    await withWebServer(serve, async ({ url, requests }) => {
      const repository = await writeRepository(directory, url, 'hunter2-hunter2')
      const destination = join(directory, 'pulled')
      await mkdir(destination)
      const target = { chart: 'stable/web', version: '1.0.0', destination }
      await driver.pull({ ...limits(), ...target, ...repository })
      assert.equal(await readFile(join(destination, 'web-1.0.0.tgz')), archive)
      assert.equal(requests, ['GET /charts/web-1.0.0.tgz'])

      await writeRepository(directory, url, 'wrong-password')
      const secrets = ['wrong-password']
      const error = await refusal(driver.pull({ ...limits(secrets), ...target, ...repository }))
      assert.is(error.code, 'RepositoryRefused')
      assert.not.match(error.message, 'wrong-password')
    })
  })

  check('pull() says what is missing', simple, async (_web, _chart, { driver, directory }) => {
    const destination = directory
    const of = (chart: string) => refusal(driver.pull({ ...limits(), chart, destination }))
    assert.is((await of('s3://bucket/web-1.0.0.tgz')).code, 'ChartSourceInvalid')
    assert.is((await of('http://127.0.0.1:1/web-1.0.0.tgz')).code, 'RepositoryUnreachable')
    assert.is((await of('oci://127.0.0.1:1/web')).code, 'RepositoryUnreachable')
  })

  const parent = { 'Chart.yaml': chartWith('file://../lib') }
  const dependencies = 'updateDependencies() fills charts/ from a directory next door'
  check(dependencies, parent, async (_web, { path }, { driver, directory }) => {
    const call = { ...limits(), chartPath: path }
    const error = await refusal(driver.updateDependencies(call))
    assert.is(error.code, 'DependencyUpdateFailed')
    assert.match(error.message, 'lib')
    await writeChart(join(directory, 'lib'), simple)
    await driver.updateDependencies(call)
    assert.equal(await readdir(join(path, 'charts')), ['web-1.0.0.tgz'])
  })
}

function chartWith(repository: string): string {
  const dependency = `{ name: web, version: 1.0.0, repository: "${repository}" }`
  return `apiVersion: v2\nname: parent\nversion: 1.0.0\ndependencies: [${dependency}]\n`
}

/** A repositories.yaml with one repository "stable", and its index as helm would have cached it. */
async function writeRepository(
  directory: string,
  url: string,
  password: string,
): Promise<{ repositoryConfig: string; repositoryCache: string }> {
  const repositoryConfig = join(directory, 'repositories.yaml')
  const repository = { name: 'stable', url: `${url}/charts`, username: 'me', password }
  await writeFile(
    repositoryConfig,
    JSON.stringify({ apiVersion: 'v1', repositories: [repository] }),
  )
  const version = { apiVersion: 'v2', name: 'web', version: '1.0.0', urls: ['web-1.0.0.tgz'] }
  const index = JSON.stringify({ apiVersion: 'v1', entries: { web: [version] } })
  await writeFile(join(directory, 'stable-index.yaml'), index)
  return { repositoryConfig, repositoryCache: directory }
}
