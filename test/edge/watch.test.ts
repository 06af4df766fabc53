import process from 'node:process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ApiError } from '../../lib/model/errors.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { Obj } from '../../lib/sandbox/types.ts'
import {
  configMap,
  configMaps,
  places,
  secrets,
  withCluster,
  type RunningCluster,
} from '../helpers/cluster.ts'
import { follow, type Follower } from '../helpers/follow.ts'
import { processesWith } from '../helpers/processes.ts'
import { until } from '../helpers/until.ts'

const test = suite('Cluster.watch()')

// The proxy that was killed may not be there again.
async function isRemoved({ cluster, namespace }: RunningCluster, name: string): Promise<boolean> {
  try {
    await cluster.remove(configMaps, { name, namespace })
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 0) return false
    throw error
  }
}

// Real clusters put a ConfigMap of their own into each namespace.
const labels = { test: 'watch' }
const labelSelector = 'test=watch'

function labelled(namespace: string, name: string, data: Record<string, string> = {}): KubeObject {
  const object = configMap(namespace, name, data)
  return { ...object, metadata: { ...object.metadata, labels } }
}

async function following(
  { cluster, namespace }: RunningCluster,
  use: (follower: Follower, synced: (readonly string[])[]) => Promise<void>,
): Promise<void> {
  const synced: (readonly string[])[] = []
  const onSynced = (keys: readonly string[]): void => void synced.push(keys)
  const options = { namespace, labelSelector, onSynced }
  const follower = follow((signal) => cluster.watch(configMaps, { ...options, signal }))
  try {
    await use(follower, synced)
  } finally {
    await follower.stop()
  }
}

async function killProxy({ directory }: RunningCluster): Promise<void> {
  const [kubectl] = await processesWith(`--unix-socket=${directory}/`)
  process.kill(kubectl!.pid, 'SIGKILL')
}

for (const place of places) {
  test(`${place}: tells what there is, then what appears, changes and goes`, async () => {
    await withCluster(place, async (running) => {
      const { cluster, namespace } = running
      await cluster.create(configMaps, labelled(namespace, 'a'))
      await following(running, async (follower, synced) => {
        await until('the list is told', () => synced.length > 0)
        assert.equal(follower.told, [`ADDED ${namespace}/a`])
        assert.equal(synced, [[`${namespace}/a`]])
        await cluster.create(configMaps, labelled(namespace, 'b'))
        await follower.until(`ADDED ${namespace}/b`)
        const ref = { name: 'b', namespace }
        await cluster.patch(configMaps, ref, { type: 'merge', body: { data: { k: '1' } } })
        await follower.until(`MODIFIED ${namespace}/b`)
        assert.equal(follower.events.at(-1)?.object['data'], { k: '1' })
        await cluster.remove(configMaps, ref)
        await follower.until(`DELETED ${namespace}/b`)
        assert.is(follower.events.at(-1)?.object.kind, 'ConfigMap')
      })
    })
  })

  test(`${place}: tells only the metadata when that is all that is wanted`, async () => {
    await withCluster(place, async ({ cluster, namespace }) => {
      const create = (name: string): Promise<KubeObject> => {
        const metadata = { name, namespace, labels }
        const data = { secret: 'c2VjcmV0' }
        return cluster.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata, data })
      }
      await create('a')
      const options = { namespace, labelSelector, metadataOnly: true }
      const follower = follow((signal) => cluster.watch(secrets, { ...options, signal }))
      await follower.until(`ADDED ${namespace}/a`)
      await create('b')
      await follower.until(`ADDED ${namespace}/b`)
      await follower.stop()
      assert.equal(
        follower.events.map(({ object }) => Object.keys(object).sort()),
        [
          ['apiVersion', 'kind', 'metadata'],
          ['apiVersion', 'kind', 'metadata'],
        ],
      )
    })
  })

  test(`${place}: goes on where it broke off, without a new list, when the proxy is killed`, async () => {
    await withCluster(place, async (running) => {
      const { cluster, namespace, requests, messages } = running
      await cluster.create(configMaps, labelled(namespace, 'gone'))
      await cluster.create(configMaps, labelled(namespace, 'kept'))
      await following(running, async (follower, synced) => {
        await follower.until(`ADDED ${namespace}/kept`)
        await until('it watches', () => requests.some(([verb]) => verb === 'watch'))
        await killProxy(running)
        // The break is noticed first, so that the deletion falls into it.
        await until('the break is noticed', () => messages.includes('warn watch interrupted'))
        await until('it is deleted', () => isRemoved(running, 'gone'))
        await follower.until(`DELETED ${namespace}/gone`)
        await until('it is said', () => messages.includes('info watch resumed'))
        assert.equal(follower.told.filter((one) => one === `ADDED ${namespace}/kept`).length, 1)
        assert.is(synced.length, 1)
      })
    })
  })
}

test('a deletion that the server has forgotten is found by a new list', async () => {
  await withCluster(
    'sandbox',
    async (running) => {
      const { cluster, namespace, messages, requests, sandbox } = running
      await cluster.create(configMaps, labelled(namespace, 'gone'))
      await cluster.create(configMaps, labelled(namespace, 'kept'))
      await following(running, async (follower, synced) => {
        await follower.until(`ADDED ${namespace}/kept`)
        await until('it watches', () => requests.some(([verb]) => verb === 'watch'))
        await killProxy(running)
        await until('the break is noticed', () => messages.includes('warn watch interrupted'))
        // All in one moment, while the watch is down.
        sandbox!.api.delete('configmaps', namespace, 'gone')
        for (let count = 0; count < 20; count++)
          sandbox!.api.create('configmaps', configMap(namespace, `noise-${count}`) as Obj)
        await follower.until(`DELETED ${namespace}/gone`)
        await until('the new list is told', () => synced.length === 2)
        assert.equal(synced.at(-1), [`${namespace}/kept`])
        assert.equal(follower.told.filter((one) => one === `ADDED ${namespace}/kept`).length, 1)
      })
    },
    { window: 5 },
  )
})

for (const [moment, isThen] of [
  ['at once', () => true],
  ['after its first request', ({ requests }) => requests.length > 0],
  ['while it watches', ({ requests }) => requests.some(([verb]) => verb === 'watch')],
  ['after it has told something', ({ told }) => told.length > 0],
] as const satisfies [
  string,
  (so: Pick<Follower, 'told'> & Pick<RunningCluster, 'requests'>) => boolean,
][])
  test(`ends without an error when it is aborted ${moment}`, async () => {
    await withCluster('sandbox', async ({ cluster, namespace, requests }) => {
      await cluster.create(configMaps, configMap(namespace, 'a'))
      requests.length = 0
      const follower = follow((signal) => cluster.watch(configMaps, { namespace, signal }))
      await until('the moment has come', () => isThen({ requests, told: follower.told }))
      await follower.stop()
    })
  })

test.run()
