// What we remember of the revisions that we put into Helm's storage.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Action, Outcome } from '../../lib/model/action.ts'
import { recordOutcome } from '../../lib/plan/history.ts'
import { helmRelease, observed, release, snapshot, memory } from '../helpers/release.ts'

const test = suite('recordOutcome()')

const ours = helmRelease({ memory: memory({ history: [snapshot(1)] }) })
const two = release(2, 'deployed', { description: 'Rollback to 1' })

function made(action: Action['kind'], over: Partial<Outcome> = {}): Outcome {
  return { action, ok: true, storageChanged: true, message: '', release: two, ...over }
}

for (const action of ['install', 'upgrade', 'rollback'] as const)
  test(`remembers the revision that ${action} has made, and those before it`, () => {
    const history = recordOutcome(ours, observed([two]), made(action))
    const told = history.map((one) => [one.revision, one.uid, one.action])
    assert.equal(told, [
      [2, 'uid-2', action],
      [1, 'uid-1', 'upgrade'],
    ])
  })

for (const [situation, outcome] of [
  ['nothing was stored', made('upgrade', { storageChanged: false })],
  ['no revision is known', { ...made('upgrade'), release: undefined }],
  ['a revision was only freed', made('unlock')],
] as const)
  test(`remembers nothing new when ${situation}`, () => {
    const { release: found, ...rest } = outcome
    const told = found === undefined ? rest : { ...rest, release: found }
    assert.equal(recordOutcome(ours, observed([two]), told), [snapshot(1)])
  })

test('forgets all revisions of a release that is uninstalled', () => {
  assert.equal(recordOutcome(ours, observed([two]), made('uninstall')), [])
})

for (const [ok, tested] of [
  [true, 'passed'],
  [false, 'failed'],
] as const)
  test(`notes tests that ${tested} on the revision they ran on, and on no other of its number or uid`, () => {
    const others = [snapshot(2, { uid: 'of a release before' }), snapshot(1, { uid: 'uid-2' })]
    const desired = helmRelease({ memory: memory({ history: [snapshot(2), ...others] }) })
    const history = recordOutcome(desired, observed([two]), made('test', { ok }))
    assert.equal(history, [snapshot(2, { tested }), ...others])
  })

test('ends the wait of the revision that was waited for, and of no other of its number', () => {
  const waitUntil = '2026-01-01T12:05:00Z'
  const other = snapshot(2, { uid: 'of a release before', waitUntil })
  const desired = helmRelease({ memory: memory({ history: [snapshot(2, { waitUntil }), other] }) })
  const history = recordOutcome(desired, observed([two]), made('upgrade', { settled: true }))
  assert.equal(history, [snapshot(2), other])
})

test('keeps the record of a revision of the same number of a release before', () => {
  const before = snapshot(2, { uid: 'of a release before' })
  const desired = helmRelease({ memory: memory({ history: [before, snapshot(2)] }) })
  const history = recordOutcome(desired, observed([two]), made('upgrade'))
  assert.equal(
    history.map(({ uid }) => uid),
    ['uid-2', 'of a release before'],
  )
})

test('remembers a revision once, and five of them at most', () => {
  const five = [5, 4, 3, 2, 1].map((revision) => snapshot(revision))
  const desired = helmRelease({ memory: memory({ history: five }) })
  const revisions = (outcome: Outcome): number[] =>
    recordOutcome(desired, observed([two]), outcome).map((one) => one.revision)
  assert.equal(revisions(made('upgrade')), [2, 5, 4, 3, 1])
  assert.equal(revisions(made('upgrade', { release: release(6, 'deployed') })), [6, 5, 4, 3, 2])
})

test.run()
