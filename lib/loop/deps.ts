// What one pass needs of the world, joined once in app/.
import type { Codec } from '../api/codec.ts'
import type { KubeObject } from '../model/json.ts'
import type {
  Clock,
  Cluster,
  EventRecorder,
  Fetcher,
  HelmDriver,
  Log,
  Metrics,
  Storage,
  ValuesReader,
} from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import type { SecretBook } from '../util/secrets.ts'
import type { Claims } from './claims.ts'
import type { ReleaseCache } from './cache.ts'
import type { References } from './references.ts'
import type { Rollouts } from './rollout.ts'

export type Deps = {
  clock: Clock
  log: Log
  cluster: Cluster
  storage: Storage
  fetcher: Fetcher
  events: EventRecorder
  metrics: Metrics
  // What must not be shown, by formatKey(); kept as long as the HelmRelease is.
  secrets: SecretBook
  cache: ReleaseCache
  claims: Claims
  // Objects that went without a finalizer, until their releases are uninstalled.
  graves: Map<string, KubeObject>
  // By API group.
  codecs: ReadonlyMap<string, Codec>
  // The helm that serves a release; throws HelmVersionDisabled when none does.
  helmFor: (desired: HelmRelease) => HelmDriver
  // Uninstalls whatever was installed: all helms share a storage, and what is to go must not wait for the one that it asks for.
  uninstaller: HelmDriver
  readValues: ValuesReader['read']
  // Runs while one of the few places for helm processes is free.
  withSlot: <T>(run: () => Promise<T>) => Promise<T>
  // Runs while nobody else works on the same release of Helm.
  withRelease: <T>(release: string, run: () => Promise<T>) => Promise<T>
  finalizers: boolean
  syncIntervalMs: number
  // The least time between two words about the progress of one release.
  reportIntervalMs: number
  // --log-release-diffs
  logDiffs: boolean
}

/** The same for passes that repeat: what is waited for wakes its key, and so does what the release is made of. */
export type LoopDeps = Deps & { rollouts: Rollouts; references: References }
