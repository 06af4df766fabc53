import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { HelmRelease, History } from '../../lib/model/release.ts'
import type { Memory } from '../../lib/model/memory.ts'
import { recoverOutcome } from '../../lib/plan/recover.ts'
import { endAction } from '../../lib/plan/summarize.ts'
import { unlockedDescription } from '../../lib/plan/unlock.ts'
import {
  attempt,
  helmRelease,
  journal,
  observed,
  otherChart,
  release,
  snapshot,
  memory,
} from '../helpers/release.ts'

const test = suite('recoverOutcome()')

const upgrading: Partial<Memory> = {
  journal: journal({ action: 'upgrade', revision: 2 }),
  lastAttempt: attempt(),
  history: [snapshot(1)],
}
const upgraded: History = [release(2, 'deployed'), release(1, 'superseded')]

type Row = [situation: string, said: Partial<Memory>, history: History, expected: string]
const rows: Row[] = [
  ['helm had finished an upgrade', upgrading, upgraded, 'upgrade went well'],
  [
    'helm had finished an install',
    {
      journal: journal({ action: 'install', revision: 1 }),
      lastAttempt: attempt({ action: 'install', revision: 1 }),
    },
    [release(1, 'deployed')],
    'install went well',
  ],
  [
    'helm had failed to upgrade',
    upgrading,
    [release(2, 'failed'), release(1, 'deployed')],
    'upgrade failed',
  ],
  [
    'helm had finished a rollback',
    { journal: journal(), history: [snapshot(2), snapshot(1)] },
    [release(3, 'deployed'), release(2, 'failed'), release(1, 'superseded')],
    'rollback went well',
  ],
  [
    'a rollback was begun, and the newest revision is not the one that it would make',
    { journal: journal(), history: [snapshot(2), snapshot(1)] },
    [release(4, 'deployed'), release(3, 'superseded')],
    'nothing',
  ],
  [
    'a rollback was begun, of what nothing is known',
    { journal: journal({ revision: 0 }) },
    [release(1, 'deployed')],
    'nothing',
  ],
  ['helm had not begun', upgrading, [release(1, 'deployed')], 'nothing'],
  ['helm was still at work', upgrading, [release(2, 'pending-upgrade')], 'nothing'],
  [
    'helm was stopped before it could tell',
    upgrading,
    [release(2, 'failed', { description: unlockedDescription('pending-upgrade') })],
    'nothing',
  ],
  [
    'all was said already',
    { ...upgrading, history: [snapshot(2), snapshot(1)] },
    upgraded,
    'nothing',
  ],
  [
    'the attempt has ended',
    {
      ...upgrading,
      journal: journal({ action: 'upgrade', revision: 2, stage: 'failed' }),
      lastAttempt: attempt({ endedAt: '2026-01-01T11:59:30Z' }),
    },
    upgraded,
    'nothing',
  ],
  [
    'a pass could not read what helm had done',
    { lastAttempt: attempt(), history: [snapshot(1)] },
    upgraded,
    'upgrade went well',
  ],
  [
    'somebody else has upgraded since',
    upgrading,
    [release(3, 'deployed'), release(2, 'superseded')],
    'nothing',
  ],
]
for (const [situation, said, history, expected] of rows)
  test(`answers ${expected} when ${situation}`, () => {
    const desired = helmRelease({ memory: memory(said) })
    const outcome = recoverOutcome(desired, observed(history))
    const verdict = outcome?.ok ? 'went well' : 'failed'
    assert.is(outcome ? `${outcome.action} ${verdict}` : 'nothing', expected)
  })

const wanted = (over: Partial<HelmRelease> = {}): HelmRelease =>
  helmRelease({ wait: true, memory: memory(upgrading), ...over })

test('answers nothing when another HelmRelease was quicker', () => {
  const facts = observed(upgraded, { foreignOwnerId: 'a:helmrelease/b' })
  assert.is(recoverOutcome(wanted(), facts), undefined)
})

test('goes on waiting, as long as the wait would have taken', () => {
  const outcome = recoverOutcome(wanted({ timeoutMs: 120_000 }), observed(upgraded))!
  assert.is(outcome.waitUntil, '2026-01-01T12:01:00.000Z')
  assert.is(outcome.replaced, 1)
})

test('does not wait where helm has waited', () => {
  const { artifact } = observed([])
  const facts = observed(upgraded, { artifact: { ...artifact, hookEvents: ['post-upgrade'] } })
  assert.is(recoverOutcome(wanted(), facts)!.waitUntil, undefined)
})

test('remembers what helm was given, whatever is wanted by now', () => {
  const facts = observed(upgraded, otherChart)
  const desired = wanted({ wait: false, generation: 2 })
  const { memory: after, reports } = endAction(desired, facts, recoverOutcome(desired, facts)!)
  const { history } = after
  assert.equal(
    reports.map(({ what }) => what),
    ['ended'],
  )
  assert.equal(
    [history[0]!.revision, history[0]!.generation, history[0]!.chartDigest],
    [2, 1, 'sha256:chart-1'],
  )
})

test.run()
