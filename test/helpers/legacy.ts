// What the plan says of a HelmRelease as helm.fluxcd.io/v1 shows it: a whole status, with phase and conditions.
import { showReport } from '../../lib/api/legacy/report.ts'
import type { Condition, Shown } from '../../lib/api/legacy/shown.ts'
import type { Memory } from '../../lib/model/memory.ts'
import type { HelmRelease } from '../../lib/model/release.ts'
import type { Said } from '../../lib/model/report.ts'
import * as plan from '../../lib/plan/summarize.ts'
import { helmRelease, memory } from './release.ts'

export type Status = Memory & Shown
type Subject = HelmRelease & { shown?: Shown }

/** A HelmRelease with this status. */
export function having(
  { phase, conditions = [], ...said }: Partial<Status>,
  over: Partial<HelmRelease> = {},
): Subject {
  const shown = { conditions, ...(phase && { phase }) }
  return { ...helmRelease({ ...over, memory: memory(said) }), shown }
}

/** The status after this was said of it. */
export function tell({ shown = { conditions: [] } }: Subject, { memory, reports }: Said): Status {
  return { ...memory, ...reports.reduce(showReport, shown) }
}

type Tail<T extends readonly unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never
type Plan<Key extends keyof typeof plan> = Tail<Parameters<(typeof plan)[Key]>>

export const noteFetched = (desired: Subject, ...rest: Plan<'noteFetched'>): Status =>
  tell(desired, plan.noteFetched(desired, ...rest))
export const beginAction = (desired: Subject, ...rest: Plan<'beginAction'>): Status =>
  tell(desired, plan.beginAction(desired, ...rest))
export const endAction = (desired: Subject, ...rest: Plan<'endAction'>): Status =>
  tell(desired, plan.endAction(desired, ...rest))
export const concludePass = (desired: Subject, ...rest: Plan<'concludePass'>): Status =>
  tell(desired, plan.concludePass(desired, ...rest))
export const reportFailure = (desired: Subject, ...rest: Plan<'reportFailure'>): Status =>
  tell(desired, plan.reportFailure(desired, ...rest))

export function condition(type: Condition['type'], value: Condition['status']): Condition {
  const time = '2026-01-01T11:00:00Z'
  return {
    type,
    status: value,
    reason: type,
    message: '',
    lastUpdateTime: time,
    lastTransitionTime: time,
  }
}
