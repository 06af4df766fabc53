// What is noted of an action from its beginning to the end of its pass, and what a killed operator leaves.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Action, Outcome } from '../../lib/model/action.ts'
import type { Journal, Memory } from '../../lib/model/memory.ts'
import { determineState } from '../../lib/plan/state.ts'
import { beginAction, concludePass, endAction, reportFailure } from '../../lib/plan/summarize.ts'
import {
  helmRelease,
  journal,
  noon,
  observed,
  release,
  snapshot,
  memory,
} from '../helpers/release.ts'

const test = suite('the journal')

const facts = observed([release(2, 'failed'), release(1, 'superseded')])
const known = memory({ observedGeneration: 1, history: [snapshot(2), snapshot(1)] })

function begin(action: Action, said: Memory = known): Memory {
  return beginAction(helmRelease({ memory: said }), facts, action).memory
}

function end(said: Memory, outcome: Omit<Outcome, 'message'>): Memory {
  return endAction(helmRelease({ memory: said }), facts, { message: 'so it went', ...outcome })
    .memory
}

/** The note after a pass that ended with the release as these facts have it. */
function conclude(said: Memory, history = facts.history): Journal | undefined {
  const desired = helmRelease({ memory: said })
  const now = observed(history)
  return concludePass(desired, now, determineState(desired, now), []).memory.journal
}

const changes = [
  [{ kind: 'install' }, 3],
  [{ kind: 'upgrade', because: 'chart' }, 3],
  [{ kind: 'rollback', to: 1 }, 3],
  [{ kind: 'test' }, 2],
] as const

for (const [action, revision] of changes)
  test(`says before helm starts that revision ${revision} is that of the ${action.kind}`, () => {
    assert.equal(begin(action).journal, journal({ action: action.kind, revision }))
  })

test('says nothing of what starts no helm', () => {
  const said = begin({ kind: 'rollback', to: 1 })
  assert.is(begin({ kind: 'unlock', revision: 2 }, said), said)
})

test('says that helm has done its part while the objects are waited for', () => {
  const upgraded = release(3, 'deployed')
  const said = end(begin({ kind: 'upgrade', because: 'chart' }), {
    ...{ action: 'upgrade', ok: true, storageChanged: true, release: upgraded },
    waitUntil: new Date(noon + 60_000).toISOString(),
  })
  assert.is(said.journal?.stage, 'applied')
  assert.is(conclude(said, [upgraded, ...facts.history])?.stage, 'applied')
})

test('says how it ended until the pass is over', () => {
  const said = begin({ kind: 'upgrade', because: 'chart' })
  const base = { action: 'upgrade', storageChanged: true } as const
  const failed = end(said, { ...base, ok: false, release: release(3, 'failed') })
  assert.is(failed.journal?.stage, 'failed')
  assert.is(conclude(failed, [release(3, 'failed'), ...facts.history]), undefined)
  const done = end(said, { ...base, ok: true, release: release(3, 'deployed') })
  assert.is(done.journal?.stage, 'succeeded')
  assert.is(conclude(done, [release(3, 'deployed')]), undefined)
})

test('keeps that a rollback failed, so that it is not tried again by itself', () => {
  const outcome = { action: 'rollback', ok: false, storageChanged: false } as const
  const said = end(begin({ kind: 'rollback', to: 1 }), {
    ...outcome,
    release: release(2, 'failed'),
  })
  assert.equal(conclude(said), journal({ revision: 2, stage: 'failed' }))
  const stopped = reportFailure(helmRelease({ memory: said }), {
    ...{ code: 'ChartNotFound', message: 'no such chart', now: noon },
  })
  assert.is(stopped.memory.journal, said.journal)
})

test('takes helm for ended when the pass was stopped by an error that could be told', () => {
  const said = begin({ kind: 'upgrade', because: 'chart' })
  const failure = { code: 'ClusterUnreachable', message: 'no answer', now: noon } as const
  assert.is(reportFailure(helmRelease({ memory: said }), failure).memory.journal, undefined)
})

test('is forgotten with the release that is uninstalled', () => {
  const said = end(begin({ kind: 'install' }), {
    action: 'install',
    ok: false,
    storageChanged: true,
  })
  const gone = end(said, { action: 'uninstall', ok: true, storageChanged: true })
  assert.is(gone.journal, undefined)
})

test.run()
