// Tables of situations and what is decided in them, and the situations that several tables begin from.
import type { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Observed } from '../../lib/model/observed.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import { nextAction } from '../../lib/plan/next.ts'
import { determineState } from '../../lib/plan/state.ts'
import { helmRelease, release, snapshot, memory } from './release.ts'

type Test = ReturnType<typeof suite>
export type Row = [
  situation: string,
  desired: Partial<HelmRelease>,
  facts: Observed,
  expected: string,
]

export const settled = memory({
  observedGeneration: 1,
  history: [snapshot(1)],
})
export const rolledBack = memory({
  ...{ observedGeneration: 1, rollbackCount: 1 },
  history: [snapshot(3, { action: 'rollback', chartDigest: 'sha256:chart-0' }), snapshot(2)],
})
export const afterRollback = [
  release(3, 'deployed'),
  release(2, 'failed'),
  release(1, 'superseded'),
] as const
export const tests = { ...helmRelease().test, enable: true }

/** Registers a test for each row: which state it is, as in "outOfSync values". */
export function testStates(test: Test, rows: readonly Row[]): void {
  for (const [situation, desired, facts, expected] of rows)
    test(`is ${expected} when ${situation}`, () => {
      assert.is(said(determineState(helmRelease(desired), facts)), expected)
    })
}

/** Registers a test for each row: what a pass does first, as in "upgrade values". */
export function testFirstActions(test: Test, rows: readonly Row[]): void {
  for (const [situation, desired, facts, expected] of rows)
    test(`begins with ${expected} when ${situation}`, () => {
      const wanted = helmRelease(desired)
      assert.is(said(nextAction(wanted, facts, determineState(wanted, facts), [])), expected)
    })
}

function said(one: { kind: string; because?: string }): string {
  return one.because === undefined ? one.kind : `${one.kind} ${one.because}`
}
