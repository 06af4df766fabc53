import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Outcome } from '../../lib/model/action.ts'
import type { HelmRelease, History } from '../../lib/model/release.ts'
import type { Memory, Snapshot } from '../../lib/model/memory.ts'
import { adoptRevision, recordOutcome } from '../../lib/plan/history.ts'
import { remedyFor } from '../../lib/plan/remediation.ts'
import { attempt, helmRelease, observed, release, snapshot, memory } from '../helpers/release.ts'

const test = suite('a revision that is noted')

const byHand = [release(1, 'deployed')] as const
const having = (over: Partial<Memory>): HelmRelease => helmRelease({ memory: memory(over) })

function outcome(
  action: Outcome['action'],
  revision: number,
  over: Partial<Outcome> = {},
): Outcome {
  const made = release(revision, over.ok === false ? 'failed' : 'deployed')
  return { action, ok: true, storageChanged: true, release: made, message: '', ...over }
}

// What is noted of the newest revision, as in "upgrade" or "upgrade, adopted".
function said([newest]: readonly Snapshot[]): string {
  return `${newest?.action}${newest?.adopted === true ? ', adopted' : ''}`
}

const adopted = { history: [snapshot(2, { adopted: true, waitUntil: '2026-01-01T12:05:00Z' })] }
const settled = [release(2, 'deployed'), release(1, 'superseded')] as const
const install = attempt({ action: 'install', revision: 1 })

for (const [situation, before, history, it, expected] of [
  ['installed where nothing was', {}, [], outcome('install', 1), 'install'],
  ['installed in vain where nothing was', {}, [], outcome('install', 1, { ok: false }), 'install'],
  [
    'installed over what others have installed meanwhile',
    { lastAttempt: install },
    [],
    outcome('install', 2),
    'upgrade',
  ],
  [
    'installed in vain over what others have installed meanwhile',
    { lastAttempt: install },
    [],
    outcome('install', 2, { ok: false }),
    'upgrade, adopted',
  ],
  ['upgraded over what was there', {}, byHand, outcome('upgrade', 2), 'upgrade'],
  [
    'upgraded in vain over what was there',
    {},
    byHand,
    outcome('upgrade', 2, { ok: false }),
    'upgrade, adopted',
  ],
  [
    'applied over what was there and not ready yet',
    {},
    byHand,
    outcome('upgrade', 2, { waitUntil: '2026-01-01T12:05:00Z' }),
    'upgrade, adopted',
  ],
  [
    'applied over what was there and ready now',
    adopted,
    settled,
    outcome('upgrade', 2, { settled: true }),
    'upgrade',
  ],
  [
    'applied over what was there and never ready',
    adopted,
    settled,
    outcome('upgrade', 2, { settled: true, ok: false }),
    'upgrade, adopted',
  ],
  [
    'rolled back to what was there',
    { history: [snapshot(2, { adopted: true })] },
    [release(2, 'failed'), release(1, 'superseded')],
    outcome('rollback', 3),
    'rollback, adopted',
  ],
  [
    'upgraded in vain over one of its own',
    { history: [snapshot(1)] },
    byHand,
    outcome('upgrade', 2, { ok: false }),
    'upgrade',
  ],
  [
    'rolled back to one of its own',
    { history: [snapshot(2), snapshot(1)] },
    [release(2, 'failed'), release(1, 'superseded')],
    outcome('rollback', 3),
    'rollback',
  ],
] as readonly [string, Partial<Memory>, History, Outcome, string][])
  test(`is "${expected}" when the HelmRelease has ${situation}`, () => {
    assert.is(said(recordOutcome(having(before), observed(history), it)), expected)
  })

for (const [situation, before, expected] of [
  ['nothing of it is known', {}, 'upgrade, adopted'],
  ['fluxcd/helm-operator has said that it was released', { revision: '1.0.0' }, 'upgrade'],
  [
    'an attempt of its own has failed before',
    { revision: '1.0.0', lastAttempt: attempt() },
    'upgrade, adopted',
  ],
  ['a revision below it is its own', { history: [snapshot(1)] }, 'upgrade'],
] as readonly [string, Partial<Memory>, string][])
  test(`is "${expected}" when others wrote just what is wanted and ${situation}`, () => {
    const facts = observed([release(2, 'deployed'), release(1, 'superseded')])
    assert.is(said(adoptRevision(having(before), facts, release(2, 'deployed'))), expected)
  })

test('is not purged when others have revisions of the same release', () => {
  const failed = [release(2, 'failed'), release(1, 'superseded')] as const
  const desired = having({ history: [snapshot(2, { action: 'install' })] })
  assert.is(remedyFor(desired, failed).kind, 'none')
  assert.is(remedyFor(desired, [failed[0], release(1, 'uninstalled')]).kind, 'uninstall')
})

test.run()
