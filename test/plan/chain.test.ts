// What follows an action in the same pass, when it went well and when it failed; and what a pass that was cut short left to do.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Action, Outcome } from '../../lib/model/action.ts'
import type { HelmRelease, History } from '../../lib/model/release.ts'
import { nextAction } from '../../lib/plan/next.ts'
import { determineState } from '../../lib/plan/state.ts'
import { unlockedDescription } from '../../lib/plan/unlock.ts'
import {
  attempt,
  helmRelease,
  journal,
  observed,
  release,
  snapshot,
  memory,
} from '../helpers/release.ts'

const test = suite('after')

const tests = { ...helmRelease().test, enable: true }
const rollback = { ...helmRelease().rollback, enable: true }
const first: History = [release(1, 'deployed')]
const firstFailed: History = [release(1, 'failed')]
const second: History = [release(2, 'deployed'), release(1, 'superseded')]
const secondFailed: History = [release(2, 'failed'), release(1, 'deployed')]
const byInstall = [snapshot(1, { action: 'install' })]
const byUpgrade = [snapshot(2), ...byInstall]
const testFailed = [snapshot(2, { tested: 'failed' }), ...byInstall]

function ok(action: Action['kind']): Outcome {
  return { action, ok: true, storageChanged: true, message: '' }
}
const bad = (action: Action['kind'], storageChanged = true): Outcome => ({
  ...ok(action),
  ...{ ok: false, storageChanged },
})

type Row = [
  what: string,
  desired: Partial<HelmRelease>,
  known: HelmRelease['memory']['history'],
  history: History,
  outcomes: readonly Outcome[],
  expected: Action['kind'],
]
const rows: Row[] = [
  ['an install, tests are run', { test: tests }, byInstall, first, [ok('install')], 'test'],
  [
    'an install, nothing is done where tests are off',
    {},
    byInstall,
    first,
    [ok('install')],
    'none',
  ],
  ['a failed install, it is purged', {}, byInstall, firstFailed, [bad('install')], 'uninstall'],
  [
    'a failed install that is to be kept, nothing is done',
    { onInstallFailure: 'keep' },
    byInstall,
    firstFailed,
    [bad('install')],
    'none',
  ],
  [
    'a failed test of a first install, it is purged',
    { test: tests },
    byInstall,
    first,
    [ok('install'), bad('test', false)],
    'uninstall',
  ],
  [
    'a failed test of a first install that is to be kept, nothing is done',
    { test: tests, onInstallFailure: 'keep' },
    [snapshot(1, { action: 'install', tested: 'failed' })],
    first,
    [ok('install'), bad('test', false)],
    'none',
  ],
  ['an upgrade, tests are run', { test: tests }, byUpgrade, second, [ok('upgrade')], 'test'],
  [
    'a failed upgrade, it is rolled back',
    { rollback },
    byUpgrade,
    secondFailed,
    [bad('upgrade')],
    'rollback',
  ],
  [
    'a failed upgrade where rollback is off, nothing is done',
    {},
    byUpgrade,
    secondFailed,
    [bad('upgrade')],
    'none',
  ],
  [
    'an upgrade that failed before it made a revision, nothing is rolled back',
    { rollback },
    byInstall,
    first,
    [bad('upgrade', false)],
    'none',
  ],
  [
    'a failed test of an upgrade, it is rolled back',
    { rollback, test: tests },
    testFailed,
    second,
    [ok('upgrade'), bad('test', false)],
    'rollback',
  ],
  [
    'a failed test of an upgrade where rollback is off, nothing is done',
    { test: tests },
    testFailed,
    second,
    [ok('upgrade'), bad('test', false)],
    'none',
  ],
  [
    'a failed test that is to be ignored, nothing is done',
    { rollback, test: { ...tests, ignoreFailures: true } },
    testFailed,
    second,
    [ok('upgrade'), bad('test', false)],
    'none',
  ],
  [
    'a test that passed, nothing is left to do',
    { rollback, test: tests },
    [snapshot(2, { tested: 'passed' })],
    second,
    [ok('upgrade'), ok('test')],
    'none',
  ],
  [
    'a rollback, no tests are run',
    { rollback, test: tests },
    [snapshot(3, { action: 'rollback' }), ...byUpgrade],
    [release(3, 'deployed'), release(2, 'failed'), release(1, 'superseded')],
    [bad('upgrade'), ok('rollback')],
    'none',
  ],
  [
    'a failed rollback, nothing is done',
    { rollback },
    [snapshot(3, { action: 'rollback' }), ...byUpgrade],
    [release(3, 'failed'), release(2, 'failed'), release(1, 'deployed')],
    [bad('upgrade'), bad('rollback')],
    'none',
  ],
  [
    'a purge, nothing is installed in the same pass',
    {},
    [],
    [],
    [bad('install'), ok('uninstall')],
    'none',
  ],
  [
    'a failed purge, nothing more is done in the same pass',
    {},
    [],
    firstFailed,
    [bad('install'), bad('uninstall')],
    'none',
  ],
  [
    'a stop between a failed upgrade and its rollback, it is rolled back',
    {
      rollback,
      memory: memory({ journal: journal({ action: 'upgrade', revision: 2, stage: 'failed' }) }),
    },
    byUpgrade,
    secondFailed,
    [],
    'rollback',
  ],
  [
    'a stop between the announcement of a rollback and helm, it is rolled back',
    { rollback, memory: memory({ journal: journal() }) },
    byUpgrade,
    secondFailed,
    [],
    'rollback',
  ],
  [
    'a stop between a failed test and its rollback, it is rolled back',
    {
      rollback,
      test: tests,
      memory: memory({ journal: journal({ action: 'test', revision: 2, stage: 'failed' }) }),
    },
    testFailed,
    second,
    [],
    'rollback',
  ],
  [
    'a stop between a failed install and its purge, it is purged',
    { memory: memory({ journal: journal({ action: 'install', revision: 1, stage: 'failed' }) }) },
    byInstall,
    firstFailed,
    [],
    'uninstall',
  ],
  [
    'a stop in the middle of a rollback, it is freed',
    { rollback, memory: memory({ journal: journal() }) },
    byUpgrade,
    [release(3, 'pending-rollback'), release(2, 'failed'), release(1, 'superseded')],
    [],
    'unlock',
  ],
  [
    'a rollback that was freed, it is done',
    { rollback, memory: memory({ journal: journal() }) },
    byUpgrade,
    [
      release(3, 'failed', { description: unlockedDescription('pending-rollback') }),
      release(2, 'failed'),
      release(1, 'superseded'),
    ],
    [ok('unlock')],
    'rollback',
  ],
  [
    'a rollback that failed some time ago, nothing is done',
    { rollback, memory: memory({ journal: journal({ stage: 'failed' }) }) },
    byUpgrade,
    secondFailed,
    [],
    'none',
  ],
  [
    "somebody else's failed upgrade to what is wanted, nothing is done",
    { rollback },
    byInstall,
    secondFailed,
    [],
    'none',
  ],
]

for (const [what, desired, known, history, outcomes, expected] of rows)
  test(what, () => {
    const before = { observedGeneration: 1, lastAttempt: attempt(), history: known }
    const wanted = helmRelease({
      ...desired,
      memory: { ...(desired.memory ?? memory()), ...before },
    })
    const facts = observed(history)
    const action = nextAction(wanted, facts, determineState(wanted, facts), outcomes)
    assert.is(action.kind, expected)
    if (action.kind === 'rollback') assert.is(action.to, 1)
  })

test.run()
