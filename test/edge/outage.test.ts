import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ApiError } from '../../lib/model/errors.ts'
import { kubeconfigOf } from '../../lib/sandbox/kubeconfig.ts'
import { listen } from '../../lib/sandbox/listen.ts'
import { createSandbox } from '../../lib/sandbox/sandbox.ts'
import type { Obj } from '../../lib/sandbox/types.ts'
import { configMap, configMaps, connect, type RunningCluster } from '../helpers/cluster.ts'
import { follow } from '../helpers/follow.ts'
import { realClock } from '../helpers/sandbox.ts'
import {
  defineHelmReleases,
  wireHelmRelease,
  withReleaseStream,
  type Following,
} from '../helpers/stream.ts'
import { until } from '../helpers/until.ts'

const test = suite('an API server that goes away')

type Outage = RunningCluster & { goAway(): Promise<void>; comeBack(): Promise<void> }

async function withOutage(use: (outage: Outage) => Promise<void>): Promise<void> {
  const sandbox = createSandbox({ clock: realClock(), random: Math.random })
  const directory = await mkdtemp(join(tmpdir(), 'outage-test-'))
  const kubeconfig = join(directory, 'kubeconfig')
  let listener = await listen(sandbox, { port: 0 })
  const port = Number(new URL(listener.url).port)
  try {
    await writeFile(kubeconfig, kubeconfigOf(listener.url), { mode: 0o600 })
    await connect({ kubeconfig, directory, sandbox }, (running) =>
      use({
        ...running,
        goAway: () => listener.close(),
        comeBack: async () => {
          listener = await listen(sandbox, { port })
        },
      }),
    )
  } finally {
    sandbox.stop()
    await listener.close()
    await rm(directory, { recursive: true })
  }
}

test('requests say so at once, and succeed as soon as it is back', async () => {
  await withOutage(async ({ cluster, goAway, comeBack, namespace }) => {
    await goAway()
    const error = await cluster.get(configMaps, 'a', namespace).catch((reason: unknown) => reason)
    assert.equal([(error as ApiError).status, (error as ApiError).reason], [0, 'Unreachable'])
    await comeBack()
    assert.is(await cluster.get(configMaps, 'a', namespace), undefined)
  })
})

// However many tries lie between. A busy machine may lose a connection once more while everything comes back.
function assertPairs(messages: readonly string[], pair: readonly string[]): void {
  assert.equal(messages.slice(0, 2), pair)
  if (messages.length > 2) assert.equal(messages.slice(2), pair)
}

test('watch and stream tell what happened meanwhile, with one line of log each way', async () => {
  await withOutage(async (outage) => {
    const { cluster, sandbox, namespace, goAway, comeBack, messages } = outage
    await defineHelmReleases(outage)
    sandbox!.api.create('configmaps', configMap(namespace, 'a') as Obj)
    sandbox!.api.create('helmreleases.helm.fluxcd.io', wireHelmRelease(namespace, 'a') as Obj)
    const watch = follow((signal) => cluster.watch(configMaps, { namespace, signal }))
    const use = async (stream: Following): Promise<void> => {
      await watch.until(`ADDED ${namespace}/a`)
      await stream.follower.until(`ADDED ${namespace}/a`)
      await goAway()
      await until('both notice', () => messages.length > 0 && stream.messages.length > 0)
      sandbox!.api.delete('configmaps', namespace, 'a')
      sandbox!.api.delete('helmreleases.helm.fluxcd.io', namespace, 'a')
      await comeBack()
      await watch.until(`DELETED ${namespace}/a`)
      await stream.follower.until(`DELETED ${namespace}/a`)
      await until('both say so', () => messages.length > 1 && stream.messages.length > 1)
      assertPairs(messages, ['warn watch interrupted', 'info watch resumed'])
      assertPairs(stream.messages, ['warn stream interrupted', 'info stream resumed'])
    }
    await withReleaseStream(outage, use, 1_000)
    await watch.stop()
  })
})

test.run()
