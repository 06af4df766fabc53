// A registry that the real helm pushes charts "hello" to, and a fetcher that pulls them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createRunner } from '../../lib/edge/exec.ts'
import { encodeDockerConfig } from '../../lib/helm/dockerconfig.ts'
import type { ChartSource, SecretRef } from '../../lib/model/source.ts'
import { testBinaries } from './binaries.ts'
import { chartFiles, packChart } from './charts.ts'
import { withFetcher, type Fetching } from './fetching.ts'
import { withRegistry, type OciRegistry, type RegistryLogin } from './ociregistry.ts'

export const ann = { username: 'ann', password: 'hunter2-and-more' }

export type Bench = Fetching & {
  registry: OciRegistry
  push: (version: string, greeting?: string) => Promise<void>
  pull: (version: string, secretRef?: SecretRef) => ReturnType<Fetching['fetch']>
}

/** Runs `use` with a registry, and a fetcher that trusts it if it is known. */
export async function withBench<T>(
  use: (bench: Bench) => Promise<T>,
  {
    major = 4,
    login,
    isKnown = true,
    plainAt,
  }: { major?: 3 | 4; login?: RegistryLogin; isKnown?: boolean; plainAt?: string } = {},
): Promise<T> {
  const run = createRunner({ env: process.env })
  return await withRegistry(
    async (registry) => {
      const scratch = await mkdtemp(join(tmpdir(), 'oci-test-'))
      const caFile = join(scratch, 'ca.pem')
      await writeFile(caFile, registry.ca)
      const config = join(scratch, 'registry.json')
      await writeFile(config, encodeDockerConfig(registry.host, login ?? ann))
      const { helm4 } = await testBinaries()
      const push = async (version: string, greeting = 'hello'): Promise<void> => {
        const directory = join(scratch, `${version}-${greeting}`)
        await mkdir(directory)
        const files = chartFiles('hello', version, { 'values.yaml': `greeting: ${greeting}\n` })
        const archive = await packChart(directory, files, { name: 'hello', version })
        const to = `oci://${registry.host}/charts`
        const how = plainAt === undefined ? ['--ca-file', caFile] : ['--plain-http']
        await run([helm4, 'push', archive, to, ...how, '--registry-config', config])
      }
      const source = (version: string, secretRef?: SecretRef): ChartSource => ({
        ...{ kind: 'repository', url: `oci://${registry.host}/charts`, name: 'hello', version },
        ...(secretRef ? { secretRef } : {}),
      })
      try {
        return await withFetcher(
          (fetching) =>
            use({
              ...{ ...fetching, registry, push },
              pull: (version, secretRef) => fetching.fetch(source(version, secretRef)),
            }),
          { major, env: isKnown ? { SSL_CERT_FILE: caFile } : {} },
        )
      } finally {
        await rm(scratch, { recursive: true })
      }
    },
    { login, plainAt },
  )
}
