// Charts whose values.schema.json refers to what is elsewhere, with the real helms.
import { readFile } from 'node:fs/promises'
import type { LookupAddress } from 'node:dns'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../../lib/edge/exec.ts'
import { createAddressGuard } from '../../../lib/edge/net/address-guard.ts'
import { createAddressPolicy } from '../../../lib/edge/net/address-policy.ts'
import { startForwardProxy } from '../../../lib/edge/net/forward-proxy.ts'
import { testBinaries } from '../../helpers/binaries.ts'
import { chartFiles, indexRepository, packChart, writeTree } from '../../helpers/charts.ts'
import { failureOf } from '../../helpers/failure.ts'
import { withFetcher } from '../../helpers/fetching.ts'
import { withWebServer } from '../../helpers/webserver.ts'

const test = suite('a values.schema.json that refers to something else')

const schema = (ref: string): string => JSON.stringify({ properties: { a: { $ref: ref } } })

// What fetching a chart with this schema comes to.
async function fetched(path: string, ref: string) {
  return await withFetcher(async ({ fetch, directory }) => {
    const served = join(directory, 'served')
    const files = chartFiles('web', '1.0.0', {
      [path]: schema(ref),
      'charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
    })
    await packChart(served, files, { name: 'web', version: '1.0.0' })
    await indexRepository(served)
    return await withWebServer(
      (request, response) =>
        void readFile(join(served, request.url!)).then((content) => response.end(content)),
      async ({ url }) => {
        const source = { kind: 'repository', url, name: 'web', version: '1.0.0' } as const
        return await fetch(source).catch((error: unknown) => failureOf(Promise.reject(error)))
      },
    )
  })
}

test('on disk is refused, in the chart and in its subcharts', async () => {
  // Helm reads it when it packs the chart, too.
  const file = new URL('../../../package.json', import.meta.url).href
  for (const path of ['values.schema.json', 'charts/sub/values.schema.json'])
    assert.equal(await fetched(path, file), {
      code: 'ChartInvalid',
      message: `Cannot read chart "web" 1.0.0: its ${path} refers to "${file}", which Helm would read from the operator's disk; put what it refers to into the schema`,
    })
})

test('at an address that is not asked is refused, and says so', async () => {
  assert.equal(await fetched('values.schema.json', 'http://169.254.169.254/latest'), {
    code: 'ChartInvalid',
    message:
      'Cannot use chart "web" 1.0.0: its values.schema.json refers to "http://169.254.169.254/latest": ' +
      '"169.254.169.254" is not asked: address 169.254.169.254 is link-local or a metadata service; an administrator may open it with --allow-address',
  })
})

test('elsewhere is named with the chart', async () => {
  const artifact = await fetched('values.schema.json', 'http://127.0.0.1:1/x.json')
  assert.equal('schemaUrls' in artifact && artifact.schemaUrls, ['http://127.0.0.1:1/x.json'])
})

// Names of a test: "schemas.test" is a server on loopback, "moved.test" leads to a metadata service by now.
const names: Record<string, LookupAddress[]> = {
  'schemas.test': [{ address: '127.0.0.1', family: 4 }],
  'moved.test': [{ address: '169.254.169.254', family: 4 }],
}
const guard = createAddressGuard(
  createAddressPolicy({ allowed: ['127.0.0.0/8'], isInCluster: true }),
  (host, _, done) => done(null, names[host] ?? []),
)

for (const major of [3, 4] as const)
  test(`is fetched by helm ${major} through the proxy, which asks nobody that it must not`, () =>
    withFetcher(async ({ directory }) => {
      const proxy = await startForwardProxy({ guard, env: {} })
      const { helm3, helm4 } = await testBinaries()
      const run = createRunner({ env: { PATH: process.env.PATH, HOME: directory } })
      const render = async (ref: string): Promise<string> => {
        const files = { 'values.schema.json': schema(ref), 'values.yaml': 'a: 1\n' }
        await writeTree(join(directory, 'web'), chartFiles('web', '1.0.0', files))
        const command = [major === 3 ? helm3 : helm4, 'template', join(directory, 'web')]
        return await run(command, { env: proxy.env }).then(
          () => 'rendered',
          (error: { stderr: string }) => error.stderr,
        )
      }
      try {
        await withWebServer(
          (request, response) =>
            request.url === '/moved'
              ? response.writeHead(302, { location: 'http://moved.test/' }).end()
              : response.end('{"type":"integer"}'),
          async ({ port, requests }) => {
            assert.is(await render(`http://schemas.test:${port}/x.json`), 'rendered')
            assert.equal(requests, ['GET /x.json'])
            for (const ref of [`http://schemas.test:${port}/moved`, 'http://moved.test/'])
              assert.not.equal(await render(ref), 'rendered')
          },
        )
      } finally {
        await proxy.close()
      }
    }))

test.run()
