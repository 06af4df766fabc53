// What can be done to a release, and what came of it.
import type { Release } from './release.ts'

export type Action =
  | { kind: 'install' }
  | { kind: 'upgrade'; because: Cause }
  | { kind: 'test' }
  | { kind: 'rollback'; to: number }
  | { kind: 'uninstall' }
  | { kind: 'unlock'; revision: number }
  | { kind: 'none' }

// Why a release is not what its author asked for; shown to people, counted in metrics.
export type Cause = 'generation' | 'chart' | 'values' | 'storage' | 'failed' | 'retry' | 'adoption'

/** A step that was taken. A failure that left a new revision behind is an outcome, not an exception. */
export type Outcome = {
  action: Action['kind']
  ok: boolean
  // Did Helm's storage gain or change a revision? A rollback makes sense only then.
  storageChanged: boolean
  release?: Release
  message: string
}
