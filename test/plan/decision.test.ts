// The decision table of fluxcd/helm-operator, row by row, with its dead ends opened: what is done first in a pass.
import { suite } from 'uvu'
import type { Memory } from '../../lib/model/memory.ts'
import {
  afterRollback,
  rolledBack,
  type Row,
  settled,
  testFirstActions,
} from '../helpers/decisions.ts'
import {
  attempt,
  helmRelease,
  noon,
  observed,
  otherChart,
  otherValues,
  release,
  snapshot,
  memory,
} from '../helpers/release.ts'

const test = suite('a pass')

const seen = { observedGeneration: 1 }
const deployed = observed([release(1, 'deployed')])
const failedAt = new Date(noon - 60_000).toISOString()
const failed = memory({
  ...seen,

  lastAttempt: attempt({ failedAt }),
  history: [snapshot(2), snapshot(1)],
})
const rolledBackAgain = { ...rolledBack, lastAttempt: attempt({ failedAt }) }
const rollback = { ...helmRelease().rollback, enable: true }
const retry = { ...rollback, retry: true, maxRetries: 1 }
const installFailed = memory({
  ...seen,

  lastAttempt: attempt({ revision: 1, failedAt }),
  installFailures: 1,
})
// The same, with the next attempt in a minute.
const soon = (told: Memory): Memory => ({
  ...told,
  lastAttempt: {
    ...told.lastAttempt!,
    ...{ failures: 1, retryAt: new Date(noon + 60_000).toISOString() },
  },
})

const rows: Row[] = [
  ['there is no release', {}, observed([]), 'install'],
  [
    'another HelmRelease owns it, though it has failed',
    {},
    observed([release(1, 'failed')], { foreignOwnerId: 'a:helmrelease/b' }),
    'none',
  ],
  [
    'it failed and nothing has changed',
    { memory: failed },
    observed([release(2, 'failed')]),
    'none',
  ],
  [
    'it failed and the spec was edited',
    { generation: 2, memory: failed },
    observed([release(2, 'failed')]),
    'upgrade generation',
  ],
  [
    'it failed and the chart has changed',
    { memory: failed },
    observed([release(2, 'failed')], otherChart),
    'upgrade chart',
  ],
  [
    'fluxcd/helm-operator left it failed, and what is wanted differs from what failed',
    { memory: memory(seen) },
    observed([release(2, 'failed')], otherValues),
    'upgrade values',
  ],
  [
    'helm is at work on it by another hand',
    { memory: settled },
    observed([release(2, 'pending-upgrade', { deployedAt: failedAt })]),
    'none',
  ],
  [
    'a helm that nobody waits for any more left it pending',
    { memory: settled },
    observed([release(2, 'pending-upgrade', { deployedAt: '2026-01-01T11:00:00Z' })]),
    'unlock',
  ],
  [
    'it was uninstalled and its history was kept',
    { memory: settled },
    observed([release(1, 'uninstalled')]),
    'install',
  ],
  ['it was removed without a trace', { memory: settled }, observed([]), 'install'],
  [
    'its newest revision is superseded',
    { memory: settled },
    observed([release(1, 'superseded')]),
    'upgrade storage',
  ],
  [
    'the spec was edited, though nothing in it makes a difference',
    { generation: 2, memory: settled },
    deployed,
    'upgrade generation',
  ],
  ['the release was there before the HelmRelease', {}, deployed, 'upgrade adoption'],
  [
    'it was rolled back and the chart has changed',
    { memory: rolledBackAgain },
    observed(afterRollback, otherChart),
    'upgrade chart',
  ],
  [
    'it was rolled back and may be tried again',
    { memory: rolledBackAgain, rollback: retry },
    observed(afterRollback),
    'upgrade retry',
  ],
  [
    'it was rolled back and may be tried again, but not yet',
    { memory: soon(rolledBackAgain), rollback: retry },
    observed(afterRollback),
    'none',
  ],
  [
    'it was rolled back and may be tried again, but not yet, and somebody asks for it',
    { memory: soon(rolledBackAgain), rollback: retry },
    observed(afterRollback, { isAsked: true }),
    'upgrade retry',
  ],
  [
    'it was rolled back and is still what was rolled back',
    { memory: rolledBackAgain },
    observed(afterRollback),
    'none',
  ],
  [
    'it was rolled back, its history is as short as can be, and nothing has changed',
    { memory: rolledBackAgain, maxHistory: 1 },
    observed([release(3, 'deployed')]),
    'none',
  ],
  [
    'it was rolled back, its history is unlimited, and nothing has changed',
    { memory: { ...rolledBackAgain, history: [] }, maxHistory: 0 },
    observed(afterRollback),
    'none',
  ],
  [
    'it was rolled back and a source of values has changed',
    { memory: rolledBackAgain },
    observed(afterRollback, otherValues),
    'upgrade values',
  ],
  [
    'the chart has changed',
    { memory: settled },
    observed(deployed.history, otherChart),
    'upgrade chart',
  ],
  ['nothing has changed', { memory: settled }, deployed, 'none'],
  [
    'a source of values has changed',
    { memory: settled },
    observed(deployed.history, otherValues),
    'upgrade values',
  ],
  [
    'somebody has upgraded it by hand',
    { memory: settled },
    observed([release(2, 'deployed', { config: { by: 'hand' } })]),
    'upgrade storage',
  ],
  ['a first install has failed and was purged', { memory: installFailed }, observed([]), 'install'],
  [
    'a first install has failed and was purged a moment ago',
    { memory: soon(installFailed) },
    observed([]),
    'none',
  ],
  [
    'a first install has failed a moment ago, and the chart has changed',
    { memory: soon(installFailed) },
    observed([], otherChart),
    'install',
  ],
  [
    'a first install has failed for a reason that only an edit can mend',
    {
      memory: { ...installFailed, lastAttempt: { ...installFailed.lastAttempt!, failures: 1 } },
    },
    observed([], { now: noon + 86_400_000 }),
    'none',
  ],
  [
    'a first install has failed as often as it may',
    { memory: { ...installFailed, installFailures: 3 }, maxInstallRetries: 2 },
    observed([]),
    'none',
  ],
  [
    'a first install has failed as often as it may, and the values have changed',
    { memory: { ...installFailed, installFailures: 3 }, maxInstallRetries: 2 },
    observed([], otherValues),
    'install',
  ],
  [
    'a failed first install was kept, and somebody has removed it',
    {
      memory: { ...soon(installFailed), history: [snapshot(1, { action: 'install' })] },
      onInstallFailure: 'keep',
      maxInstallRetries: -1,
    },
    observed([]),
    'install',
  ],
]

testFirstActions(test, rows)

test.run()
