import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseAllDocuments } from 'yaml'
import { systemClock } from '../../lib/edge/clock.ts'
import { createReleaseStream } from '../../lib/edge/releases.ts'
import { createLines } from '../../lib/edge/stream.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { ResourceType } from '../../lib/model/ports.ts'
import type { Obj } from '../../lib/sandbox/types.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { crds, places, withCluster, type RunningCluster } from '../helpers/cluster.ts'
import { follow, type Follower } from '../helpers/follow.ts'
import { recordLog } from '../helpers/log.ts'
import { processesWith } from '../helpers/processes.ts'
import { until } from '../helpers/until.ts'

const test = suite('createReleaseStream()')

const apiVersion = 'helm.fluxcd.io/v1'
const plural = 'helmreleases'
const type: ResourceType = { group: 'helm.fluxcd.io', version: 'v1', plural, namespaced: true }

const definition = new URL('../../crds/helmreleases.helm.fluxcd.io.yaml', import.meta.url)

function helmRelease(namespace: string, name: string, values: object = {}): KubeObject {
  const chart = { repository: 'https://example.com', name: 'x', version: '1.0.0' }
  const spec = { chart, values }
  return { apiVersion, kind: 'HelmRelease', metadata: { name, namespace }, spec }
}

async function define({ cluster }: RunningCluster): Promise<void> {
  const text = await readFile(definition, 'utf8')
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as KubeObject
    const { name } = object.metadata
    if (!(await cluster.get(crds, name))) await cluster.create(crds, object)
  }
  await until('HelmReleases are served', () => cluster.resourceFor(apiVersion, 'HelmRelease'))
}

type Following = RunningCluster & {
  follower: Follower
  messages: string[]
  // The stream's own kubectls that run right now.
  streams(): Promise<number[]>
}

// faster: so many times faster than a real clock do all pauses of the stream pass.
async function following(
  running: RunningCluster,
  use: (following: Following) => Promise<void>,
  faster = 1,
): Promise<void> {
  const { kubectl } = await testBinaries()
  const clock = systemClock()
  const { log, messages } = recordLog()
  const { client, cluster, discovery, kubeconfig, directory, namespace } = running
  const cacheDirectory = join(directory, 'kube-cache')
  const stream = createReleaseStream({
    ...{ kubectl, kubeconfig, cacheDirectory, namespace },
    ...{ apiVersion, kind: 'HelmRelease', plural },
    ...{ client, discovery, watch: cluster.watch, log, random: () => 0.5 },
    clock: { ...clock, sleep: (ms, signal) => clock.sleep(ms / faster, signal) },
    lines: createLines({ env: process.env }),
  })
  const follower = follow((signal) => stream.events(signal))
  const streams = async (): Promise<number[]> =>
    (await processesWith(`--cache-dir=${cacheDirectory}`)).map(({ pid }) => pid)
  try {
    await use({ ...running, follower, messages, streams })
  } finally {
    await follower.stop()
  }
  assert.equal(await streams(), [])
}

async function kill({ streams }: Following): Promise<void> {
  for (const pid of await streams()) process.kill(pid, 'SIGKILL')
}

for (const place of places) {
  test(`${place}: tells what there is, then what appears, changes and goes`, async () => {
    await withCluster(place, async (running) => {
      await define(running)
      const { cluster, namespace } = running
      await cluster.create(type, helmRelease(namespace, 'a'))
      await following(running, async ({ follower, streams }) => {
        await follower.until(`ADDED ${namespace}/a`)
        await cluster.create(type, helmRelease(namespace, 'b'))
        await follower.until(`ADDED ${namespace}/b`)
        const body = { spec: { values: { k: '€' } } }
        await cluster.patch(type, { name: 'b', namespace }, { type: 'merge', body })
        await follower.until(`MODIFIED ${namespace}/b`)
        const { spec } = follower.events.at(-1)!.object as KubeObject & { spec: typeof body.spec }
        assert.equal(spec.values, { k: '€' })
        await cluster.remove(type, { name: 'b', namespace })
        await follower.until(`DELETED ${namespace}/b`)
        assert.is((await streams()).length, 1)
      })
    })
  })

  test(`${place}: what happened while kubectl was down is told when it is back, and only that`, async () => {
    await withCluster(place, async (running) => {
      await define(running)
      const { cluster, namespace } = running
      for (const name of ['gone', 'kept', 'changed'])
        await cluster.create(type, helmRelease(namespace, name))
      await following(running, async (now) => {
        const { follower, messages } = now
        await until('all are told', () => follower.told.length === 3)
        await kill(now)
        await cluster.remove(type, { name: 'gone', namespace })
        const body = { spec: { values: { k: 1 } } }
        await cluster.patch(type, { name: 'changed', namespace }, { type: 'merge', body })
        await follower.until(`DELETED ${namespace}/gone`)
        await follower.until(`MODIFIED ${namespace}/changed`)
        assert.is(follower.told.length, 5)
        assert.equal(messages, ['warn stream interrupted', 'info stream resumed'])
      })
    })
  })

  test(`${place}: an object of 1.4 MB comes through whole`, async () => {
    await withCluster(place, async (running) => {
      await define(running)
      const { cluster, namespace } = running
      const values = { text: '€uro'.repeat(200_000), end: 'here' }
      await following(running, async ({ follower }) => {
        await cluster.create(type, helmRelease(namespace, 'big', values))
        await follower.until(`ADDED ${namespace}/big`)
        const { spec } = follower.events[0]!.object as KubeObject & { spec: { values: object } }
        assert.equal(spec.values, values)
      })
    })
  })
}

test('an API that is not served is waited for without a process, and picked up when it is', async () => {
  await withCluster('sandbox', async (running) => {
    const { cluster, namespace } = running
    await following(running, async ({ follower, messages, streams }) => {
      await until('it is said', () => messages.length > 0)
      assert.equal(
        [messages, await streams()],
        [['info API is not served, waiting for its definition'], []],
      )
      await define(running)
      await cluster.create(type, helmRelease(namespace, 'a'))
      await follower.until(`ADDED ${namespace}/a`)
      assert.is(messages.at(-1), 'info API is served')
    })
  })
})

test('a name that is deleted and used anew meanwhile is told as two objects', async () => {
  await withCluster('sandbox', async (running) => {
    await define(running)
    const { cluster, namespace, sandbox } = running
    await cluster.create(type, helmRelease(namespace, 'a'))
    await following(running, async (now) => {
      const { follower, messages } = now
      await follower.until(`ADDED ${namespace}/a`)
      await kill(now)
      await until('the break is noticed', () => messages.length > 0)
      sandbox!.api.delete('helmreleases.helm.fluxcd.io', namespace, 'a')
      sandbox!.api.create('helmreleases.helm.fluxcd.io', helmRelease(namespace, 'a') as Obj)
      await follower.until(`ADDED ${namespace}/a`, 2)
      assert.equal(follower.told, [
        `ADDED ${namespace}/a`,
        `DELETED ${namespace}/a`,
        `ADDED ${namespace}/a`,
      ])
      const [first, gone, second] = follower.events.map(({ object }) => object.metadata.uid)
      assert.is(first, gone)
      assert.is.not(first, second)
    })
  })
})

test('a kubectl that has gone deaf is found out and replaced', async () => {
  await withCluster('sandbox', async (running) => {
    await define(running)
    const { cluster, namespace } = running
    await cluster.create(type, helmRelease(namespace, 'a'))
    const use = async ({ follower, streams, messages }: Following): Promise<void> => {
      await follower.until(`ADDED ${namespace}/a`)
      const [pid] = await streams()
      process.kill(pid!, 'SIGSTOP')
      await cluster.create(type, helmRelease(namespace, 'b'))
      await follower.until(`ADDED ${namespace}/b`)
      assert.ok(messages.includes('warn stream interrupted'))
      assert.not((await streams()).includes(pid!))
    }
    await following(running, use, 50)
  })
})

test('a kubectl that cannot start is tried ever more rarely, and one line says why', async () => {
  await withCluster('sandbox', async (running) => {
    await define(running)
    const broken = { ...running, kubeconfig: '/nonexistent/config' }
    const use = async ({ messages, follower, streams }: Following): Promise<void> => {
      await until('it is said', () => messages.length > 0)
      for (let tries = 0; tries < 20; tries++) await streams()
      assert.equal(messages, ['warn stream interrupted'])
      assert.equal(follower.told, [])
    }
    await following(broken, use, 20)
  })
})

test('ends without an error and without a process when it is aborted, at any time', async () => {
  await withCluster('sandbox', async (running) => {
    await define(running)
    for (const delayMs of [0, 5, 30, 100])
      await following(running, async () => {
        await new Promise((resolve) => setTimeout(resolve, delayMs))
      })
  })
})

test.run()
