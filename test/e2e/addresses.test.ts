// Servers that may be asked lead git and helm to addresses that must not be asked: the operator's proxy is in their way.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chartFiles } from '../helpers/charts.ts'
import { below, createRepository } from '../helpers/gitserver.ts'
import { withOperator } from '../helpers/operator.ts'
import { withWebServer } from '../helpers/webserver.ts'
import { helmReleaseYaml } from '../helpers/yaml.ts'

const test = suite('a server that leads to the metadata service of a cloud')

const metadata = 'http://169.254.169.254/latest'

test('leads neither git nor a helm that fetches there', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'addresses-'))
  try {
    await withWebServer(
      (request, response) => response.writeHead(302, { location: metadata + request.url }).end(),
      async ({ url, requests }) => {
        const repository = await createRepository(join(directory, 'charts'))
        const dependency = `{name: sub, version: 1.x, repository: "${url}/charts"}`
        const chart = `apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- ${dependency}\n`
        await repository.commit(below('chart', chartFiles('web', '1.0.0', { 'Chart.yaml': chart })))
        await withOperator([], async ({ apply, condition }) => {
          await apply(
            helmReleaseYaml('by-git', {
              chart: { git: `${url}/web.git`, path: '.', ref: 'main' },
            }) +
              helmReleaseYaml('by-helm', {
                chart: { git: repository.url, path: 'chart', ref: 'main' },
              }),
          )
          // Of what a proxy answers, git shows the status only.
          assert.match(await condition('by-git', 'Ready', 'False'), /the server refuses/)
          assert.match(await condition('by-helm', 'Ready', 'False'), /link-local or a metadata/)
        })
        assert.ok(requests.some((request) => request.includes('web.git')))
        assert.ok(requests.some((request) => request.includes('charts/index.yaml')))
      },
    )
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})

test.run()
