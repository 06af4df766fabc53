// What passes need of the world, joined once in app/. Everything that belongs to one release is reached as its identity.
import type { Codec } from '../api/codec.ts'
import type { Identity } from '../model/identity.ts'
import type { KubeObject } from '../model/json.ts'
import type {
  Clock,
  Cluster,
  EventRecorder,
  Fetcher,
  HelmDriver,
  Log,
  Metrics,
  ReadChartCrds,
  Storage,
  ValuesReader,
} from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import type { SecretBook } from '../util/secrets.ts'
import type { Claims } from './claims.ts'
import type { ReleaseCache } from './cache.ts'
import type { Prerequisites } from './prerequisites.ts'
import type { References } from './references.ts'
import type { Reservations } from './reservations.ts'
import type { Rollouts } from './rollout.ts'

/** What all passes share. It reaches nothing that a HelmRelease names, because that is done as the release's identity. */
export type SharedDeps = {
  clock: Clock
  log: Log
  // The operator's own identity: HelmReleases, their status and finalizers, and whether their service accounts exist.
  own: Pick<Cluster, 'get' | 'patch'>
  accessAs: (identity: Identity) => Access
  fetcher: Fetcher
  events: EventRecorder
  metrics: Metrics
  // What must not be shown, by formatKey(); kept as long as the HelmRelease is.
  secrets: SecretBook
  cache: ReleaseCache
  claims: Claims
  // Is every HelmRelease there is known by now? Before, nobody can tell who else wants a release.
  knowsAll: () => boolean
  // Objects that went without a finalizer, until their releases are uninstalled.
  graves: Map<string, KubeObject>
  // By API group.
  codecs: ReadonlyMap<string, Codec>
  // The helm that serves a release; throws HelmVersionDisabled when none does.
  helmFor: (desired: HelmRelease) => HelmDriver
  // Uninstalls whatever was installed: all helms share a storage, and what is to go must not wait for the one that it asks for.
  // undefined where that is Helm 2, whose releases are not in this storage.
  uninstallerFor: (desired: HelmRelease) => HelmDriver | undefined
  readValues: ValuesReader['read']
  readChartCrds: ReadChartCrds
  // What a pass must have for itself: its release of Helm, and a place for helm.
  reservations: Reservations
  finalizers: boolean
  syncIntervalMs: number
  // The least time between two words about the progress of one release.
  reportIntervalMs: number
  // --log-release-diffs
  logDiffs: boolean
}

/** What a release consists of and is made from, as one identity may see and change it. */
export type Access = { cluster: Cluster; storage: Storage }

/** What a pass over one release needs. */
export type Deps = SharedDeps & Access

// What is waited for wakes its key, and so does what the release is made of.
type Wakers = { rollouts: Rollouts; references: References; prerequisites: Prerequisites }
export type SharedLoopDeps = SharedDeps & Wakers
export type LoopDeps = Deps & Wakers

/** The dependencies of a pass over a release with this identity. */
export function depsAs<T extends SharedDeps>(shared: T, identity: Identity): T & Access {
  return { ...shared, ...shared.accessAs(identity) }
}
