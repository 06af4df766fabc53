// Is an object what was asked of it, on its way, or beyond hope? And all the objects of a release together?
import type { KubeObject } from '../model/json.ts'
import { formatRef, type ObjectRef } from '../model/key.ts'
import type { Readiness, Rollout } from '../model/rollout.ts'
import { conditionOf, listAt, numberAt, textAt, wordsOf } from './fields.ts'
import { workloadRules } from './workloads.ts'

export type LiveObject = { ref: ObjectRef; live: KubeObject | undefined }

const ready = (why: string): Readiness => ({ verdict: 'ready', why })
const progressing = (why: string): Readiness => ({ verdict: 'progressing', why })
const failed = (why: string): Readiness => ({ verdict: 'failed', why })

const otherRules: Readonly<Record<string, (object: KubeObject) => Readiness>> = {
  PersistentVolumeClaim: assessClaim,
  Service: assessService,
  'CustomResourceDefinition.apiextensions.k8s.io': assessDefinition,
  'APIService.apiregistration.k8s.io': assessApiService,
  'PodDisruptionBudget.policy': assessBudget,
}

// Kinds without a controller that would have anything to say: there is no need to look at them.
const instantKinds: ReadonlySet<string> = new Set([
  ...['ConfigMap', 'Secret', 'ServiceAccount', 'Endpoints', 'LimitRange', 'PodTemplate'],
  ...['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map(
    (kind) => `${kind}.rbac.authorization.k8s.io`,
  ),
  ...['Ingress', 'IngressClass', 'NetworkPolicy'].map((kind) => `${kind}.networking.k8s.io`),
  ...['StorageClass', 'CSIDriver'].map((kind) => `${kind}.storage.k8s.io`),
  'PriorityClass.scheduling.k8s.io',
  'RuntimeClass.node.k8s.io',
  'Lease.coordination.k8s.io',
  'CronJob.batch',
  ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].map(
    (kind) => `${kind}.admissionregistration.k8s.io`,
  ),
])

/** Is an object of this kind ready as soon as it exists, whatever is in it? */
export function isInstant(kind: { apiVersion: string; kind: string }): boolean {
  return instantKinds.has(fullKind(kind))
}

/** What one live object says of itself, by the rules of kstatus; the sentence leaves its name out. */
export function assessObject(object: KubeObject): Readiness {
  if (object.metadata.deletionTimestamp !== undefined) return progressing('is being deleted')
  const { generation } = object.metadata
  const observed = numberAt(object, 'status', 'observedGeneration')
  const rule = workloadRules[fullKind(object)] ?? otherRules[fullKind(object)]
  const isBehind = generation !== undefined && observed !== undefined && observed < generation
  if (isBehind || (observed === undefined && isAlwaysObserved(object)))
    return progressing('its controller has not seen the change yet')
  return rule === undefined ? assessConditions(object) : rule(object)
}

/** What all objects of a release add up to. With waitForJobs false, a Job is ready as soon as it is there, as Helm has it. */
export function assessRelease(
  objects: readonly LiveObject[],
  { waitForJobs }: { waitForJobs: boolean },
): Rollout {
  const all = objects.map(({ ref, live }) => ({
    name: formatRef(ref),
    ...assessOne(ref, live, waitForJobs),
  }))
  const failures = all.filter(({ verdict }) => verdict === 'failed')
  const waiting = all.filter(({ verdict }) => verdict !== 'ready')
  const [worst] = [...failures, ...waiting]
  const total = all.length
  return {
    verdict: worst?.verdict ?? 'ready',
    ready: total - waiting.length,
    total,
    waitingFor: waiting.map(({ name }) => name),
    why: worst === undefined ? 'all objects are ready' : `${worst.name}: ${worst.why}`,
  }
}

function assessOne(ref: ObjectRef, live: KubeObject | undefined, waitForJobs: boolean): Readiness {
  const isJob = fullKind(ref) === 'Job.batch'
  if (isInstant(ref) || (isJob && !waitForJobs)) return ready('is there')
  if (live !== undefined) return assessObject(live)
  // Jobs are cleaned up when their time after the end is over; other objects are not.
  return isJob ? ready('has ended and is gone') : progressing('does not exist')
}

function fullKind({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : ['']
  return group === '' ? kind : `${kind}.${group}`
}

// These have a controller that always says how far it is; without a word from it, old numbers may be shown.
function isAlwaysObserved(object: KubeObject): boolean {
  return ['Deployment.apps', 'StatefulSet.apps', 'DaemonSet.apps'].includes(fullKind(object))
}

// Custom resources, and every kind without a rule of its own: what says nothing of itself is ready.
function assessConditions(object: KubeObject): Readiness {
  const stalled = conditionOf(object, 'Stalled')
  if (stalled?.status === 'True') return failed(wordsOf(stalled))
  const reconciling = conditionOf(object, 'Reconciling')
  if (reconciling?.status === 'True') return progressing(wordsOf(reconciling))
  const condition = conditionOf(object, 'Ready')
  if (condition === undefined) return ready('is there')
  const { generation = 0 } = object.metadata
  if ((condition.observedGeneration ?? generation) < generation)
    return progressing('its controller has not seen the change yet')
  return condition.status === 'True' ? ready('is ready') : progressing(wordsOf(condition))
}

// A claim whose volume is made when the first pod uses it stays pending until then, perhaps for ever. Only where a volume is
// being made is there something to wait for; pods that need the claim are waited for themselves.
function assessClaim(object: KubeObject): Readiness {
  const phase = textAt(object, 'status', 'phase')
  if (phase === 'Bound') return ready('is bound')
  if (phase === 'Lost') return failed('has lost its volume')
  const annotations = object.metadata.annotations ?? {}
  const isBeingMade = ['volume.kubernetes.io', 'volume.beta.kubernetes.io'].some(
    (prefix) => annotations[`${prefix}/storage-provisioner`] !== undefined,
  )
  return isBeingMade ? progressing('is not bound yet') : ready('is bound when a pod uses it')
}

function assessService(object: KubeObject): Readiness {
  if (textAt(object, 'spec', 'type') !== 'LoadBalancer') return ready('is there')
  const addresses = [
    ...listAt(object, 'status', 'loadBalancer', 'ingress'),
    ...listAt(object, 'spec', 'externalIPs'),
  ]
  return addresses.length > 0 ? ready('has an address') : progressing('has no external address yet')
}

function assessDefinition(object: KubeObject): Readiness {
  const names = conditionOf(object, 'NamesAccepted')
  if (names?.status === 'False') return failed(`its names are taken: ${wordsOf(names)}`)
  return conditionOf(object, 'Established')?.status === 'True'
    ? ready('is served')
    : progressing('is not served yet')
}

function assessApiService(object: KubeObject): Readiness {
  const available = conditionOf(object, 'Available')
  if (available?.status === 'True') return ready('is available')
  return progressing(available === undefined ? 'is not available yet' : wordsOf(available))
}

function assessBudget(object: KubeObject): Readiness {
  const wanted = numberAt(object, 'status', 'desiredHealthy') ?? 0
  const healthy = numberAt(object, 'status', 'currentHealthy') ?? 0
  return healthy < wanted
    ? progressing(`${healthy} of ${wanted} pods are healthy`)
    : ready('its budget is met')
}
