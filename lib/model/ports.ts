// What the loop needs of the world. Implemented in edge/, joined in app/, never mocked but for time and broken networks.
import type { Cause } from './action.ts'
import type { ErrorCode, RetryPolicy } from './errors.ts'
import type { Identity } from './identity.ts'
import type { JsonObject, KubeObject } from './json.ts'
import type { Rendered, RenderedObject } from './rendered.ts'
import type {
  ApplyMethod,
  HelmRelease,
  History,
  Release,
  Revision,
  ValuesReference,
} from './release.ts'
import type { Artifact, ChartSource } from './source.ts'

export interface Clock {
  // Milliseconds since the epoch.
  now(): number
  // Resolves after ms; rejects with the signal's reason when aborted.
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface Log {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  // A log whose every line also carries these fields; redact, if given, is what keeps secrets out of them.
  with(fields: LogFields, redact?: (text: string) => string): Log
}
export type LogFields = Readonly<Record<string, unknown>>

/** A kind as the API server serves it. "core" group is ''. */
export type ResourceType = { group: string; version: string; plural: string; namespaced: boolean }

export type ListOptions = {
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  // Objects without spec, data or status: a fraction of the bytes.
  metadataOnly?: boolean
  signal?: AbortSignal
}
export type WatchEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubeObject }
export type Patch = {
  type: 'merge' | 'json'
  body: unknown
  subresource?: 'status'
  signal?: AbortSignal
}
export type DryRun =
  | { verb: 'create' | 'update' | 'apply'; object: KubeObject }
  // A merge patch.
  | { verb: 'patch'; name: string; namespace?: string; body: JsonObject }

/** The Kubernetes API. Every method throws ApiError; get() answers undefined for what does not exist. */
export interface Cluster {
  // The same cluster as this identity may see and change it, whatever this one is seen as.
  as(identity: Identity): Cluster
  get(type: ResourceType, name: string, namespace?: string): Promise<KubeObject | undefined>
  // All pages, as one list with the resourceVersion it is true of.
  list(
    type: ResourceType,
    options?: ListOptions,
  ): Promise<{ items: KubeObject[]; resourceVersion: string }>
  create(type: ResourceType, object: KubeObject): Promise<KubeObject>
  update(type: ResourceType, object: KubeObject, subresource?: 'status'): Promise<KubeObject>
  patch(
    type: ResourceType,
    ref: { name: string; namespace?: string },
    patch: Patch,
  ): Promise<KubeObject>
  // undefined when the object was gone already.
  remove(
    type: ResourceType,
    ref: { name: string; namespace?: string; uid?: string },
  ): Promise<KubeObject | undefined>
  // Has the API server judge a write as Helm would make it, and change nothing.
  dryRun(type: ResourceType, write: DryRun, signal: AbortSignal): Promise<void>
  // The last lines of what a container has printed.
  logs(
    pod: { name: string; namespace: string },
    options: { container: string; lines: number; maxBytes: number },
  ): Promise<string[]>
  // Which resource serves a kind; undefined when none does (yet). Discovery is cached and renewed on a miss.
  resourceFor(apiVersion: string, kind: string): Promise<ResourceType | undefined>
  // Everything there is and everything that changes, reconnecting by itself, until aborted.
  watch(
    type: ResourceType,
    options: ListOptions & {
      // Called once the initial list has been delivered, and again after every new list.
      onSynced?: (keys: readonly string[]) => void
      // Throws the ApiError when the server forbids it, instead of asking again and again.
      untilForbidden?: boolean
    },
  ): AsyncIterable<WatchEvent>
}

/** The stream of HelmReleases: `kubectl get --watch`, one instance per API group. */
export interface ReleaseStream {
  // Objects as they appear, change and go; deletions missed while the stream was down come as DELETED.
  events(signal: AbortSignal): AsyncIterable<WatchEvent>
}

/** Helm's storage, read and mended without helm. */
export interface Storage {
  // Empty when there is no release.
  // What a watch would have told of is not read again, unless it must be fresh: after a helm of our own has run.
  history(namespace: string, releaseName: string, options?: { fresh?: boolean }): Promise<History>
  // Reads what the labels do not tell; undefined when the revision has gone.
  open(revision: Revision): Promise<Release | undefined>
  // The objects of its manifest in full; empty when the revision has gone.
  objectsOf(revision: Revision): Promise<readonly RenderedObject[]>
  // Rewrites the status of one stored revision, as helm itself would have left it.
  mark(revision: Revision, status: Release['status'], description: string): Promise<Release>
  // Tells of every release that anybody writes or removes, until aborted; never what changed in it. Throws ApiError when it is
  // forbidden.
  watch(options: {
    namespace?: string
    onChange: (namespace: string, releaseName: string) => void
    signal: AbortSignal
  }): Promise<void>
}

export type HelmCall = {
  release: HelmRelease
  timeoutMs: number
  // Secret values to keep out of whatever helm prints.
  secrets: readonly string[]
  signal: AbortSignal
}
export type ChangeCall = HelmCall & {
  // Must helm itself wait until everything is ready? What the release asks for, unless said otherwise.
  wait?: boolean
  // How helm writes the objects, if it knows more than one way; 'client' without it.
  applyMethod?: ApplyMethod
}

/** One Helm binary. Methods resolve when helm exits with 0 and throw ReconcileError otherwise. */
export interface HelmDriver {
  // Such as "4.1.0".
  readonly version: string
  readonly major: 3 | 4
  install(call: ChangeCall & { artifact: Artifact; values: JsonObject }): Promise<void>
  upgrade(call: ChangeCall & { artifact: Artifact; values: JsonObject }): Promise<void>
  // What install() or upgrade() would make of it, hooks included and tests left out. Nothing is written or stored.
  render(
    call: ChangeCall & { action: 'install' | 'upgrade'; artifact: Artifact; values: JsonObject },
  ): Promise<Rendered>
  rollback(call: ChangeCall & { revision: number }): Promise<void>
  test(call: HelmCall): Promise<void>
  uninstall(
    call: Omit<HelmCall, 'release'> & UninstallTarget & { identity: Identity },
  ): Promise<void>
  // Downloads one archive into a directory that exists.
  pull(call: Omit<HelmCall, 'release'> & PullTarget): Promise<void>
  // Fills charts/ of a chart's directory with what Chart.yaml asks for.
  updateDependencies(call: Omit<HelmCall, 'release'> & DependencyTarget): Promise<void>
}
export type UninstallTarget = { releaseName: string; targetNamespace: string }
export type PullTarget = HelmFiles & {
  // A URL (http, https, oci or a plugin's), or "alias/name" of a repository in repositoryConfig.
  chart: string
  // Exact; Helm finds out by itself when it is left out.
  version?: string
  // A registry that speaks HTTP without TLS.
  plainHttp?: boolean
  destination: string
}
export type DependencyTarget = HelmFiles & {
  chartPath: string
  // The chart as people know it, such as: in "charts/web" of "https://…".
  what?: string
}
// Credentials go by file: repositories.yaml with its cached indexes, and a Docker config for registries.
export type HelmFiles = {
  repositoryConfig?: string
  repositoryCache?: string
  registryConfig?: string
  // The directory of Docker's own configuration, instead of the operator's.
  dockerConfig?: string
  // What to show a server, and whom to believe: then nobody else is believed.
  caFile?: string
  certFile?: string
  keyFile?: string
}

/** Charts, from wherever they live to this machine's disk. Throws ReconcileError with a Chart…, Git… or Repository… code. */
export interface Fetcher {
  fetch(source: ChartSource, options: FetchOptions): Promise<Artifact>
  // Milliseconds until fetching the same again may bring news that need not wait for the next sync: 0 if it may now,
  // Infinity if there are none.
  newsInMs(source: ChartSource): number
}
/** As long as it lasts, what was fetched under it stays on the disk. */
export interface Lease {
  onEnd(release: () => void): void
}
export type FetchOptions = {
  // Of the HelmRelease: none takes all the room that there is for what is fetched.
  namespace: string
  lease?: Lease
  helm: HelmDriver
  // Where the Secret of the source is read, as somebody who may.
  cluster: Pick<Cluster, 'get'>
  // Files that valuesFrom.chartFileRef will read, relative to the chart: those beside it in its repository are put into
  // exportRoot too. They are no part of the artifact's digest.
  files?: readonly string[]
  // Does somebody want it tried again, also what failed a moment ago?
  isAsked?: boolean
  signal: AbortSignal
}

/** Events and annotations for people. */
export interface EventRecorder {
  record(
    release: HelmRelease,
    event: { type: 'Normal' | 'Warning'; reason: string; message: string },
  ): Promise<void>
}

/** Documents of values. Throws ReconcileError ValuesSourceNotFound or ValuesInvalid, or ApiError. */
export interface ValuesReader {
  read(
    reference: ValuesReference,
    options: {
      // Where ConfigMaps and Secrets are read, as somebody who may.
      cluster: Pick<Cluster, 'get'>
      artifact: Artifact
      // What is known already: the document is not read, or not handed out, if this is still its version.
      unless?: string
      signal: AbortSignal
    },
  ): Promise<ValuesDocument | 'unchanged'>
}
export type ValuesDocument = {
  // Another one for another content; empty for what does not exist.
  version: string
  // Absent when the reference is optional and leads nowhere.
  content?: JsonObject
}

/**
 * The objects in crds/ of a chart and of the subcharts that are enabled with these values. Throws ReconcileError ChartInvalid.
 */
export type ReadChartCrds = (artifact: Artifact, values: JsonObject) => Promise<KubeObject[]>

/** What is timed: a whole pass, or one step of it. */
export type TimedAction =
  'sync' | 'install' | 'upgrade' | 'test' | 'rollback' | 'uninstall' | 'annotate'

/** What is shown of a HelmRelease in figures. */
export type ShownRelease = UninstallTarget & {
  conditions: readonly { type: string; status: 'True' | 'False' | 'Unknown' }[]
  // Has helm applied it, and are its objects not ready yet?
  isWaiting: boolean
}

/** Figures for whoever watches many releases at once. Never throws, and nobody waits for it. */
export interface Metrics {
  // What is known of a HelmRelease by now, instead of what was known before; key is formatKey().
  show(key: string, release: ShownRelease): void
  // It is gone, and the figures that bear its name go with it.
  forget(key: string): void
  // Something that took time is over.
  time(action: TimedAction, release: UninstallTarget, end: { ok: boolean; tookMs: number }): void
  countUpgrade(because: Cause): void
  // A pass stopped with an error.
  countFailure(code: ErrorCode, retry: RetryPolicy): void
}
