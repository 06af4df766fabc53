// What a first-generation status shows after each report: one phase, and the conditions that go with it.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { showReport } from '../../lib/api/legacy/report.ts'
import type { Shown } from '../../lib/api/legacy/shown.ts'
import type { Report } from '../../lib/model/report.ts'
import { condition } from '../helpers/legacy.ts'
import { noon } from '../helpers/release.ts'

const test = suite('what is shown after a report')

const said = { message: 'as it is', now: noon }
const ended = { ...said, what: 'ended', isIgnored: false } as const
const upgrading: Shown = { phase: 'Upgrading', conditions: [condition('Deployed', 'Unknown')] }

// "Phase: Condition=Status …", in the order of their recency.
function describe({ phase, conditions }: Shown): string {
  return `${phase}: ${conditions.map(({ type, status }) => `${type}=${status}`).join(' ')}`
}

const rows: [report: Report, expected: string][] = [
  [{ ...said, what: 'begun', action: 'install' }, 'Installing: Deployed=Unknown Ready=Unknown'],
  [{ ...said, what: 'begun', action: 'upgrade' }, 'Upgrading: Deployed=Unknown Ready=Unknown'],
  [{ ...said, what: 'begun', action: 'test' }, 'Testing: Tested=Unknown Ready=Unknown'],
  [{ ...said, what: 'begun', action: 'rollback' }, 'RollingBack: RolledBack=Unknown Ready=Unknown'],
  [{ ...ended, action: 'upgrade', ok: true }, 'Deployed: Deployed=True Ready=Unknown'],
  [
    { ...ended, action: 'install', ok: false },
    'DeployFailed: Deployed=False Released=False Ready=False',
  ],
  [{ ...ended, action: 'test', ok: false }, 'TestFailed: Tested=False Released=False Ready=False'],
  [{ ...ended, action: 'test', ok: false, isIgnored: true }, 'TestFailed: Tested=False'],
  [{ ...ended, action: 'rollback', ok: true }, 'RolledBack: RolledBack=True Ready=False'],
  [{ ...said, what: 'fetched', isNew: true }, 'ChartFetched: ChartFetched=True Ready=Unknown'],
  [{ ...said, what: 'succeeded' }, 'Succeeded: Released=True Ready=True'],
  [{ ...said, what: 'stuck' }, 'Failed: Released=False Ready=False'],
  [{ ...said, what: 'stopped', ofChart: false }, 'Failed: Released=False Ready=False'],
  [
    { ...said, what: 'stopped', ofChart: true },
    'ChartFetchFailed: ChartFetched=False Released=False Ready=False',
  ],
]
for (const [report, expected] of rows)
  test(`is ${expected} after ${JSON.stringify(report)}`, () => {
    assert.is(describe(showReport({ conditions: [] }, report)), expected)
  })

test('keeps the phase while objects or another helm are waited for', () => {
  const progress = showReport(upgrading, { ...said, what: 'progress' })
  assert.is(describe(progress), 'Upgrading: Deployed=Unknown Ready=Unknown')
  assert.is(progress.conditions.at(-1)!.reason, 'Progressing')
  const locked = showReport(progress, { ...said, what: 'locked' })
  assert.is(locked.conditions.at(-1)!.reason, 'Locked')
})

for (const what of ['progress', 'locked', 'succeeded', 'stopped'] as const)
  test(`stays the same when ${what} is said again`, () => {
    const report = { ...said, what, ofChart: false } as Report
    const first = showReport(upgrading, report)
    assert.is(showReport(first, { ...report, now: noon + 60_000 }), first)
  })

test('stays the same when a chart is fetched that was fetched before', () => {
  const before: Shown = { phase: 'Succeeded', conditions: [condition('ChartFetched', 'True')] }
  assert.is(showReport(before, { ...said, what: 'fetched', isNew: false }), before)
})

test('forgets what was shown of another release', () => {
  const conditions = (['ChartFetched', 'Released', 'Ready'] as const).map((type) =>
    condition(type, 'True'),
  )
  const after = showReport({ phase: 'Succeeded', conditions }, { what: 'retargeted', now: noon })
  assert.is(describe(after), 'undefined: ChartFetched=True Ready=True')
})

test.run()
