import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Outcome } from '../../lib/model/action.ts'
import type { ReleaseState } from '../../lib/model/observed.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import type { Rollout } from '../../lib/model/rollout.ts'
import type { Snapshot } from '../../lib/model/status.ts'
import { nextAction } from '../../lib/plan/next.ts'
import { rollbackTarget } from '../../lib/plan/remediation.ts'
import { determineState } from '../../lib/plan/state.ts'
import { concludePass, endAction } from '../../lib/plan/summarize.ts'
import { replacedBy, reportProgress, whoWaits } from '../../lib/plan/waiting.ts'
import {
  condition,
  helmRelease,
  noon,
  observed,
  release,
  snapshot,
  status,
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
    status: status({
      observedGeneration: 1,
      phase: 'Upgrading',
      conditions: [{ ...condition('Ready', 'Unknown'), reason: 'Progressing' }],
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
        status: {
          ...upgrading().status,
          conditions: [condition('RolledBack', 'True')],
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

test('stays in its phase while it waits and remembers until when', () => {
  const desired = helmRelease({ status: status({ phase: 'Upgrading' }) })
  const after = endAction(desired, observed([...revisions]), {
    ...{ action: 'upgrade', ok: true, storageChanged: true, release: revisions[0], message: '' },
    ...{ waitUntil: at(1_000), replaced: 1 },
  })
  assert.is(after.phase, 'Upgrading')
  assert.is(after.history[0]?.waitUntil, at(1_000))
})
test('forgets the wait when it is over, and nothing else', () => {
  const after = endAction(upgrading({ generation: 7 }), observed([...revisions]), {
    ...settled,
    release: revisions[0],
  })
  assert.is(after.phase, 'Deployed')
  assert.equal(after.history[0], snapshot(2, { generation: 7 }))
})

test('says how far it is in the Ready condition, and leaves Deployed alone', () => {
  const facts = observed([...revisions], { rollout: halfWay })
  const { phase, conditions } = concludePass(upgrading(), facts, rolling({}), [])
  assert.is(phase, 'Upgrading')
  assert.equal(
    conditions.map(({ type, status, message }) => [type, status, message]),
    [
      [
        'Ready',
        'Unknown',
        'Waiting for release "shop-web" in namespace "shop": 1 of 2 objects are ready; Deployment/shop/web: 1 of 3 replicas are ready',
      ],
    ],
  )
})
test('says something new at most every five seconds', () => {
  const desired = helmRelease()
  const first = reportProgress(desired, desired.status, { now: noon, progress: halfWay })
  const progress = { ...halfWay, ready: 2 }
  const say = (ms: number) => reportProgress(desired, first, { now: noon + ms, progress })
  assert.is(say(4_000), first)
  assert.is.not(say(5_000), first)
  const same = reportProgress(desired, first, { now: noon + 60_000, progress: halfWay })
  assert.is(same, first)
})

test.run()
