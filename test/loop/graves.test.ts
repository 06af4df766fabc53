import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codecFor } from '../../lib/api/codec.ts'
import { formatKey } from '../../lib/model/key.ts'
import { configMap } from '../helpers/chart.ts'
import { withLoop, type LoopBench } from '../helpers/loop.ts'
import { until } from '../helpers/until.ts'

const test = suite('a HelmRelease that is replaced by another of its name')

const helmReleases = codecFor('helm.fluxcd.io')!

const chart = { 'templates/configmap.yaml': configMap }

// Leaves the grave of the one before for the pass over the next one.
async function replace(
  { deps, cluster, namespace, write }: LoopBench,
  spec: object,
): Promise<void> {
  const key = formatKey({ group: 'helm.fluxcd.io', namespace, name: 'web' })
  await cluster.remove(helmReleases, { name: 'web', namespace })
  deps.graves.set(key, deps.cache.delete(key)!)
  await write(spec)
  await until('it is looked at', () => deps.graves.size === 0)
}

const releases = ({ storage, namespace }: LoopBench) =>
  Promise.all(
    ['before', 'after'].map(async (name) => {
      const [newest] = await storage.history(namespace, name, { fresh: true })
      return newest ? `${name} ${newest.revision}` : 'none'
    }),
  )

test('takes its release with it when the other one wants another', () =>
  withLoop({ chart }, async (bench) => {
    await bench.write({ releaseName: 'before' })
    await bench.settled('Ready', ({ phase }) => phase === 'Succeeded')
    await replace(bench, { releaseName: 'after' })
    await until('only the other one is left', async () => {
      return (await releases(bench)).join() === 'none,after 1'
    })
  }))

test('leaves its release to the other one when that wants the same', () =>
  withLoop({ chart }, async (bench) => {
    await bench.write({ releaseName: 'before' })
    await bench.settled('Ready', ({ phase }) => phase === 'Succeeded')
    await replace(bench, { releaseName: 'before' })
    await until('it is upgraded', async () => (await releases(bench)).join() === 'before 2,none')
    assert.is(bench.deps.graves.size, 0)
  }))

test.run()
