// What is tried again although nothing has changed: an attempt that left no revision, and a release that never was any good.
import { suite } from 'uvu'
import { type Row, testFirstActions, tests } from '../helpers/decisions.ts'
import { attempt, noon, observed, release, snapshot, memory } from '../helpers/release.ts'

const test = suite('a pass')

const failedAt = '2026-01-01T11:59:30Z'
// Helm refused the second generation before it had written anything.
const refused = attempt({ generation: 2, failedAt })
const soon = { failures: 1, retryAt: new Date(noon + 60_000).toISOString() }
const settled = memory({ observedGeneration: 2, history: [snapshot(1)] })
const installFailed = memory({
  ...{ observedGeneration: 1, installFailures: 1 },
  lastAttempt: attempt({ failedAt }),
  history: [snapshot(2, { action: 'install' })],
})
const installTested = [snapshot(2, { action: 'install', tested: 'failed' })]

const rows: Row[] = [
  [
    'helm refused an edit that changes neither chart nor values',
    { generation: 2, memory: { ...settled, lastAttempt: refused } },
    observed([release(1, 'deployed')]),
    'upgrade retry',
  ],
  [
    'helm refused such an edit a moment ago',
    { generation: 2, memory: { ...settled, lastAttempt: { ...refused, ...soon } } },
    observed([release(1, 'deployed')]),
    'none',
  ],
  [
    'helm refused an edit of what had failed',
    { generation: 2, memory: { ...settled, lastAttempt: refused } },
    observed([release(1, 'failed')]),
    'upgrade retry',
  ],
  [
    'helm refused an edit of what had been rolled back',
    {
      generation: 2,
      memory: memory({
        ...{ observedGeneration: 2, rollbackCount: 1 },
        lastAttempt: { ...refused, revision: 4 },
        history: [snapshot(3, { action: 'rollback', chartDigest: 'sha256:chart-0' }), snapshot(2)],
      }),
    },
    observed([release(3, 'deployed'), release(2, 'failed'), release(1, 'superseded')]),
    'upgrade retry',
  ],
  [
    'helm refused another chart, and the one before is wanted again',
    {
      generation: 2,
      memory: { ...settled, lastAttempt: { ...refused, chartDigest: 'sha256:chart-2' } },
    },
    observed([release(1, 'deployed')]),
    'none',
  ],
  [
    'helm refused an edit, and somebody has made it by hand since',
    { generation: 2, memory: { ...settled, lastAttempt: refused } },
    observed([release(2, 'deployed'), release(1, 'superseded')]),
    'none',
  ],
  [
    'a first install was cut short, and the upgrade of what it left has failed',
    { memory: { ...installFailed, history: [snapshot(2)] } },
    observed([release(2, 'failed'), release(1, 'failed')]),
    'upgrade retry',
  ],
  [
    'a first install was cut short, and the upgrades of what it left failed as often as they may',
    {
      memory: { ...installFailed, installFailures: 2, history: [snapshot(2)] },
      maxInstallRetries: 1,
    },
    observed([release(2, 'failed'), release(1, 'failed')]),
    'none',
  ],
  [
    'a first install has failed and could not be purged',
    { memory: { ...installFailed, history: [] } },
    observed([release(2, 'failed')]),
    'upgrade retry',
  ],
  [
    'a first install has failed a moment ago and could not be purged',
    {
      memory: { ...installFailed, lastAttempt: attempt({ failedAt, ...soon }), history: [] },
    },
    observed([release(2, 'failed')]),
    'none',
  ],
  [
    'the tests of a first install that is kept have failed and may be tried again',
    {
      memory: { ...installFailed, history: installTested },
      ...{ onInstallFailure: 'keep', maxInstallRetries: 1, test: tests },
    },
    observed([release(2, 'deployed')]),
    'upgrade retry',
  ],
  [
    'the tests of a first install that is kept have failed as often as they may',
    {
      memory: { ...installFailed, installFailures: 2, history: installTested },
      ...{ onInstallFailure: 'keep', maxInstallRetries: 1, test: tests },
    },
    observed([release(2, 'deployed')]),
    'none',
  ],
  [
    'the tests of an upgrade have failed and it is not to be rolled back',
    {
      memory: {
        ...{ ...installFailed, installFailures: 0 },
        history: [snapshot(2, { tested: 'failed' }), snapshot(1, { tested: 'passed' })],
      },
      test: tests,
    },
    observed([release(2, 'deployed'), release(1, 'superseded')]),
    'none',
  ],
]

testFirstActions(test, rows)

test.run()
