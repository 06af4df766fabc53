// A write for one HelmRelease never reaches another one of its name, and never takes away what others have written meanwhile.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { finalizer } from '../../lib/api/codec.ts'
import { depsAs } from '../../lib/loop/deps.ts'
import { readDesired } from '../../lib/loop/desired.ts'
import { addFinalizer, finalize } from '../../lib/loop/finalize.ts'
import { writeStatus } from '../../lib/loop/status.ts'
import { ReconcileError } from '../../lib/model/errors.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import { configMap } from '../helpers/chart.ts'
import { type LoopBench, withLoop } from '../helpers/loop.ts'
import { memory, noon } from '../helpers/release.ts'
import { helmReleases } from '../helpers/stream.ts'

const test = suite('a write for a HelmRelease')

const chart = { 'templates/configmap.yaml': configMap }
const spec = { chart: { repository: 'http://charts', name: 'web', version: '1.0.0' } }
const said = {
  memory: memory({ observedGeneration: 7 }),
  reports: [{ what: 'stuck', message: 'it has failed', now: noon }],
} as const

async function create(
  { cluster, namespace }: LoopBench,
  finalizers: readonly string[] = [],
): Promise<KubeObject> {
  return await cluster.create(helmReleases, {
    ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', spec },
    metadata: { name: 'web', namespace, finalizers: [...finalizers] },
  })
}

/** Deletes the one that is there, and creates another one of its name. */
async function replace(bench: LoopBench, finalizers: readonly string[]): Promise<KubeObject> {
  const { cluster, namespace } = bench
  const where = { name: 'web', namespace }
  await cluster.patch(helmReleases, where, {
    type: 'merge',
    body: { metadata: { finalizers: [] } },
  })
  await cluster.remove(helmReleases, where)
  return await create(bench, finalizers)
}

async function read({ cluster, namespace }: LoopBench): Promise<KubeObject> {
  return (await cluster.get(helmReleases, 'web', namespace))!
}

function known({ deps, key }: LoopBench, object: KubeObject): HelmRelease {
  deps.cache.put(key, object)
  return readDesired(deps, key)!
}

async function isInterrupted(write: Promise<unknown>): Promise<void> {
  const error = await write.then(() => undefined).catch((thrown: unknown) => thrown)
  assert.instance(error, ReconcileError)
  assert.is((error as ReconcileError).code, 'Interrupted')
}

for (const [who, isKnown] of [
  ['is known to be another one', true],
  ['is not known yet to be another one', false],
] as const)
  test(`writes no status where the object of its name ${who}`, () =>
    withLoop({ chart }, async (bench) => {
      const desired = known(bench, await create(bench))
      const other = await replace(bench, [])
      if (isKnown) known(bench, other)
      await isInterrupted(writeStatus(bench.deps, desired, said))
      assert.is((await read(bench))['status'], undefined)
    }))

for (const [who, isKnown] of [
  ['are known', true],
  ['are not known yet', false],
] as const)
  test(`adds no finalizer to a version whose later finalizers ${who}`, () =>
    withLoop({ chart }, async (bench) => {
      const { deps, cluster, namespace } = bench
      deps.finalizers = true
      const desired = known(bench, await create(bench))
      const body = { metadata: { finalizers: ['example.net/theirs'] } }
      const changed = await cluster.patch(
        helmReleases,
        { name: 'web', namespace },
        { type: 'merge', body },
      )
      if (isKnown) known(bench, changed)
      await isInterrupted(addFinalizer(depsAs(deps, undefined), desired))
      assert.equal((await read(bench)).metadata.finalizers, ['example.net/theirs'])
    }))

test('takes no finalizer from another object of its name', () =>
  withLoop({ chart }, async (bench) => {
    const { deps } = bench
    deps.finalizers = true
    const going = known(bench, await create(bench, [finalizer]))
    known(bench, await replace(bench, [finalizer]))
    await finalize(depsAs(deps, undefined), going, new AbortController().signal)
    assert.equal((await read(bench)).metadata.finalizers, [finalizer])
  }))

test.run()
