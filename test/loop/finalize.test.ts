import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatKey } from '../../lib/model/key.ts'
import { configMap } from '../helpers/chart.ts'
import { withLoop, type LoopBench } from '../helpers/loop.ts'
import { helmRelease } from '../helpers/release.ts'
import { helmReleases } from '../helpers/stream.ts'
import { until } from '../helpers/until.ts'

const test = suite('a release that is not provably that of a HelmRelease')

const chart = { 'templates/configmap.yaml': configMap }

// Asks for a pass over a version of the HelmRelease that the API server no longer has.
async function passOverDeleted({ cluster, namespace, deps, queue }: LoopBench): Promise<void> {
  const spec = { chart: { repository: 'http://charts', name: 'web', version: '1.0.0' } }
  const object = await cluster.create(helmReleases, {
    ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', spec },
    metadata: { name: 'web', namespace },
  })
  await cluster.remove(helmReleases, { name: 'web', namespace })
  const key = formatKey({ group: 'helm.fluxcd.io', namespace, name: 'web' })
  deps.cache.put(key, object)
  const ended = countPasses(deps)
  queue.add(key)
  await until('the pass has ended', () => ended() > 0)
}

// Every pass gives back what it had for itself, once.
function countPasses({ reservations }: LoopBench['deps']): () => number {
  const end = reservations.end.bind(reservations)
  let ended = 0
  reservations.end = (key) => {
    end(key)
    ended += 1
  }
  return () => ended
}

for (const [how, finalizers] of [
  ['with', true],
  ['without', false],
] as const)
  test(`is not installed ${how} finalizers when the HelmRelease is gone before its first pass`, () =>
    withLoop({ chart }, async (bench) => {
      bench.deps.finalizers = finalizers
      await passOverDeleted(bench)
      assert.equal(await bench.history(), [])
    }))

test('is not taken over before all HelmReleases are known', () =>
  withLoop({ chart }, async (bench) => {
    let isKnown = false
    bench.deps.knowsAll = () => isKnown
    const { driver, namespace, artifact, deps } = bench
    const values = {}
    const release = helmRelease({ targetNamespace: namespace, releaseName: `${namespace}-web` })
    const signal = new AbortController().signal
    await driver.install({ release, artifact, values, timeoutMs: 60_000, secrets: [], signal })
    const ended = countPasses(deps)
    await bench.write({ values: { data: { a: '1' } } })
    await until('two passes have ended', () => ended() > 1)
    assert.equal(await bench.history(), ['1 deployed'])
    isKnown = true
    await bench.settled('taken over', ({ phase }) => phase === 'Succeeded')
    assert.equal(await bench.history(), ['2 deployed', '1 superseded'])
  }))

test.run()
