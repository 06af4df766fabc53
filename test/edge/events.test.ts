import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createEventRecorder } from '../../lib/edge/events.ts'
import { ApiError } from '../../lib/model/errors.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { Clock, Cluster, EventRecorder, ResourceType } from '../../lib/model/ports.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import { places, withCluster, type RunningCluster } from '../helpers/cluster.ts'
import { recordLog } from '../helpers/log.ts'
import { helmRelease } from '../helpers/release.ts'

const test = suite('createEventRecorder()')
const events: ResourceType = { group: '', version: 'v1', plural: 'events', namespaced: true }
const failed = { type: 'Warning', reason: 'FailedReleaseSync', message: 'no such chart' } as const

type Situation = {
  recorder: EventRecorder
  release: HelmRelease
  time: { now: number }
  messages: string[]
  recorded(): Promise<Recorded[]>
}
type Recorded = KubeObject & {
  count: number
  message: string
  reason: string
  firstTimestamp: string
  lastTimestamp: string
  source: { component: string }
  involvedObject: { kind: string; name: string; uid: string }
}

function situation({ cluster, namespace }: RunningCluster, over: Partial<Cluster> = {}): Situation {
  const time = { now: Date.UTC(2026, 0, 1) }
  const clock: Clock = { now: () => time.now, sleep: () => Promise.resolve() }
  const { log, messages } = recordLog()
  const deps = { cluster: { ...cluster, ...over }, clock, random: Math.random, log }
  const release = helmRelease({ key: { group: 'helm.fluxcd.io', namespace, name: 'web' } })
  const recorded = async (): Promise<Recorded[]> =>
    (await cluster.list(events, { namespace })).items as Recorded[]
  return { recorder: createEventRecorder(deps), release, time, messages, recorded }
}

for (const place of places) {
  test(`${place}: an event is about the HelmRelease and comes from helm-operator`, async () => {
    await withCluster(place, async (running) => {
      const { recorder, release, recorded, messages } = situation(running)
      await recorder.record(release, failed)
      const [event, ...more] = await recorded()
      assert.equal([messages, more], [[], []])
      assert.equal(
        [event!.reason, event!.message, event!.count],
        [failed.reason, failed.message, 1],
      )
      assert.is(event!.source.component, 'helm-operator')
      const { kind, name, uid } = event!.involvedObject
      assert.equal([kind, name, uid], ['HelmRelease', 'web', 'hr-uid'])
    })
  })

  test(`${place}: what is said again is counted, what is new is told`, async () => {
    await withCluster(place, async (running) => {
      const { recorder, release, recorded, time } = situation(running)
      await recorder.record(release, failed)
      time.now += 60_000
      await recorder.record(release, failed)
      await recorder.record(release, { ...failed, message: 'another' })
      await recorder.record({ ...release, uid: 'other' }, failed)
      const found = (await recorded()).sort((a, b) => b.count - a.count)
      assert.equal(
        found.map(({ count }) => count),
        [2, 1, 1],
      )
      assert.is(found[0]!.firstTimestamp, '2026-01-01T00:00:00Z')
      assert.is(found[0]!.lastTimestamp, '2026-01-01T00:01:00Z')
    })
  })
}

test('an event that the cluster has forgotten is told anew', async () => {
  await withCluster('sandbox', async (running) => {
    const { recorder, release, recorded } = situation(running)
    await recorder.record(release, failed)
    const [{ metadata }] = (await recorded()) as [Recorded]
    await running.cluster.remove(events, { name: metadata.name, namespace: running.namespace })
    await recorder.record(release, failed)
    const found = await recorded()
    assert.equal(
      found.map(({ count }) => count),
      [1],
    )
  })
})

test('a release that says something every second is heard, but not every time', async () => {
  await withCluster('sandbox', async (running) => {
    const { recorder, release, recorded, time } = situation(running)
    const say = (what: number): Promise<void> =>
      recorder.record(release, { ...failed, message: String(what) })
    for (let second = 0; second < 100; second++, time.now += 1_000) await say(second)
    assert.is((await recorded()).length, 25)
    time.now += 300_000
    await say(100)
    assert.is((await recorded()).length, 26)
  })
})

test('a long message is cut, a long name kept valid', async () => {
  await withCluster('sandbox', async (running) => {
    const { recorder, release, recorded, messages } = situation(running)
    const long = {
      ...release,
      key: { ...release.key, name: `${'a'.repeat(237)}.${'b'.repeat(15)}` },
    }
    await recorder.record(long, { ...failed, message: 'x'.repeat(5_000) })
    const [event] = await recorded()
    assert.equal(messages, [])
    assert.is(event!.message.length, 1_024)
  })
})

test('what cannot be recorded is logged and disturbs nobody', async () => {
  await withCluster('sandbox', async (running) => {
    const create = (): Promise<never> => Promise.reject(new ApiError(403, 'Forbidden', 'no'))
    const { recorder, release, messages } = situation(running, { create })
    await recorder.record(release, failed)
    assert.equal(messages, ['warn event not recorded'])
  })
})

test.run()
