// The sandbox's inner vocabulary: objects, the kinds it serves, and the store its controllers talk to.

export type Cause = { field: string; reason: string; message: string }
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type Obj = {
  apiVersion: string
  kind: string
  metadata: Meta
  [field: string]: unknown
}
export type Meta = {
  name: string
  namespace?: string
  generateName?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: {
    apiVersion: string
    kind: string
    name: string
    uid: string
    controller?: boolean
    blockOwnerDeletion?: boolean
  }[]
  managedFields?: unknown[]
  [field: string]: unknown
}

/** One kind as the sandbox serves it, built in or from a CustomResourceDefinition. */
export type ResourceDefinition = {
  // '' for the core group.
  group: string
  version: string
  kind: string
  listKind: string
  plural: string
  singular: string
  shortNames: readonly string[]
  categories: readonly string[]
  namespaced: boolean
  subresources: readonly ('status' | 'scale')[]
  verbs: readonly string[]
  // OpenAPI v3 schema of the whole object, with the x-kubernetes-* extensions; absent where anything goes.
  schema?: { [key: string]: Json }
  // What is wrong with an object by the rules that its schema has in CEL.
  rules?: (object: Obj, before: Obj | undefined) => Cause[]
  // JSONPaths, without the leading dot, that clients may select by besides name and namespace.
  selectableFields?: readonly string[]
  columns: readonly Column[]
  // Built-in kinds drop unknown fields only when asked to validate; custom kinds prune.
  custom: boolean
}

export type Column = {
  name: string
  type: string
  description?: string
  priority?: number
  // JSONPath for custom kinds; built-in kinds bring a function in table.ts instead.
  jsonPath?: string
}

export type ChangeEvent = {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  definition: ResourceDefinition
  object: Obj
  // Absent for ADDED.
  before?: Obj
}

export type DeleteOptions = {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  preconditions?: { uid?: string; resourceVersion?: string }
}

/** The store as the sandbox's own controllers see it: synchronous, in memory, the same rules as over HTTP. */
export interface SandboxApi {
  // resource is "deployments.apps", "pods", "helmreleases.helm.fluxcd.io". Throws StatusError, but get() answers undefined.
  get(resource: string, namespace: string | undefined, name: string): Obj | undefined
  list(resource: string, namespace?: string): Obj[]
  // An empty name is made of generateName.
  create(resource: string, object: Obj): Obj
  update(resource: string, object: Obj, subresource?: 'status' | 'binding'): Obj
  // A scheduled pod only gets its deletionTimestamp, as without a kubelet: gracePeriodSeconds 0 removes it.
  delete(
    resource: string,
    namespace: string | undefined,
    name: string,
    options?: DeleteOptions,
  ): void
  // Called after each change is visible; returns the function that ends it.
  subscribe(listener: (event: ChangeEvent) => void): () => void
}

/** Time and chance, given from outside so that tests decide both. */
export interface SandboxClock {
  now(): number
  // Runs later once; returns the function that cancels it.
  after(ms: number, run: () => void): () => void
}

/** What the API answers instead of an object: an HTTP status and Kubernetes' reason. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly code: number
  readonly reason: string
  readonly details: { [key: string]: Json } | undefined

  constructor(code: number, reason: string, message: string, details?: { [key: string]: Json }) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }
}
