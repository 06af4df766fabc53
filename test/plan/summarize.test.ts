// What is said in the status before an action, after it, and at the end of a pass, besides the conditions of each phase.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Action, Outcome } from '../../lib/model/action.ts'
import type { ReleaseState } from '../../lib/model/observed.ts'
import type { Condition } from '../../lib/api/legacy/shown.ts'
import {
  beginAction,
  concludePass,
  condition,
  endAction,
  having,
  noteFetched,
  reportFailure,
  type Status,
} from '../helpers/legacy.ts'
import {
  attempt,
  helmRelease,
  noon,
  observed,
  otherChart,
  release,
  snapshot,
} from '../helpers/release.ts'

const test = suite('the status')

const one = release(1, 'deployed')
const facts = observed([one])
const upgrade: Action = { kind: 'upgrade', because: 'chart' }
const inSync: ReleaseState = { kind: 'inSync', release: one }
const rolling: ReleaseState = {
  ...{ kind: 'rollingOut', release: one, until: noon + 1 },
  progress: { verdict: 'progressing', ready: 0, total: 1, waitingFor: [], why: 'it starts' },
}
const failing = (action: Action['kind'], over: Partial<Outcome> = {}): Outcome => ({
  ...{ action, ok: false, storageChanged: true, message: 'Cannot do it: no' },
  ...over,
})
const named = (
  type: Condition['type'],
  verdict: Condition['status'],
  reason: string,
): Condition => ({
  ...condition(type, verdict),
  reason,
  message: `said by ${reason}`,
})

for (const missing of ['Released', 'Ready'] as const)
  test(`says of a release in sync that it succeeded unless it is ${missing} already`, () => {
    const well = (['Released', 'Ready'] as const).map((type) => condition(type, 'True'))
    const said = having({ phase: 'Succeeded', history: [snapshot(1)], conditions: well })
    assert.equal(concludePass(said, facts, inSync, []).conditions, well)
    const conditions = well.map((one) => (one.type === missing ? condition(missing, 'False') : one))
    const after = concludePass(
      having({ phase: 'Succeeded', history: [snapshot(1)], conditions }),
      facts,
      inSync,
      [],
    )
    const now = after.conditions.find(({ type }) => type === missing)
    assert.is(now?.status, 'True')
  })

test('notes what is attempted before helm begins', () => {
  const after = beginAction(having({ history: [snapshot(1)] }), facts, upgrade)
  assert.is(after.phase, 'Upgrading')
  assert.is(after.lastAttemptedRevision, '1.0.0')
  assert.equal(after.lastAttempt, attempt({ begunAt: '2026-01-01T12:00:00.000Z' }))
  assert.equal(after.history, [snapshot(1)])
})

test('forgets what it knew of a release that is gone when it is installed anew', () => {
  const after = beginAction(having({ history: [snapshot(1)] }), observed([]), { kind: 'install' })
  assert.equal(after.history, [])
  assert.is(after.lastAttempt?.revision, 1)
})

test('keeps the counts of failures for the same wish, and gives a new one a fresh start', () => {
  const counts = { rollbackCount: 2, installFailures: 2, lastAttempt: attempt() }
  const same = beginAction(having(counts), facts, { kind: 'upgrade', because: 'retry' })
  assert.equal([same.rollbackCount, same.installFailures], [2, 2])
  const other = beginAction(having(counts, { generation: 2 }), facts, upgrade)
  assert.equal([other.rollbackCount, other.installFailures], [0, 0])
})

test('says that a chart was fetched when it is another one, or could not be fetched before', () => {
  const said = { lastAttemptedRevision: '1.0.0', conditions: [condition('ChartFetched', 'True')] }
  const phaseOf = (more: Partial<Status>, { artifact } = facts) =>
    noteFetched(having({ ...said, phase: 'Succeeded', ...more }), artifact, noon).phase
  assert.is(phaseOf({}), 'Succeeded')
  assert.is(phaseOf({ conditions: [] }), 'ChartFetched')
  assert.is(phaseOf({ conditions: [condition('ChartFetched', 'False')] }), 'ChartFetched')
  assert.is(phaseOf({}, observed([], otherChart)), 'ChartFetched')
  const sameContent = { lastAttemptedRevision: 'another-commit', lastAttempt: attempt() }
  assert.is(phaseOf(sameContent), 'Succeeded')
})

test('remembers when an attempt failed, so that it is not repeated at once', () => {
  const desired = having({ lastAttempt: attempt(), history: [snapshot(1)] })
  const after = endAction(desired, facts, failing('upgrade', { release: release(2, 'failed') }))
  assert.is(after.phase, 'DeployFailed')
  assert.is(after.lastAttempt?.failedAt, '2026-01-01T12:00:00.000Z')
})

for (const [what, outcome, history, known, expected] of [
  ['a first install', failing('install'), [], [], 1],
  ['an install on top of a history', failing('install'), [release(1, 'superseded')], [], 1],
  [
    'the test of a first install',
    failing('test', { release: one }),
    [one],
    [snapshot(1, { action: 'install' })],
    1,
  ],
  ['an upgrade of what never was good', failing('upgrade'), [release(1, 'failed')], [], 1],
  ['an upgrade', failing('upgrade'), [one], [snapshot(1)], 0],
  ['the test of an upgrade', failing('test', { release: one }), [one], [snapshot(1)], 0],
  [
    'an upgrade of what was installed, before it made a revision',
    failing('upgrade', { storageChanged: false, release: one }),
    [one],
    [snapshot(1, { action: 'install' })],
    0,
  ],
  ['a rollback', failing('rollback'), [one], [snapshot(1)], 0],
] as const)
  test(`counts ${expected} failed installs after ${what} failed`, () => {
    const desired = having({ history: known })
    const [newest] = history
    const after = endAction(desired, observed(newest === undefined ? [] : [newest]), outcome)
    assert.is(after.installFailures ?? 0, expected)
  })

test('counts another try at what never was any good that did not become ready in time', () => {
  const newest = release(2, 'deployed')
  const waitUntil = '2026-01-01T12:00:00Z'
  const desired = having({ history: [snapshot(2, { waitUntil })], installFailures: 1 })
  const outcome = failing('upgrade', { settled: true, release: release(2, 'failed') })
  const after = endAction(desired, observed([newest, release(1, 'failed')]), outcome)
  assert.is(after.installFailures, 2)
})

test('counts the failed test of another try at what never was any good', () => {
  const desired = having({ history: [snapshot(1)], installFailures: 1 })
  const after = endAction(desired, facts, failing('test', { release: one }))
  assert.is(after.installFailures, 2)
})

for (const [what, desired, outcome, says] of [
  ['an install', { maxInstallRetries: 1 }, failing('install'), /no; no retries are left$/],
  ['an install', { maxInstallRetries: 2 }, failing('install'), /no$/],
  ['an install', { maxInstallRetries: 0 }, failing('install'), /no$/],
  [
    'a rollback',
    { rollback: { ...helmRelease().rollback, retry: true, maxRetries: 1 } },
    failing('rollback', { ok: true }),
    /no; no retries are left$/,
  ],
  ['a rollback', {}, failing('rollback', { ok: true }), /no$/],
] as const)
  test(`ends with ${String(says)} after ${what} with ${JSON.stringify(desired)}`, () => {
    const before = having({ installFailures: 1, rollbackCount: 1 }, desired)
    const { conditions } = endAction(before, observed([]), outcome)
    assert.match(conditions.at(-1)!.message, says)
  })

test('takes a failed test that is to be ignored for no failure', () => {
  const ignored = { ...helmRelease().test, enable: true, ignoreFailures: true }
  const desired = having({ lastAttempt: attempt(), history: [snapshot(1)] }, { test: ignored })
  const after = endAction(desired, facts, failing('test', { release: one }))
  assert.is(after.lastAttempt?.failedAt, undefined)
  assert.is(after.history[0]!.tested, 'failed')
})

test('names as its revision what was attempted last, once that succeeds', () => {
  const said = { phase: 'Deployed', lastAttemptedRevision: '1.0.0', revision: '0.9.0' } as const
  const lastAttempt = attempt({ revision: 1 })
  const after = concludePass(having({ ...said, lastAttempt }), facts, inSync, [])
  assert.equal([after.phase, after.revision], ['Succeeded', '1.0.0'])
})

test('leaves its revision alone when nothing was attempted', () => {
  const said = { revision: '0.9.0', lastAttemptedRevision: '0.9.0', history: [snapshot(1)] }
  assert.is(concludePass(having(said), facts, inSync, []).revision, '0.9.0')
})

test('says nothing new at the end of a pass that found nothing new', () => {
  const first = concludePass(having({ history: [snapshot(1)] }), facts, inSync, [])
  assert.equal(concludePass(having(first), facts, inSync, []), first)
})

test('knows a revision from now on that somebody else made and that is what is wanted', () => {
  const [known] = concludePass(having({ observedGeneration: 1 }), facts, inSync, []).history
  assert.equal([known?.revision, known?.uid, known?.tested], [1, 'uid-1', undefined])
  const tests = { ...helmRelease().test, enable: true }
  const withTests = having({ observedGeneration: 1 }, { test: tests })
  assert.is(concludePass(withTests, facts, inSync, []).history[0]?.tested, 'passed')
})

test('advances observedGeneration after every attempt, well or not, and never turns it back', () => {
  const desired = having({ observedGeneration: 1 }, { generation: 2 })
  assert.is(concludePass(desired, facts, inSync, []).observedGeneration, 2)
  const failure = { code: 'ChartNotFound', message: 'no', now: noon } as const
  assert.is(reportFailure(desired, failure).observedGeneration, 2)
  const ahead = having({ observedGeneration: 3 }, { generation: 2 })
  assert.is(concludePass(ahead, facts, inSync, []).observedGeneration, 3)
})

for (const [situation, state] of [
  ['its objects are waited for', rolling],
  ['another helm is at work on it', { kind: 'locked', release: one, until: noon + 1 }],
] as [string, ReleaseState][])
  test(`leaves observedGeneration as it is while ${situation}, for Released tells of the last one`, () => {
    const said = { observedGeneration: 1, conditions: [condition('Released', 'True')] }
    const after = concludePass(having(said, { generation: 2 }), facts, state, [])
    assert.is(after.observedGeneration, 1)
  })

test('tells with every failure what Helm says of the release, which may be gone a moment later', () => {
  const outcome = failing('install', { release: release(1, 'failed') })
  const { releaseName, releaseStatus } = endAction(having({}), observed([]), outcome)
  assert.equal([releaseName, releaseStatus], ['shop-web', 'failed'])
})

test('names the release, where it is, and what Helm says of it', () => {
  const after = concludePass(having({}), facts, inSync, [])
  assert.equal(
    [after.releaseName, after.releaseNamespace, after.releaseStatus],
    ['shop-web', 'shop', 'deployed'],
  )
})

for (const [reason, type, state] of [
  ['RolledBack', 'RolledBack', { kind: 'rolledBack', release: one }],
  ['DeployFailed', 'Deployed', { kind: 'absent' }],
  ['TestFailed', 'Tested', { kind: 'failed', release: one }],
] as const)
  test(`goes back to ${reason} when the chart can be fetched again and nothing else has changed`, () => {
    const desired = having({
      phase: 'ChartFetched',
      rollbackCount: 1,
      history: [snapshot(1)],
      conditions: [
        named(type, type === 'RolledBack' ? 'True' : 'False', reason),
        named('ChartFetched', 'True', 'ChartFetched'),
        named('Ready', 'Unknown', 'ChartFetched'),
      ],
    })
    const after = concludePass(desired, facts, state, [])
    assert.equal([after.phase, after.rollbackCount], [reason, 1])
    const ready = after.conditions.find((found) => found.type === 'Ready')
    assert.equal([ready?.status, ready?.message], ['False', `said by ${reason}`])
  })

test('tells the way out of a failure that somebody else left behind', () => {
  const failed = release(2, 'failed', { description: 'it broke' })
  const after = concludePass(
    having({}),
    observed([failed]),
    { kind: 'failed', release: failed },
    [],
  )
  assert.is(after.phase, 'Failed')
  const ready = after.conditions.find((found) => found.type === 'Ready')
  assert.match(ready!.message, /it broke.*Change the spec, the chart or the values, or roll back/)
})

test.run()
