// What the server decides about an object, whatever the client sent: identity, generation, and whose the status is.
import { equalJson } from './equal.ts'
import { podUpdate } from './updates/pods.ts'
import { qosClass } from './qos.ts'
import type { Obj, ResourceDefinition } from './types.ts'
import { generatedName, newUid, timestamp, withMeta, type World } from './world.ts'

// Built-in kinds that count the generations of their spec; of custom kinds, all do.
const counted = new Set(
  [
    'pods podtemplates replicationcontrollers deployments statefulsets daemonsets replicasets jobs cronjobs',
    'ingresses ingressclasses networkpolicies poddisruptionbudgets customresourcedefinitions',
    'endpointslices priorityclasses validatingwebhookconfigurations mutatingwebhookconfigurations',
    'validatingadmissionpolicies validatingadmissionpolicybindings mutatingadmissionpolicies',
    'mutatingadmissionpolicybindings',
  ].flatMap((line) => line.split(' ')),
)

function countsGenerations({ custom, plural }: ResourceDefinition): boolean {
  return custom || counted.has(plural)
}

/** A new object with its identity, and without what only the server or a controller may say. */
export function prepareForCreate(
  world: World,
  definition: ResourceDefinition,
  body: Obj,
  namespace: string | undefined,
): Obj {
  const { generateName, name } = body.metadata
  const object = withMeta(body, {
    name: name || (generateName ? generatedName(generateName, world.random) : undefined),
    namespace: definition.namespaced ? namespace : undefined,
    uid: newUid(world.random),
    creationTimestamp: timestamp(world),
    generation: countsGenerations(definition) ? 1 : undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    selfLink: undefined,
  })
  return definition.subresources.includes('status') ? withFirstStatus(definition, object) : object
}

// Phases that hold before any controller has looked.
const firstStatus: Record<string, { [key: string]: unknown }> = {
  namespaces: { phase: 'Active' },
  persistentvolumes: { phase: 'Pending' },
  persistentvolumeclaims: { phase: 'Pending' },
  services: { loadBalancer: {} },
  ingresses: { loadBalancer: {} },
  replicasets: { replicas: 0 },
  statefulsets: { replicas: 0, availableReplicas: 0 },
  daemonsets: {
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  },
  horizontalpodautoscalers: { desiredReplicas: 0, currentMetrics: null },
  poddisruptionbudgets: {
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
  },
}

function withFirstStatus({ custom, plural }: ResourceDefinition, object: Obj): Obj {
  // A kubelet registers its node together with its status.
  if (!custom && plural === 'nodes') return object
  const { status: _, ...rest } = object
  if (custom) return rest as Obj
  if (plural === 'customresourcedefinitions')
    return { ...rest, status: unestablished(object) } as Obj
  if (plural === 'pods') return { ...rest, status: newPodStatus(object) } as Obj
  return { ...rest, status: firstStatus[plural] ?? {} } as Obj
}

function newPodStatus({ spec }: Obj): object {
  const { containers = [] } = (spec ?? {}) as { containers?: Parameters<typeof qosClass>[0] }
  return { phase: 'Pending', qosClass: qosClass(containers) }
}

function unestablished(crd: Obj): object {
  const { versions = [] } = (crd['spec'] ?? {}) as {
    versions?: { name: string; storage: boolean }[]
  }
  return {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: versions.filter(({ storage }) => storage).map(({ name }) => name),
  }
}

type Spec = { ports?: { nodePort?: number }[]; [field: string]: unknown }

// Fields that the server fills in after it has noted who wrote what.
const allocated: Record<string, readonly string[]> = {
  namespaces: ['finalizers'],
  services: ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'],
  pods: ['serviceAccountName', 'preemptionPolicy', 'priority', 'tolerations'],
}

/** The new object without what the server has chosen and the client has not sent. */
export function withoutAllocated(definition: ResourceDefinition, sent: Obj, object: Obj): Obj {
  if (definition.group === 'batch' && definition.plural === 'jobs') return asSentJob(sent, object)
  const fields = definition.group === '' ? allocated[definition.plural] : undefined
  if (fields === undefined) return object
  const wanted = (sent['spec'] ?? {}) as Spec
  const spec = { ...(object['spec'] as Spec) }
  for (const field of fields) if (wanted[field] === undefined) delete spec[field]
  // The old name of the same.
  if (spec['serviceAccountName'] === undefined) delete spec['serviceAccount']
  if (spec.ports !== undefined)
    spec.ports = spec.ports.map(({ nodePort, ...port }, index) =>
      wanted.ports?.[index]?.nodePort === undefined ? port : { ...port, nodePort: nodePort! },
    )
  return { ...object, spec }
}

// A Job gets a selector for its pods, and its pods and itself the labels for that.
function asSentJob(sent: Obj, object: Obj): Obj {
  const [wanted, spec] = [sent['spec'], object['spec']] as [JobSpec, JobSpec]
  const { selector: _, ...rest } = spec
  const template = { ...spec.template, metadata: wanted.template?.metadata }
  if (template.metadata === undefined) delete template.metadata
  const kept = wanted.selector === undefined ? rest : spec
  return withMeta({ ...object, spec: { ...kept, template } }, { labels: sent.metadata.labels })
}

type JobSpec = { selector?: unknown; template?: { metadata?: unknown } }

/** The new object with everything kept that this write may not change. */
export function prepareForUpdate(
  definition: ResourceDefinition,
  before: Obj,
  sent: Obj,
  subresource: string | undefined,
): Obj {
  const isPod = definition.group === '' && definition.plural === 'pods'
  const wanted = isPod ? podUpdate(before, sent, subresource) : sent
  const object = withMeta(wanted, identity(before))
  if (subresource === 'status') return statusOnly(definition, before, object)
  if (!definition.subresources.includes('status')) return object
  const { status: _, ...rest } = object
  return (before['status'] === undefined ? rest : { ...rest, status: before['status'] }) as Obj
}

function identity({ metadata }: Obj): { [key: string]: unknown } {
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    uid: metadata.uid,
    creationTimestamp: metadata.creationTimestamp,
    generation: metadata.generation,
    resourceVersion: metadata.resourceVersion,
    deletionTimestamp: metadata.deletionTimestamp,
    deletionGracePeriodSeconds: metadata.deletionGracePeriodSeconds,
    generateName: metadata.generateName,
    selfLink: undefined,
  }
}

function statusOnly(definition: ResourceDefinition, before: Obj, sent: Obj): Obj {
  const { status: _, ...kept } = before
  const metadata = definition.custom
    ? { ...before.metadata, managedFields: sent.metadata.managedFields }
    : { ...sent.metadata, labels: before.metadata.labels }
  const object = { ...kept, metadata } as Obj
  for (const field of ['labels', 'managedFields'] as const)
    if (object.metadata[field] === undefined) delete object.metadata[field]
  if (sent['status'] !== undefined) object['status'] = sent['status']
  return object
}

// Of a Deployment, annotations count as well, because its controller copies them to its ReplicaSets; not the one that the
// controller itself writes.
function renoted(before: Obj, after: Obj): boolean {
  const noted = ({ metadata }: Obj): object => {
    const { 'deployment.kubernetes.io/revision': _, ...rest } = metadata.annotations ?? {}
    return rest
  }
  return !equalJson(noted(before), noted(after))
}

// Where a pod runs is not for its author to say.
function unbound(pod: Obj): Obj {
  const { nodeName: _, ...spec } = (pod['spec'] ?? {}) as { nodeName?: string }
  return { ...pod, spec }
}

/** The object with its generation counted up, if anything but metadata and status differs. */
export function countGeneration(definition: ResourceDefinition, before: Obj, after: Obj): Obj {
  if (!countsGenerations(definition)) return after
  const hasStatus = definition.subresources.includes('status')
  const isPod = definition.group === '' && definition.plural === 'pods'
  const [old, fresh] = isPod ? [unbound(before), unbound(after)] : [before, after]
  const fields = new Set([...Object.keys(before), ...Object.keys(after)])
  for (const field of ['metadata', 'apiVersion', ...(hasStatus ? ['status'] : [])])
    fields.delete(field)
  const differs =
    [...fields].some((field) => !equalJson(old[field], fresh[field])) ||
    (definition.group === 'apps' && definition.plural === 'deployments' && renoted(before, after))
  return differs ? withMeta(after, { generation: (before.metadata.generation ?? 0) + 1 }) : after
}
