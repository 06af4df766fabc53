import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { KubeObject } from '../../lib/model/json.ts'
import type { Obj } from '../../lib/sandbox/types.ts'
import { places, withCluster } from '../helpers/cluster.ts'
import { freeze } from '../helpers/processes.ts'
import {
  defineHelmReleases,
  helmReleases,
  killStreams,
  wireHelmRelease,
  withReleaseStream,
  type Following,
} from '../helpers/stream.ts'
import { until } from '../helpers/until.ts'

const test = suite('createReleaseStream()')

for (const place of places) {
  test(`${place}: tells what there is, then what appears, changes and goes`, async () => {
    await withCluster(place, async (running) => {
      await defineHelmReleases(running)
      const { cluster, namespace } = running
      await cluster.create(helmReleases, wireHelmRelease(namespace, 'a'))
      await withReleaseStream(running, async ({ follower, streams }) => {
        await follower.until(`ADDED ${namespace}/a`)
        await cluster.create(helmReleases, wireHelmRelease(namespace, 'b'))
        await follower.until(`ADDED ${namespace}/b`)
        const body = { spec: { values: { k: '€' } } }
        await cluster.patch(helmReleases, { name: 'b', namespace }, { type: 'merge', body })
        await follower.until(`MODIFIED ${namespace}/b`)
        const { spec } = follower.events.at(-1)!.object as KubeObject & { spec: typeof body.spec }
        assert.equal(spec.values, { k: '€' })
        await cluster.remove(helmReleases, { name: 'b', namespace })
        await follower.until(`DELETED ${namespace}/b`)
        assert.is((await streams()).length, 1)
      })
    })
  })

  test(`${place}: what happened while kubectl was down is told when it is back, and only that`, async () => {
    await withCluster(place, async (running) => {
      await defineHelmReleases(running)
      const { cluster, namespace } = running
      for (const name of ['gone', 'kept', 'changed'])
        await cluster.create(helmReleases, wireHelmRelease(namespace, name))
      await withReleaseStream(running, async (now) => {
        const { follower, messages } = now
        await until('all are told', () => follower.told.length === 3)
        await killStreams(now)
        await cluster.remove(helmReleases, { name: 'gone', namespace })
        const body = { spec: { values: { k: 1 } } }
        await cluster.patch(helmReleases, { name: 'changed', namespace }, { type: 'merge', body })
        await follower.until(`DELETED ${namespace}/gone`)
        await follower.until(`MODIFIED ${namespace}/changed`)
        assert.is(follower.told.length, 5)
        assert.equal(messages, ['warn stream interrupted', 'info stream resumed'])
      })
    })
  })

  test(`${place}: an object of 1.4 MB comes through whole`, async () => {
    await withCluster(place, async (running) => {
      await defineHelmReleases(running)
      const { cluster, namespace } = running
      const values = { text: '€uro'.repeat(200_000), end: 'here' }
      await withReleaseStream(running, async ({ follower }) => {
        await cluster.create(helmReleases, wireHelmRelease(namespace, 'big', values))
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
    await withReleaseStream(running, async ({ follower, messages, streams }) => {
      await until('it is said', () => messages.length > 0)
      assert.equal(
        [messages, await streams()],
        [['info API is not served, waiting for its definition'], []],
      )
      await defineHelmReleases(running)
      await cluster.create(helmReleases, wireHelmRelease(namespace, 'a'))
      await follower.until(`ADDED ${namespace}/a`)
      assert.is(messages.at(-1), 'info API is served')
    })
  })
})

test('a name that is deleted and used anew meanwhile is told as two objects', async () => {
  await withCluster('sandbox', async (running) => {
    await defineHelmReleases(running)
    const { cluster, namespace, sandbox } = running
    await cluster.create(helmReleases, wireHelmRelease(namespace, 'a'))
    await withReleaseStream(running, async (now) => {
      const { follower, messages } = now
      await follower.until(`ADDED ${namespace}/a`)
      await killStreams(now)
      await until('the break is noticed', () => messages.length > 0)
      sandbox!.api.delete('helmreleases.helm.fluxcd.io', namespace, 'a')
      sandbox!.api.create('helmreleases.helm.fluxcd.io', wireHelmRelease(namespace, 'a') as Obj)
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
    await defineHelmReleases(running)
    const { cluster, namespace } = running
    await cluster.create(helmReleases, wireHelmRelease(namespace, 'a'))
    const use = async ({ follower, streams, messages }: Following): Promise<void> => {
      await follower.until(`ADDED ${namespace}/a`)
      const pid = await until('kubectl hangs', async () => {
        const [one] = await streams()
        return one !== undefined && (await freeze(one)) && one
      })
      await cluster.create(helmReleases, wireHelmRelease(namespace, 'b'))
      await follower.until(`ADDED ${namespace}/b`)
      // Which of the two comes first is nobody's promise.
      await until('it is said', () => messages.includes('warn stream interrupted'))
      await until('the deaf one has gone', async () => !(await streams()).includes(pid))
    }
    await withReleaseStream(running, use, 1_000)
  })
})

test('a kubectl that cannot start is tried ever more rarely, and one line says why', async () => {
  await withCluster('sandbox', async (running) => {
    await defineHelmReleases(running)
    const broken = { ...running, kubeconfig: '/nonexistent/config' }
    const use = async ({ messages, follower, pauses }: Following): Promise<void> => {
      const lists = [1_000, 10_000, 300_000]
      const backoffs = (): number[] => pauses.filter((ms) => !lists.includes(ms))
      await until('it has tried', () => backoffs().length >= 6)
      assert.equal(backoffs().slice(0, 6), [750, 1_500, 3_000, 6_000, 11_250, 11_250])
      assert.equal(messages, ['warn stream interrupted'])
      assert.equal(follower.told, [])
    }
    await withReleaseStream(broken, use, 50)
  })
})

test('ends without an error and without a process when it is aborted, at any time', async () => {
  await withCluster('sandbox', async (running) => {
    const { cluster, namespace } = running
    await defineHelmReleases(running)
    await cluster.create(helmReleases, wireHelmRelease(namespace, 'a'))
    await withReleaseStream(running, async () => {})
    await withReleaseStream(running, async ({ streams }) => {
      await until('kubectl runs', async () => (await streams()).length > 0)
    })
    await withReleaseStream(running, ({ follower }) => follower.until(`ADDED ${namespace}/a`))
  })
})

test.run()
