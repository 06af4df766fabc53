import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Following, Rollouts, type Target } from '../../lib/loop/rollout.ts'
import type { Cluster, ResourceType, WatchEvent } from '../../lib/model/ports.ts'
import type { Rollout } from '../../lib/model/rollout.ts'
import { fakeClock } from '../helpers/clock.ts'
import { recordLog } from '../helpers/log.ts'

const test = suite('Rollouts')

const deployments: ResourceType = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  namespaced: true,
}
const target = (name: string): Target => ({ type: deployments, namespace: 'shop', name })

function setUp() {
  const clock = fakeClock(1_000_000)
  const woken: string[] = []
  const open = new Set<(event: WatchEvent) => void>()
  const watch: Cluster['watch'] = async function* (_, { signal }) {
    const events: WatchEvent[] = []
    let wake = (): void => {}
    const push = (event: WatchEvent): void => {
      events.push(event)
      wake()
    }
    open.add(push)
    signal?.addEventListener('abort', () => {
      open.delete(push)
      wake()
    })
    while (!signal?.aborted) {
      yield* events.splice(0)
      if (!signal?.aborted) await new Promise<void>((resolve) => (wake = resolve))
    }
  }
  const rollouts = new Rollouts({
    ...{ clock, log: recordLog().log, reportIntervalMs: 5_000 },
    accessAs: () => ({ cluster: { watch } }),
    wake: (key, ms) => woken.push(`${key} in ${ms}`),
  })
  const progress: Rollout = {
    ...{ verdict: 'progressing', ready: 0, total: 1, waitingFor: [], why: 'one' },
  }
  const following = (name: string): Following => ({
    identity: undefined,
    targets: [target(name)],
    look: async () => progress,
    said: 'one',
    saidAt: clock.now(),
  })
  const change = async (name: string): Promise<void> => {
    const metadata = { name, namespace: 'shop' }
    for (const push of open)
      push({ type: 'MODIFIED', object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata } })
    // First the event arrives, then the burst is over.
    await clock.advance(0)
    await clock.advance(200)
  }
  return { clock, rollouts, woken, open, progress, following, change }
}

test('shares one watch among releases and closes it when nobody waits', async () => {
  const { clock, rollouts, open, following } = setUp()
  rollouts.follow('a', following('a'))
  rollouts.follow('b', following('b'))
  await clock.advance(200)
  assert.is(open.size, 1)
  rollouts.forget('a')
  await clock.advance(0)
  assert.is(open.size, 1)
  rollouts.forget('b')
  await clock.advance(0)
  assert.is(open.size, 0)
})

test('wakes a release at once when its objects are ready', async () => {
  const { clock, rollouts, woken, progress, following, change } = setUp()
  rollouts.follow('a', following('a'))
  await clock.advance(200)
  assert.equal(woken, [])
  progress.verdict = 'ready'
  await change('a')
  assert.equal(woken, ['a in 0'])
})

test('does not look when an object of somebody else changes', async () => {
  const { clock, rollouts, woken, progress, following, change } = setUp()
  rollouts.follow('a', following('a'))
  await clock.advance(200)
  progress.verdict = 'ready'
  await change('other')
  assert.equal(woken, [])
})

test('looks once when it begins, for what changed before it watched', async () => {
  const { clock, rollouts, woken, progress, following } = setUp()
  progress.verdict = 'failed'
  rollouts.follow('a', following('a'))
  await clock.advance(200)
  assert.equal(woken, ['a in 0'])
})

test('has something new said no sooner than five seconds after the last', async () => {
  const { clock, rollouts, woken, progress, following, change } = setUp()
  rollouts.follow('a', following('a'))
  await clock.advance(1_000)
  progress.why = 'two'
  await change('a')
  assert.is(woken.length, 1)
  assert.match(woken[0]!, /^a in 3\d\d\d$/)
})

test('opens no watch any more once it is closed', async () => {
  const { clock, rollouts, open, following } = setUp()
  rollouts.close()
  rollouts.follow('a', following('a'))
  await clock.advance(200)
  assert.is(open.size, 0)
})

test.run()
