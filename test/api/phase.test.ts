import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { enterPhase } from '../../lib/api/legacy/phase.ts'
import type { Phase, Shown } from '../../lib/api/legacy/shown.ts'
import { condition } from '../helpers/legacy.ts'
import { noon } from '../helpers/release.ts'

const test = suite('enterPhase()')
const nothing: Shown = { conditions: [] }

const note = { message: 'why', now: noon }

for (const [phase, expected] of [
  ['ChartFetched', 'ChartFetched=True Ready=Unknown'],
  ['ChartFetchFailed', 'ChartFetched=False Released=False Ready=False'],
  ['Installing', 'Deployed=Unknown Ready=Unknown'],
  ['Upgrading', 'Deployed=Unknown Ready=Unknown'],
  ['Deployed', 'Deployed=True Ready=Unknown'],
  ['DeployFailed', 'Deployed=False Released=False Ready=False'],
  ['Testing', 'Tested=Unknown Ready=Unknown'],
  ['Tested', 'Tested=True Ready=Unknown'],
  ['TestFailed', 'Tested=False Released=False Ready=False'],
  ['Succeeded', 'Released=True Ready=True'],
  ['Failed', 'Released=False Ready=False'],
  ['RollingBack', 'RolledBack=Unknown Ready=Unknown'],
  ['RolledBack', 'RolledBack=True Ready=False'],
  ['RollbackFailed', 'RolledBack=False Ready=False'],
] as [Phase, string][])
  test(`${phase} means ${expected}`, () => {
    const { conditions } = enterPhase(nothing, phase, note)
    assert.is(conditions.map(({ type, status }) => `${type}=${status}`).join(' '), expected)
    for (const one of conditions) assert.is(one.reason, phase)
  })

test('leaves Released and Ready alone when a failed test is to be ignored', () => {
  const before: Shown = {
    conditions: [condition('Released', 'True'), condition('Ready', 'Unknown')],
  }
  const { conditions } = enterPhase(before, 'TestFailed', { ...note, ignoreTestFailure: true })
  assert.equal(
    conditions.map(({ type, status }) => `${type}=${status}`),
    ['Released=True', 'Ready=Unknown', 'Tested=False'],
  )
})

test('moves the conditions it touches to the end', () => {
  const before: Shown = {
    conditions: [
      condition('Released', 'True'),
      condition('Deployed', 'True'),
      condition('Ready', 'True'),
    ],
  }
  const after = enterPhase(before, 'Upgrading', note)
  assert.equal(
    after.conditions.map(({ type }) => type),
    ['Released', 'Deployed', 'Ready'],
  )
  const done = enterPhase(after, 'Succeeded', note)
  assert.equal(
    done.conditions.map(({ type }) => type),
    ['Deployed', 'Released', 'Ready'],
  )
})

test('keeps lastTransitionTime while the status of a condition stays', () => {
  const before: Shown = {
    conditions: [condition('Released', 'True'), condition('Ready', 'False')],
  }
  const { conditions } = enterPhase(before, 'Succeeded', note)
  assert.equal(
    conditions.map(({ lastTransitionTime }) => lastTransitionTime),
    ['2026-01-01T11:00:00Z', '2026-01-01T12:00:00Z'],
  )
  assert.equal(
    conditions.map(({ lastUpdateTime }) => lastUpdateTime),
    ['2026-01-01T12:00:00Z', '2026-01-01T12:00:00Z'],
  )
})

test('takes RolledBack away when the release succeeds', () => {
  const before: Shown = { conditions: [condition('RolledBack', 'True')] }
  const after = enterPhase(before, 'Succeeded', note)
  assert.is(
    after.conditions.some(({ type }) => type === 'RolledBack'),
    false,
  )
})

test('says in Ready why a release was rolled back', () => {
  const failed = enterPhase(nothing, 'DeployFailed', { message: 'no such image', now: noon })
  const { conditions } = enterPhase(failed, 'RolledBack', { message: 'Rolled back', now: noon })
  const messageOf = (wanted: string) => conditions.find(({ type }) => type === wanted)?.message
  assert.is(messageOf('Ready'), 'Rolled back. Before: no such image')
  assert.is(messageOf('RolledBack'), 'Rolled back')
})

test('cuts a message to what a condition may hold', () => {
  const { conditions } = enterPhase(nothing, 'Failed', { message: 'x'.repeat(40_000), now: noon })
  assert.is(conditions[0]!.message.length, 32_768)
})

test.run()
