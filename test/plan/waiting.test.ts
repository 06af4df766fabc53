import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Outcome } from '../../lib/model/action.ts'
import type { ReleaseState } from '../../lib/model/observed.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import type { Rollout } from '../../lib/model/rollout.ts'
import type { Snapshot } from '../../lib/model/memory.ts'
import { nextAction } from '../../lib/plan/next.ts'
import { rollbackTarget } from '../../lib/plan/remediation.ts'
import { determineState } from '../../lib/plan/state.ts'
import { concludePass, endAction } from '../../lib/plan/summarize.ts'
import { replacedBy, whoWaits } from '../../lib/plan/waiting.ts'
import {
  helmRelease,
  journal,
  noon,
  observed,
  release,
  snapshot,
  memory,
} from '../helpers/release.ts'

const test = suite('waiting')

const policy = helmRelease().rollback
const at = (ms: number) => new Date(noon + ms).toISOString()
const halfWay: Rollout = {
  verdict: 'progressing',
  ready: 1,
  total: 2,
  waitingFor: ['Deployment/shop/web'],
  why: 'Deployment/shop/web: 1 of 3 replicas are ready',
}
const awaited = (over: Partial<Snapshot> = {}): Snapshot =>
  snapshot(2, { waitUntil: at(60_000), replaced: 1, ...over })
const upgrading = (over: Partial<Snapshot> = {}, more: Partial<HelmRelease> = {}): HelmRelease =>
  helmRelease({
    wait: true,
    memory: memory({
      observedGeneration: 1,
      journal: journal({ action: 'upgrade', revision: 2, stage: 'applied' }),
      history: [awaited(over), snapshot(1)],
    }),
    ...more,
  })
const revisions = [release(2, 'deployed'), release(1, 'superseded')] as const

for (const [wait, action, hooks, expected] of [
  [true, 'upgrade', [], 'operator'],
  [true, 'upgrade', ['post-upgrade'], 'helm'],
  [true, 'upgrade', ['pre-upgrade', 'post-install', 'test'], 'operator'],
  [true, 'install', ['post-install'], 'helm'],
  [false, 'install', ['post-install'], 'nobody'],
  [true, 'rollback', [], 'operator'],
  [true, 'rollback', ['post-rollback'], 'helm'],
  [false, 'rollback', [], 'nobody'],
] as const)
  test(`leaves ${expected} to wait after ${action} ${wait ? 'with' : 'without'} wait and hooks [${hooks.join()}]`, () => {
    const desired = helmRelease({ wait, rollback: { ...policy, wait } })
    assert.is(whoWaits(desired, action, hooks), expected)
  })

test('does not mind a hook that is switched off', () => {
  const desired = helmRelease({ rollback: { ...policy, wait: true, disableHooks: true } })
  assert.is(whoWaits(desired, 'rollback', ['post-rollback']), 'operator')
})

const states: [string, HelmRelease, Parameters<typeof observed>, string][] = [
  ['its objects are waited for', upgrading(), [[...revisions], { rollout: halfWay }], 'rollingOut'],
  ['the operator was restarted meanwhile', upgrading(), [[...revisions]], 'rollingOut'],
  [
    'something newer is wanted',
    upgrading({}, { generation: 2 }),
    [[...revisions], { rollout: halfWay }],
    'outOfSync',
  ],
  [
    'the values changed',
    upgrading({ valuesDigest: 'sha256:old' }),
    [[...revisions], { rollout: halfWay }],
    'outOfSync',
  ],
  [
    'it was rolled back before and a retry is under way',
    upgrading(
      {},
      {
        rollback: { ...policy, enable: true, retry: true },
        memory: {
          ...upgrading().memory,
          rollbackCount: 1,
        },
      },
    ),
    [[...revisions], { rollout: halfWay }],
    'rollingOut',
  ],
  [
    'we marked it failed and were killed',
    upgrading(),
    [[release(2, 'failed'), release(1, 'deployed')]],
    'rollingOut',
  ],
  [
    'somebody else upgrades while we wait',
    upgrading(),
    [[release(3, 'pending-upgrade', { deployedAt: at(0) }), ...revisions]],
    'locked',
  ],
]
for (const [situation, desired, facts, expected] of states)
  test(`calls a release ${expected} when ${situation}`, () => {
    const state = determineState(desired, observed(...facts))
    assert.is(state.kind, expected)
    if (state.kind === 'locked') assert.ok(state.until > noon)
  })

const rolling = (progress: Partial<Rollout>, until = noon + 60_000): ReleaseState => ({
  kind: 'rollingOut',
  release: revisions[0],
  until,
  progress: { ...halfWay, ...progress },
})
const settled: Outcome = {
  ...{ action: 'upgrade', ok: true, storageChanged: false, message: '', settled: true },
}

test('does nothing while there is time', () => {
  assert.is(nextAction(upgrading(), observed([...revisions]), rolling({}), []).kind, 'none')
})
test('settles as soon as everything is ready, even late', () => {
  const action = nextAction(
    upgrading(),
    observed([...revisions]),
    rolling({ verdict: 'ready', why: 'all objects are ready' }, noon - 1),
    [],
  )
  assert.equal(action, { kind: 'settle', ready: true, why: 'all objects are ready' })
})
test('settles when time is up, with what is in the way', () => {
  const state = rolling({ diagnosis: 'no node' }, noon)
  assert.equal(nextAction(upgrading(), observed([...revisions]), state, []), {
    kind: 'settle',
    ready: false,
    why: 'Deployment/shop/web: 1 of 3 replicas are ready after 5m: no node',
  })
})
test('does not wait for what is beyond hope', () => {
  const action = nextAction(
    upgrading(),
    observed([...revisions]),
    rolling({ verdict: 'failed', why: 'Job/shop/web: failed' }),
    [],
  )
  assert.equal(action, { kind: 'settle', ready: false, why: 'Job/shop/web: failed' })
})
test('settles once a pass', () => {
  const state = rolling({ verdict: 'ready' })
  assert.is(nextAction(upgrading(), observed([...revisions]), state, [settled]).kind, 'none')
})

test('goes back past a revision that never became ready', () => {
  const history = [
    release(3, 'failed'),
    release(2, 'superseded'),
    release(1, 'superseded'),
  ] as const
  assert.is(rollbackTarget(upgrading(), history)?.revision, 1)
})
test('replaces what was good, not what was still waited for', () => {
  assert.is(replacedBy(upgrading(), revisions), 1)
  assert.is(replacedBy(helmRelease(), revisions), 2)
  assert.is(replacedBy(helmRelease(), []), undefined)
})

test('remembers until when it waits, and says nothing of an end yet', () => {
  const { memory: after, reports } = endAction(helmRelease(), observed([...revisions]), {
    ...{ action: 'upgrade', ok: true, storageChanged: true, release: revisions[0], message: '' },
    ...{ waitUntil: at(1_000), replaced: 1 },
  })
  assert.equal(reports, [])
  assert.is(after.history[0]?.waitUntil, at(1_000))
})

test('forgets the wait when it is over, and nothing else', () => {
  const { memory: after, reports } = endAction(
    upgrading({ generation: 7 }),
    observed([...revisions]),
    { ...settled, release: revisions[0] },
  )
  assert.is(reports[0]?.what, 'ended')
  assert.equal(after.history[0], snapshot(2, { generation: 7 }))
})

test('says how far it is while it waits', () => {
  const facts = observed([...revisions], { rollout: halfWay })
  const message =
    'Waiting for release "shop-web" in namespace "shop": 1 of 2 objects are ready; Deployment/shop/web: 1 of 3 replicas are ready'
  const { reports } = concludePass(upgrading(), facts, rolling({}), [])
  assert.equal(reports, [{ what: 'progress', message, now: noon }])
})

test.run()
