// All facts of one pass, gathered before anything is decided, and the state they add up to.
import type { Cause } from './action.ts'
import type { JsonObject } from './json.ts'
import type { History, Release } from './release.ts'
import type { Rollout } from './rollout.ts'
import type { Artifact } from './source.ts'

export type Observed = {
  artifact: Artifact
  // content: absent where the digest was enough, which is so for every release in sync. secrets: every text that came from a
  // Secret, to be kept out of whatever is shown.
  values: { content?: JsonObject; digest: string; secrets: readonly string[] }
  // Helm's storage, newest revision first; empty when there is no release.
  history: History
  // The HelmRelease that the live objects name as their owner, if it is not this one.
  foreignOwnerId?: string
  // How far the objects of the newest revision are; only while they are waited for.
  rollout?: Rollout
  // Milliseconds since the epoch.
  now: number
  // Does somebody want it looked at: has the object been edited or annotated since the last pass?
  isAsked?: boolean
}

export type ReleaseState =
  | { kind: 'absent' }
  | { kind: 'unmanaged'; ownerId: string }
  // Another helm holds the release, or one that died did: until tells when its time is up.
  | { kind: 'locked'; release: Release; until: number }
  | { kind: 'outOfSync'; because: Cause; release: Release }
  // Helm has done its part, the objects are not ready yet; until is in milliseconds since the epoch.
  | { kind: 'rollingOut'; release: Release; until: number; progress: Rollout }
  // The last attempt failed, and nothing it was made of has changed since.
  | { kind: 'failed'; release: Release }
  | { kind: 'rolledBack'; release: Release }
  | { kind: 'untested'; release: Release }
  | { kind: 'inSync'; release: Release }
