// Passes whose helm finds no place: their end is no failure of the source, and nobody else's.
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Parked } from '../../lib/model/errors.ts'
import type { HelmDriver } from '../../lib/model/ports.ts'
import type { ChartSource } from '../../lib/model/source.ts'
import { chartFiles, indexRepository, packChart, writeTree } from '../helpers/charts.ts'
import { withFetcher, type Fetching } from '../helpers/fetching.ts'
import { below, createRepository } from '../helpers/gitserver.ts'
import { withBench } from '../helpers/ocibench.ts'

const test = suite('a pass that finds no place for a helm that fetches')

type Parking = { park: (helm: HelmDriver) => HelmDriver; parked: () => number }

// A helm that has to wait, as it is known only when it is about to be started.
function parking(onRefused = (): void => undefined): Parking {
  let parked = 0
  const refuse = async (): Promise<void> => {
    parked += 1
    onRefused()
    throw new Parked({ for: 'fetch', places: 1, before: 0 })
  }
  return {
    park: (helm) => ({ ...helm, pull: refuse, updateDependencies: refuse }),
    parked: () => parked,
  }
}

// It ends as one that has to wait; a pass that asks for the same as soon as its helm is refused goes on, and later so does it.
async function check({ fetch }: Pick<Fetching, 'fetch'>, source: ChartSource): Promise<void> {
  const others: Promise<unknown>[] = []
  const { park, parked } = parking(() => void others.push(fetch(source)))
  const [mine] = await Promise.allSettled([fetch(source, park)])
  const [other] = await Promise.allSettled(others)
  assert.is(mine.status, 'rejected')
  assert.instance(mine.status === 'rejected' && mine.reason, Parked)
  assert.is(parked(), 1)
  assert.is(other?.status, 'fulfilled', String(other?.status === 'rejected' && other.reason))
  await fetch(source, park)
  assert.is(parked(), 1, 'what is there needs no helm')
}

async function serveHello(directory: string): Promise<string> {
  const served = join(directory, 'served')
  await packChart(served, chartFiles('hello', '1.0.0'), { name: 'hello', version: '1.0.0' })
  await indexRepository(served)
  return served
}

const hello = { kind: 'repository', name: 'hello', version: '1.0.0' } as const

test('waits for a chart of a registry', () =>
  withBench(async (bench) => {
    await bench.push('1.0.0')
    await check(bench, { ...hello, url: `oci://${bench.registry.host}/charts` })
  }))

test('waits for the dependencies of a chart from git', () =>
  withFetcher(async (bench) => {
    const repository = await createRepository(join(bench.directory, 'repository'))
    const chart =
      'apiVersion: v2\nname: parent\nversion: 1.0.0\n' +
      'dependencies:\n- {name: sub, version: 1.x, repository: "file://../sub"}\n'
    await repository.commit({
      ...below('chart', chartFiles('parent', '1.0.0', { 'Chart.yaml': chart })),
      ...below('sub', chartFiles('sub', '1.0.0')),
    })
    const { url } = repository
    await check(bench, { kind: 'git', url, ref: 'main', path: 'chart', updateDependencies: true })
  }))

test('waits for index and archive of a downloader plugin', () =>
  withFetcher(async (bench) => {
    const served = await serveHello(bench.directory)
    const plugin = join(bench.directory, '.local/share/helm/plugins/fake')
    await writeTree(plugin, {
      'plugin.yaml':
        'name: fake\nversion: 0.1.0\nusage: x\ndescription: x\ncommand: "$HELM_PLUGIN_DIR/get.sh"\n' +
        'downloaders:\n- command: get.sh\n  protocols: [fake]\n',
      'get.sh': `#!/bin/sh\nexec cat "${served}/\${4#fake://bucket/}"\n`,
    })
    await chmod(join(plugin, 'get.sh'), 0o755)
    const source = { ...hello, url: 'fake://bucket' }
    const { park, parked } = parking()
    // First for the index, and when that is there, for the archive.
    for (const files of [1, 0]) {
      const onlyOnce = (helm: HelmDriver): HelmDriver => {
        let left = 1 - files
        return { ...helm, pull: (call) => (left-- > 0 ? helm : park(helm)).pull(call) }
      }
      assert.instance(await bench.fetch(source, onlyOnce).catch((error: unknown) => error), Parked)
    }
    assert.is(parked(), 2)
    await bench.fetch(source)
  }))

test.run()
