// What can be done to a release, and what came of it.
import type { ErrorCode } from './errors.ts'
import type { Release } from './release.ts'
import type { Prerequisite } from './memory.ts'

export type Action =
  | { kind: 'install' }
  | { kind: 'upgrade'; because: Cause }
  | { kind: 'test' }
  | { kind: 'rollback'; to: number }
  | { kind: 'uninstall' }
  | { kind: 'unlock'; revision: number }
  // The wait for a revision's objects is over.
  | { kind: 'settle'; ready: boolean; why: string }
  | { kind: 'none' }

// Why a release is not what its author asked for; shown to people, counted in metrics.
export type Cause =
  // The spec was edited.
  | 'generation'
  // The release was there before the HelmRelease.
  | 'adoption'
  | 'chart'
  | 'values'
  // Somebody changed the release behind our back.
  | 'storage'
  // An attempt was cut short, by a killed process for example.
  | 'interrupted'
  // After a rollback, because the spec says so.
  | 'retry'

/** A step that was taken. A failure of Helm is an outcome, not an exception: what follows depends on what it left behind. */
export type Outcome = {
  action: Action['kind']
  ok: boolean
  // Did Helm's storage gain or change a revision? A rollback makes sense only then.
  storageChanged: boolean
  release?: Release
  message: string
  // Present when it failed.
  code?: ErrorCode
  // What was missing, if that is why it failed.
  waitsFor?: readonly Prerequisite[]
  // ISO time. Present when helm has done its part and the objects have until then to become ready.
  waitUntil?: string
  // The revision that was good before, if there was one.
  replaced?: number
  // Was it done in a pass that could not say so any more, by an operator that was killed?
  recovered?: boolean
  // Does it end the wait that an earlier outcome of the same kind began?
  settled?: boolean
  // From its start to the end of its wait, if there was one.
  tookMs?: number
}
