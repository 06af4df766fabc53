import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatKey } from '../../lib/model/key.ts'
import { configMap } from '../helpers/chart.ts'
import { withLoop, type LoopBench } from '../helpers/loop.ts'
import { helmReleases } from '../helpers/stream.ts'
import { until } from '../helpers/until.ts'

const test = suite('a HelmRelease that is deleted before its first pass')

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
  test(`is not installed ${how} finalizers`, () =>
    withLoop({ chart }, async (bench) => {
      bench.deps.finalizers = finalizers
      await passOverDeleted(bench)
      assert.equal(await bench.history(), [])
    }))

test.run()
