import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { determineState } from '../../lib/plan/state.ts'
import { reportFailure } from '../../lib/plan/summarize.ts'
import { unlockedDescription } from '../../lib/plan/unlock.ts'
import {
  afterRollback,
  rolledBack,
  type Row,
  settled,
  tests,
  testStates,
} from '../helpers/decisions.ts'
import {
  attempt,
  helmRelease,
  journal,
  observed,
  otherChart,
  otherValues,
  release,
  snapshot,
  memory,
} from '../helpers/release.ts'

const test = suite('determineState() after failures')

const seen = { observedGeneration: 1 }
const failedOnce = memory({
  ...seen,

  lastAttempt: { ...attempt(), failedAt: '2026-01-01T11:59:30Z' },
  installFailures: 1,
  history: [snapshot(2, { action: 'install' })],
})
const retry = { ...helmRelease().rollback, enable: true, retry: true, maxRetries: 1 }

const rows: Row[] = [
  [
    'the attempt failed and nothing changed',
    { memory: memory({ ...seen, history: [snapshot(2)] }) },
    observed([release(2, 'failed')]),
    'failed',
  ],
  [
    'the attempt failed and the spec was edited since',
    { generation: 2, memory: memory({ ...seen, history: [snapshot(2)] }) },
    observed([release(2, 'failed')]),
    'outOfSync generation',
  ],
  [
    'the attempt failed and the chart changed since',
    { memory: memory({ ...seen, history: [snapshot(2)] }) },
    observed([release(2, 'failed')], otherChart),
    'outOfSync chart',
  ],
  [
    'the attempt failed and the values changed since',
    { memory: memory({ ...seen, history: [snapshot(2)] }) },
    observed([release(2, 'failed')], otherValues),
    'outOfSync values',
  ],
  [
    'an interrupted attempt was freed',
    { memory: memory({ ...seen, history: [snapshot(1)] }) },
    observed([release(2, 'failed', { description: unlockedDescription('pending-upgrade') })]),
    'outOfSync interrupted',
  ],
  [
    'helm was told to stop in the middle of it',
    { memory: memory({ ...seen, history: [snapshot(1)] }) },
    observed([
      release(2, 'failed', { description: 'Upgrade "shop-web" failed: context canceled' }),
    ]),
    'outOfSync interrupted',
  ],
  [
    'it failed, and its uninstall was cut short since',
    { memory: failedOnce },
    observed([release(2, 'failed', { description: unlockedDescription('uninstalling') })]),
    'failed',
  ],
  [
    'a rollback was stopped in the middle, so that it goes on',
    {
      memory: memory({
        ...{ ...seen, journal: journal(), lastAttempt: attempt() },
        history: [snapshot(2), snapshot(1)],
      }),
    },
    observed([
      release(3, 'failed', { description: unlockedDescription('pending-rollback') }),
      release(2, 'failed'),
      release(1, 'superseded'),
    ]),
    'failed',
  ],
  [
    'a rollback failed and nothing changed',
    {
      memory: memory({
        ...{ ...seen, journal: journal({ stage: 'failed' }), lastAttempt: attempt() },
        history: [snapshot(3, { action: 'rollback', chartDigest: 'sha256:chart-0' }), snapshot(2)],
      }),
    },
    observed([release(3, 'failed'), release(2, 'failed'), release(1, 'superseded')]),
    'failed',
  ],
  [
    'a rollback failed and the chart changed since',
    {
      memory: memory({
        ...{ ...seen, journal: journal({ stage: 'failed' }), lastAttempt: attempt() },
        history: [snapshot(3, { action: 'rollback', chartDigest: 'sha256:chart-0' }), snapshot(2)],
      }),
    },
    observed([release(3, 'failed'), release(2, 'failed')], otherChart),
    'outOfSync chart',
  ],
  [
    'we were killed before helm came to what we had begun',
    {
      generation: 2,
      memory: {
        ...settled,
        journal: journal({ action: 'upgrade', revision: 2, generation: 2 }),
        lastAttempt: attempt({ generation: 2 }),
      },
    },
    observed([release(1, 'deployed')]),
    'outOfSync interrupted',
  ],
  [
    'a failed first install was kept, and may be tried again',
    { memory: failedOnce, onInstallFailure: 'keep', maxInstallRetries: 1 },
    observed([release(2, 'failed')]),
    'outOfSync retry',
  ],
  [
    'a failed first install was kept, and its retries are used up',
    {
      memory: { ...failedOnce, installFailures: 2 },
      onInstallFailure: 'keep',
      maxInstallRetries: 1,
    },
    observed([release(2, 'failed')]),
    'failed',
  ],
  [
    'a failed first install is to be purged',
    { memory: failedOnce, maxInstallRetries: 1 },
    observed([release(2, 'failed')]),
    'failed',
  ],
  [
    'it was rolled back and nothing changed',
    { memory: rolledBack },
    observed(afterRollback),
    'rolledBack',
  ],
  [
    'it was rolled back and the chart changed',
    { memory: rolledBack },
    observed(afterRollback, otherChart),
    'outOfSync chart',
  ],
  [
    'it was rolled back and the values changed',
    { memory: rolledBack },
    observed(afterRollback, otherValues),
    'outOfSync values',
  ],
  [
    'it was rolled back, and the history keeps the good revision only',
    { memory: { ...rolledBack, lastAttempt: attempt() } },
    observed([release(3, 'deployed')]),
    'rolledBack',
  ],
  [
    'it was rolled back, which is waited for',
    {
      memory: {
        ...rolledBack,
        lastAttempt: attempt(),
        history: [
          snapshot(3, { action: 'rollback', chartDigest: '', waitUntil: '2026-01-01T12:01:00Z' }),
          snapshot(2),
        ],
      },
    },
    observed(afterRollback),
    'rollingOut',
  ],
  [
    'fluxcd/helm-operator rolled it back and nothing changed',
    { memory: memory({ ...seen, wasRolledBack: true }) },
    observed(afterRollback),
    'rolledBack',
  ],
  [
    'it was rolled back and the spec was edited',
    { generation: 2, memory: rolledBack },
    observed(afterRollback),
    'outOfSync generation',
  ],
  [
    'it was rolled back and may be retried',
    { memory: rolledBack, rollback: retry },
    observed(afterRollback),
    'outOfSync retry',
  ],
  [
    'it was rolled back and the retries are used up',
    { memory: { ...rolledBack, rollbackCount: 2 }, rollback: retry },
    observed(afterRollback),
    'rolledBack',
  ],
  [
    'its tests failed',
    { memory: { ...settled, history: [snapshot(1, { tested: 'failed' })] }, test: tests },
    observed([release(1, 'deployed')]),
    'failed',
  ],
  [
    'its tests failed, which is to be ignored',
    {
      memory: { ...settled, history: [snapshot(1, { tested: 'failed' })] },
      test: { ...tests, ignoreFailures: true },
    },
    observed([release(1, 'deployed')]),
    'inSync',
  ],
]

testStates(test, rows)

test('leaves a revision to the helm that was quicker than ours', () => {
  const { now, ...facts } = observed([release(2, 'pending-upgrade')])
  const before = memory({
    journal: journal({ action: 'upgrade', revision: 2 }),
    lastAttempt: attempt(),
    history: [snapshot(1)],
  })
  const failure = { code: 'ReleaseLocked', message: 'another helm is at work on it', now } as const
  const { memory: told } = reportFailure(helmRelease({ memory: before }), failure)
  const state = determineState(helmRelease({ memory: told }), { ...facts, now })
  assert.is(state.kind === 'locked' && state.until > now, true)
})

test.run()
