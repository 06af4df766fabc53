import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { determineState } from '../../lib/plan/state.ts'
import { type Row, settled, tests, testStates } from '../helpers/decisions.ts'
import {
  attempt,
  helmRelease,
  journal,
  noon,
  observed,
  otherChart,
  otherValues,
  release,
  snapshot,
  memory,
} from '../helpers/release.ts'

const test = suite('determineState()')

const seen = { observedGeneration: 1 }

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
    { generation: 2, memory: settled },
    observed([release(1, 'deployed')]),
    'outOfSync generation',
  ],
  ['the release was there before us', {}, observed([release(1, 'deployed')]), 'outOfSync adoption'],
  [
    'the same object was synchronised by fluxcd/helm-operator',
    { memory: memory(seen) },
    observed([release(1, 'deployed')]),
    'inSync',
  ],
  ['nothing changed', { memory: settled }, observed([release(1, 'deployed')]), 'inSync'],
  [
    'the chart changed',
    { memory: settled },
    observed([release(1, 'deployed')], otherChart),
    'outOfSync chart',
  ],
  [
    'the values changed',
    { memory: settled },
    observed([release(1, 'deployed')], otherValues),
    'outOfSync values',
  ],
  [
    'somebody upgraded by hand to other values',
    { memory: settled },
    observed([release(2, 'deployed', { config: { by: 'hand' } }), release(1, 'superseded')]),
    'outOfSync storage',
  ],
  [
    'somebody upgraded by hand to what is wanted',
    { memory: settled },
    observed([release(2, 'deployed'), release(1, 'superseded')]),
    'inSync',
  ],
  [
    'the spec was edited while the chart could not be fetched, and it can be now',
    { generation: 2, memory: { ...settled, observedGeneration: 2, lastAttempt: attempt() } },
    observed([release(1, 'deployed')]),
    'outOfSync generation',
  ],
  ['helm is at work', {}, observed([release(2, 'pending-upgrade')]), 'locked'],
  ['somebody uninstalls it', {}, observed([release(2, 'uninstalling')]), 'locked'],
  [
    'tests are on and have not run',
    { memory: settled, test: tests },
    observed([release(1, 'deployed')]),
    'untested',
  ],
  [
    'tests are on and have run',
    {
      memory: { ...settled, history: [snapshot(1, { tested: 'passed' })] },
      test: tests,
    },
    observed([release(1, 'deployed')]),
    'inSync',
  ],
  [
    'the newest revision is superseded by nothing',
    { memory: settled },
    observed([release(1, 'superseded')]),
    'outOfSync storage',
  ],
]

testStates(test, rows)

test('frees a revision at once that we left pending ourselves', () => {
  const desired = helmRelease({ memory: memory({ journal: journal({ action: 'upgrade' }) }) })
  const state = determineState(desired, observed([release(2, 'pending-upgrade')]))
  assert.is(state.kind === 'locked' && state.until <= noon, true)
})

test("gives somebody else's helm our timeout to finish", () => {
  const deployedAt = new Date(noon - 60_000).toISOString()
  const facts = observed([release(2, 'pending-upgrade', { deployedAt })])
  const state = determineState(helmRelease({ memory: settled }), facts)
  assert.is(state.kind === 'locked' && state.until, noon + 240_000)
})

test.run()
