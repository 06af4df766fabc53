import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Observed } from '../../lib/model/observed.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import { determineState } from '../../lib/plan/state.ts'
import { unlockedDescription } from '../../lib/plan/unlock.ts'
import { digestJson } from '../../lib/util/digest.ts'
import {
  condition,
  helmRelease,
  noon,
  observed,
  release,
  snapshot,
  status,
} from '../helpers/release.ts'

const test = suite('determineState()')

const seen = { observedGeneration: 1 }
const settled = status({ ...seen, phase: 'Succeeded', history: [snapshot(1)] })
const rolledBack = status({
  ...seen,
  phase: 'RolledBack',
  rollbackCount: 1,
  conditions: [condition('RolledBack', 'True')],
  history: [snapshot(3, { action: 'rollback', chartDigest: 'sha256:chart-0' }), snapshot(2)],
})
const afterRollback = [
  release(3, 'deployed'),
  release(2, 'failed'),
  release(1, 'superseded'),
] as const
const otherChart = {
  artifact: { ...observed([]).artifact, revision: '2.0.0', digest: 'sha256:chart-2' },
}
const otherValues = { values: { content: { a: 1 }, digest: digestJson({ a: 1 }), secrets: [] } }
const retry = { ...helmRelease().rollback, enable: true, retry: true, maxRetries: 1 }

type Row = [situation: string, desired: Partial<HelmRelease>, observed: Observed, expected: string]
const rows: Row[] = [
  ['there is no release', {}, observed([]), 'absent'],
  [
    'the release was uninstalled with its history kept',
    {},
    observed([release(2, 'uninstalled')]),
    'absent',
  ],
  [
    'its objects belong to another HelmRelease, whatever its status',
    {},
    observed([release(1, 'failed')], { foreignOwnerId: 'a:helmrelease/b' }),
    'unmanaged',
  ],
  [
    'the spec was edited',
    { generation: 2, status: settled },
    observed([release(1, 'deployed')]),
    'outOfSync generation',
  ],
  ['the release was there before us', {}, observed([release(1, 'deployed')]), 'outOfSync adoption'],
  [
    'the same object was synchronised by fluxcd/helm-operator',
    { status: status(seen) },
    observed([release(1, 'deployed')]),
    'inSync',
  ],
  ['nothing changed', { status: settled }, observed([release(1, 'deployed')]), 'inSync'],
  [
    'the chart changed',
    { status: settled },
    observed([release(1, 'deployed')], otherChart),
    'outOfSync chart',
  ],
  [
    'the values changed',
    { status: settled },
    observed([release(1, 'deployed')], otherValues),
    'outOfSync values',
  ],
  [
    'somebody upgraded by hand to other values',
    { status: settled },
    observed([release(2, 'deployed', { config: { by: 'hand' } }), release(1, 'superseded')]),
    'outOfSync storage',
  ],
  [
    'somebody upgraded by hand to what is wanted',
    { status: settled },
    observed([release(2, 'deployed'), release(1, 'superseded')]),
    'inSync',
  ],
  [
    'the attempt failed and nothing changed',
    { status: status({ ...seen, history: [snapshot(2)] }) },
    observed([release(2, 'failed')]),
    'failed',
  ],
  [
    'the attempt failed and the spec was edited since',
    { generation: 2, status: status({ ...seen, history: [snapshot(2)] }) },
    observed([release(2, 'failed')]),
    'outOfSync generation',
  ],
  [
    'the attempt failed and the chart changed since',
    { status: status({ ...seen, history: [snapshot(2)] }) },
    observed([release(2, 'failed')], otherChart),
    'outOfSync chart',
  ],
  [
    'the attempt failed and the values changed since',
    { status: status({ ...seen, history: [snapshot(2)] }) },
    observed([release(2, 'failed')], otherValues),
    'outOfSync values',
  ],
  [
    'an interrupted attempt was freed',
    { status: status({ ...seen, history: [snapshot(1)] }) },
    observed([release(2, 'failed', { description: unlockedDescription('pending-upgrade') })]),
    'outOfSync interrupted',
  ],
  ['helm is at work', {}, observed([release(2, 'pending-upgrade')]), 'locked'],
  ['somebody uninstalls it', {}, observed([release(2, 'uninstalling')]), 'locked'],
  [
    'it was rolled back and nothing changed',
    { status: rolledBack },
    observed(afterRollback),
    'rolledBack',
  ],
  [
    'it was rolled back and the chart changed',
    { status: rolledBack },
    observed(afterRollback, otherChart),
    'outOfSync chart',
  ],
  [
    'it was rolled back and the values changed',
    { status: rolledBack },
    observed(afterRollback, otherValues),
    'outOfSync values',
  ],
  [
    'it was rolled back and the spec was edited',
    { generation: 2, status: rolledBack },
    observed(afterRollback),
    'outOfSync generation',
  ],
  [
    'it was rolled back and may be retried',
    { status: rolledBack, rollback: retry },
    observed(afterRollback),
    'outOfSync retry',
  ],
  [
    'it was rolled back and the retries are used up',
    { status: { ...rolledBack, rollbackCount: 2 }, rollback: retry },
    observed(afterRollback),
    'rolledBack',
  ],
  [
    'tests are on and have not run',
    { status: settled, test: { ...helmRelease().test, enable: true } },
    observed([release(1, 'deployed')]),
    'untested',
  ],
  [
    'tests are on and have run',
    {
      status: { ...settled, history: [snapshot(1, { tested: 'passed' })] },
      test: { ...helmRelease().test, enable: true },
    },
    observed([release(1, 'deployed')]),
    'inSync',
  ],
  [
    'we were killed after helm had finished our upgrade',
    { generation: 2, status: status({ ...seen, phase: 'Upgrading', history: [snapshot(1)] }) },
    observed([release(2, 'deployed'), release(1, 'superseded')]),
    'inSync',
  ],
  [
    'the newest revision is superseded by nothing',
    { status: settled },
    observed([release(1, 'superseded')]),
    'outOfSync storage',
  ],
]

for (const [situation, desired, facts, expected] of rows)
  test(`is ${expected} when ${situation}`, () => {
    const state = determineState(helmRelease(desired), facts)
    assert.is([state.kind, 'because' in state ? state.because : ''].join(' ').trim(), expected)
  })

test('frees a revision at once that we left pending ourselves', () => {
  const desired = helmRelease({ status: status({ phase: 'Upgrading' }) })
  const state = determineState(desired, observed([release(2, 'pending-upgrade')]))
  assert.is(state.kind === 'locked' && state.until <= noon, true)
})

test("gives somebody else's helm our timeout to finish", () => {
  const deployedAt = new Date(noon - 60_000).toISOString()
  const facts = observed([release(2, 'pending-upgrade', { deployedAt })])
  const state = determineState(helmRelease({ status: settled }), facts)
  assert.is(state.kind === 'locked' && state.until, noon + 240_000)
})

test.run()
