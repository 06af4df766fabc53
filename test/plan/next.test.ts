import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Action, Outcome } from '../../lib/model/action.ts'
import type { History } from '../../lib/model/release.ts'
import type { Observed, ReleaseState } from '../../lib/model/observed.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import { isFollowedUp, nextAction } from '../../lib/plan/next.ts'
import { hasRetriesLeft } from '../../lib/plan/remediation.ts'
import { helmRelease, noon, observed, release, snapshot, memory } from '../helpers/release.ts'

const test = suite('nextAction()')

const one = release(1, 'deployed')
const states: ReleaseState[] = [
  { kind: 'absent' },
  { kind: 'unmanaged', ownerId: 'a:helmrelease/b' },
  { kind: 'locked', release: one, until: 0 },
  { kind: 'outOfSync', because: 'values', release: one },
  { kind: 'failed', release: one },
  { kind: 'rolledBack', release: one },
  { kind: 'untested', release: one },
  { kind: 'inSync', release: one },
]
const rollback = { ...helmRelease().rollback, enable: true }
const installed = { memory: memory({ history: [snapshot(1, { action: 'install' })] }) }
const upgraded: History = [release(2, 'failed'), release(1, 'superseded')]

function outcome(action: Action['kind'], over: Partial<Outcome> = {}): Outcome {
  return { action, ok: true, storageChanged: true, message: '', ...over }
}
const failed = (action: Action['kind'], over: Partial<Outcome> = {}) =>
  outcome(action, { ok: false, ...over })

for (const [state, expected] of [
  [states[0]!, 'install'],
  [states[1]!, 'none'],
  [states[2]!, 'unlock'],
  [{ kind: 'locked', release: one, until: noon + 1 }, 'none'],
  [states[3]!, 'upgrade'],
  [states[4]!, 'none'],
  [states[5]!, 'none'],
  [states[6]!, 'test'],
  [states[7]!, 'none'],
] as [ReleaseState, Action['kind']][])
  test(`answers ${expected} when the release is ${state.kind}${'until' in state && state.until > 0 ? ' by somebody whose time is not up' : ''}`, () => {
    assert.is(nextAction(helmRelease(), observed([one]), state, []).kind, expected)
  })

type Row = [string, Partial<HelmRelease>, Observed, Outcome[], Action]
const inSync: ReleaseState = { kind: 'inSync', release: one }
const rows: Row[] = [
  [
    'rolls a failed upgrade back to the last good revision',
    { rollback },
    observed(upgraded),
    [failed('upgrade')],
    { kind: 'rollback', to: 1 },
  ],
  [
    'leaves a failed upgrade as it is when rollback is off',
    {},
    observed(upgraded),
    [failed('upgrade')],
    { kind: 'none' },
  ],
  [
    'does not roll back an upgrade that left no revision',
    { rollback },
    observed([one]),
    [failed('upgrade', { storageChanged: false })],
    { kind: 'none' },
  ],
  [
    'rolls back when the test of an upgrade fails',
    { rollback },
    observed([release(2, 'deployed'), release(1, 'superseded')]),
    [outcome('upgrade'), failed('test', { storageChanged: false })],
    { kind: 'rollback', to: 1 },
  ],
  [
    'rolls back past a revision whose tests failed',
    {
      rollback,
      test: { ...helmRelease().test, enable: true },
      memory: memory({ history: [snapshot(3), snapshot(2, { tested: 'failed' }), snapshot(1)] }),
    },
    observed([release(3, 'failed'), release(2, 'superseded'), release(1, 'superseded')]),
    [failed('upgrade')],
    { kind: 'rollback', to: 1 },
  ],
  [
    'rolls back to a revision whose tests failed when that is to be ignored',
    {
      rollback,
      test: { ...helmRelease().test, enable: true, ignoreFailures: true },
      memory: memory({ history: [snapshot(3), snapshot(2, { tested: 'failed' }), snapshot(1)] }),
    },
    observed([release(3, 'failed'), release(2, 'superseded'), release(1, 'superseded')]),
    [failed('upgrade')],
    { kind: 'rollback', to: 2 },
  ],
  [
    'accepts a failed test when told to ignore it',
    { rollback, test: { ...helmRelease().test, ignoreFailures: true } },
    observed(upgraded),
    [outcome('upgrade'), failed('test')],
    { kind: 'none' },
  ],
  [
    'purges a failed first install',
    installed,
    observed([release(1, 'failed')]),
    [failed('install')],
    { kind: 'uninstall' },
  ],
  [
    'purges a first install whose test failed',
    installed,
    observed([one]),
    [outcome('install'), failed('test')],
    { kind: 'uninstall' },
  ],
  [
    'keeps a failed first install for inspection when told so',
    { ...installed, onInstallFailure: 'keep' },
    observed([release(1, 'failed')]),
    [failed('install')],
    { kind: 'none' },
  ],
  [
    'has nothing to purge when the install left nothing',
    {},
    observed([]),
    [failed('install', { storageChanged: false })],
    { kind: 'none' },
  ],
  [
    'never uninstalls to remedy an upgrade',
    { rollback },
    observed([release(1, 'failed')]),
    [failed('upgrade')],
    { kind: 'none' },
  ],
  [
    'goes on to upgrade what it freed',
    {},
    observed([release(2, 'failed')]),
    [outcome('unlock')],
    { kind: 'upgrade', because: 'values' },
  ],
  [
    'does nothing after a failed rollback',
    { rollback },
    observed(upgraded),
    [failed('upgrade'), failed('rollback')],
    { kind: 'none' },
  ],
]
for (const [title, desired, facts, outcomes, expected] of rows)
  test(title, () => {
    const state = outcomes.at(-1)?.action === 'unlock' ? states[3]! : inSync
    assert.equal(nextAction(helmRelease(desired), facts, state, outcomes), expected)
  })

test('takes no kind of action twice in one pass', () => {
  const kinds: Action['kind'][] = ['install', 'upgrade', 'test', 'rollback', 'uninstall', 'unlock']
  for (const state of states)
    for (const done of kinds)
      for (const ok of [true, false])
        for (const history of [[], [one], upgraded] as History[]) {
          const desired = helmRelease({ rollback })
          const next = nextAction(desired, observed(history), state, [outcome(done, { ok })])
          assert.is.not(next.kind, done)
        }
})

test('does what is wanted now although the pass that was cut short did the same for what was wanted then', () => {
  for (const [action, history] of [
    ['upgrade', [one]],
    ['rollback', [one]],
  ] as const) {
    const done = outcome(action, { recovered: true })
    const next = nextAction(helmRelease(), observed(history), states[3]!, [done])
    assert.is(next.kind, 'upgrade')
  }
})

test('a pass that ends with a remediation is followed by another if there is something left to do', () => {
  const [outOfSync, rolledBack] = [states[3]!, states[5]!]
  const desired = helmRelease({ rollback })
  const after = [failed('upgrade'), outcome('rollback')]
  assert.is(isFollowedUp(desired, observed(upgraded), outOfSync, after), true)
  assert.is(isFollowedUp(desired, observed(upgraded), rolledBack, after), false)
  assert.is(isFollowedUp(desired, observed(upgraded), outOfSync, [outcome('upgrade')]), false)
})

test('does nothing after a remediation', () => {
  for (const state of states)
    for (const remediation of ['rollback', 'uninstall'] as const)
      for (const ok of [true, false]) {
        const outcomes = [failed('upgrade'), outcome(remediation, { ok })]
        const next = nextAction(helmRelease({ rollback }), observed(upgraded), state, outcomes)
        assert.is(next.kind, 'none')
      }
})

for (const [maxRetries, rollbackCount, expected] of [
  [5, 5, true],
  [5, 6, false],
  [0, 999, true],
  [1, 1, true],
  [1, 2, false],
  [-1, 0, false],
] as const)
  test(`allows ${expected ? 'a' : 'no'} retry with maxRetries ${maxRetries} after ${rollbackCount} rollbacks`, () => {
    const desired = helmRelease({
      rollback: { ...rollback, retry: true, maxRetries },
      memory: memory({ rollbackCount }),
    })
    assert.is(hasRetriesLeft(desired), expected)
  })

test('allows no retry when retry is off', () => {
  assert.is(hasRetriesLeft(helmRelease({ rollback })), false)
})

test.run()
