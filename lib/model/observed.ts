// All facts of one pass, gathered before anything is decided, and the state they add up to.
import type { Cause } from './action.ts'
import type { JsonObject } from './json.ts'
import type { Release } from './release.ts'
import type { Artifact } from './source.ts'

export type Observed = {
  // What status.lastAttemptedRevision said before this pass, for the first generation's "chart changed".
  artifact: Artifact
  values: { content: JsonObject; digest: string }
  // Helm's storage, newest revision first; empty when there is no release.
  history: readonly Release[]
  // The HelmRelease that the live objects name as their owner, if any names one.
  ownerId?: string
  now: string
}

export type ReleaseState =
  | { kind: 'absent' }
  | { kind: 'unmanaged'; ownerId: string }
  | { kind: 'locked'; release: Release }
  | { kind: 'failed'; release: Release }
  | { kind: 'outOfSync'; because: Cause; release: Release }
  | { kind: 'rolledBack'; release: Release }
  | { kind: 'untested'; release: Release }
  | { kind: 'inSync'; release: Release }
