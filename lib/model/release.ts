// What a user asks for, in one shape for every API generation, and what Helm's storage says there is.
import type { Identity } from './identity.ts'
import type { JsonObject } from './json.ts'
import type { ObjectRef, ReleaseKey } from './key.ts'
import type { ChartSource, StoredChart } from './source.ts'
import type { Memory } from './memory.ts'

export type HelmVersion = 'v2' | 'v3' | 'v4'

/** A HelmRelease as its author means it: defaults filled in, names derived, times in milliseconds. */
export type HelmRelease = {
  key: ReleaseKey
  apiVersion: string
  uid: string
  generation: number
  resourceVersion: string
  annotations: Readonly<Record<string, string>>
  finalizers: readonly string[]
  deletionRequestedAt?: string
  // Written onto every object of the release, so that two HelmReleases never fight over one.
  owner: { annotation: string; id: string }
  // As whom everything is read and written that the release is made of. What is not allowed it is refused by the cluster.
  identity: Identity
  // Set when the operator's configuration forbids to act on it, whatever the cluster would allow.
  refusal?: Refusal
  releaseName: string
  targetNamespace: string
  helmVersion?: HelmVersion
  // A mistake in the spec is known only when somebody acts on it: decoding never throws for it.
  source: ChartSource | { kind: 'invalid'; why: string }
  values: { inline: JsonObject; from: readonly ValuesReference[] }
  timeoutMs: number
  // 0 keeps every revision.
  maxHistory: number
  wait: boolean
  // Does waiting include Jobs? Helm's own --wait does not.
  waitForJobs?: boolean
  resetValues: boolean
  skipCrds: boolean
  // How the first install writes the objects, and what follows: as the revision before it, unless told otherwise.
  installMethod: ApplyMethod
  upgradeMethod: ApplyMethod | 'unchanged'
  forceUpgrade: boolean
  disableOpenApiValidation: boolean
  // Are the rendered objects shown to the API server before helm runs? Absent: as the operator's --validate says.
  validate?: Validation
  // What happens to a first install that failed: purge is what fluxcd/helm-operator did.
  onInstallFailure: 'purge' | 'keep'
  // How often a failed first install is tried again by itself: 0 is unlimited, negative is never.
  maxInstallRetries: number
  rollback: RollbackPolicy
  test: TestPolicy
  memory: Memory
  // What is odd in the spec and what is done instead: worth telling its author, no reason to stop.
  problems: readonly string[]
}

/** server: a dry run of every object on the API server. */
export type Validation = 'none' | 'server'

/** of: is the release itself out of bounds, or only what its chart and values come from? */
export type Refusal = { of: 'release' | 'references'; why: string }

export type RollbackPolicy = {
  enable: boolean
  retry: boolean
  // 0 is unlimited, negative is never.
  maxRetries: number
  force: boolean
  recreate: boolean
  disableHooks: boolean
  timeoutMs: number
  wait: boolean
}

export type TestPolicy = {
  enable: boolean
  ignoreFailures: boolean
  timeoutMs: number
  cleanup: boolean
}

export type ValuesReference =
  | {
      kind: 'ConfigMap' | 'Secret'
      namespace: string
      name: string
      key: string
      optional: boolean
    }
  | { kind: 'url'; url: string; optional: boolean }
  | { kind: 'chartFile'; path: string; optional: boolean }

export type HelmStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback'

/** One revision in Helm's storage, as far as the labels of its record tell: what is cheap to know of all of them. */
export type Revision = {
  name: string
  namespace: string
  revision: number
  status: HelmStatus
  // The storage record itself: changed by anybody who touches the release.
  secret: { name: string; uid: string; resourceVersion: string }
}

/** One revision in Helm's storage, opened. */
export type Release = Revision & {
  description: string
  // Names of hook events the chart uses, such as "post-install" or "test".
  hookEvents: readonly string[]
  // The Pods and Jobs that `helm test` runs.
  testHooks: readonly ObjectRef[]
  chart: StoredChart
  config: JsonObject
  // What it consists of, in the order of its manifest.
  objects: readonly ObjectRef[]
  deployedAt?: string
  // How its objects were last applied; Helm 3 does not say and always means client.
  applyMethod?: ApplyMethod
}
export type ApplyMethod = 'client' | 'server'

/** Newest revision first. Only the newest is always open; the others where somebody asked for it. */
export type History = readonly [] | readonly [Release, ...(Release | Revision)[]]
