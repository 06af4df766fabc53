// The real helms pull from a registry through our forward proxy, which alone knows the names of this test.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createRunner } from '../../../lib/edge/exec.ts'
import { createAddressGuard } from '../../../lib/edge/net/address-guard.ts'
import { createAddressPolicy } from '../../../lib/edge/net/address-policy.ts'
import { startForwardProxy } from '../../../lib/edge/net/forward-proxy.ts'
import { testBinaries } from '../../helpers/binaries.ts'
import { chartFiles, packChart } from '../../helpers/charts.ts'
import { withRegistry, type OciRegistry } from '../../helpers/ociregistry.ts'

const test = suite('helm pull through the forward proxy')

const names: Record<string, string> = {
  'registry.test': '127.0.0.1',
  'blobs.test': '127.0.0.1',
  'evil.test': '169.254.169.254',
}
const guard = createAddressGuard(
  createAddressPolicy({ allowed: ['127.0.0.0/8', '0.0.0.0/32'], isInCluster: true }),
  (host, _, done) => done(null, [{ address: names[host] ?? '169.254.169.254', family: 4 }]),
)

type Bench = {
  registry: OciRegistry
  // The name of the archive that comes, or what helm says.
  pull: () => Promise<string>
}

// A registry with a chart that helm has pushed to it, also through the proxy.
async function withPull(
  major: 3 | 4,
  plainAt: string | undefined,
  use: (bench: Bench) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'oci-pull-'))
  const proxy = await startForwardProxy({ guard, env: {} })
  const { helm3, helm4 } = await testBinaries()
  const helm = major === 3 ? helm3 : helm4
  const run = createRunner({ env: { PATH: process.env.PATH, HOME: directory } })
  try {
    await withRegistry(
      async (registry) => {
        const caFile = join(directory, 'ca.pem')
        await writeFile(caFile, registry.ca)
        const how = plainAt === undefined ? ['--ca-file', caFile] : ['--plain-http']
        const url = `oci://${registry.host}/charts`
        const files = chartFiles('web', '1.0.0')
        const archive = await packChart(directory, files, { name: 'web', version: '1.0.0' })
        await run([helm4, 'push', archive, url, ...how], { env: proxy.env })
        const to = join(directory, 'pulled')
        await mkdir(to)
        const command = [helm, 'pull', `${url}/web`, '--version', '1.0.0', '--destination', to]
        const pull = (): Promise<string> =>
          run([...command, ...how], { env: proxy.env }).then(
            async () => String(await readdir(to)),
            (error: { stderr: string }) => error.stderr,
          )
        await use({ registry, pull })
      },
      { plainAt },
    )
  } finally {
    await proxy.close()
    await rm(directory, { recursive: true, force: true })
  }
}

for (const major of [3, 4] as const) {
  test(`brings a chart to helm ${major}, over HTTP and in a tunnel for TLS`, async () => {
    for (const plainAt of ['registry.test', undefined])
      await withPull(major, plainAt, async ({ pull }) => assert.is(await pull(), 'web-1.0.0.tgz'))
  })

  test(`follows a registry's redirect with helm ${major} to another server, and to none that must not be asked`, () =>
    withPull(major, 'registry.test', async ({ registry, pull }) => {
      const port = registry.host.split(':')[1]
      registry.redirectBlobs('http://evil.test')
      assert.match(await pull(), /evil.test" is not asked|403/)
      registry.redirectBlobs(`http://blobs.test:${port}`)
      assert.is(await pull(), 'web-1.0.0.tgz')
      assert.ok(registry.requests.some((line) => line.endsWith('?redirected')))
    }))
}

test.run()
