// Whom does a change concern? The object itself, its owner, and whoever selects, mounts or scales it.
import type { ChangeEvent, Obj } from '../types.ts'
import { selects } from './labels.ts'
import type { Key } from './relations.ts'
import type { LabelSelector, Pod } from './shapes.ts'
import { controllerOf, type World } from './world.ts'

const resourceOfOwner: Record<string, string> = {
  Deployment: 'deployments.apps',
  ReplicaSet: 'replicasets.apps',
  StatefulSet: 'statefulsets.apps',
  DaemonSet: 'daemonsets.apps',
  Job: 'jobs.batch',
  Service: 'services',
}

/** The keys of those who should look again. */
export function touched(world: World, event: ChangeEvent): Key[] {
  const { object, type } = event
  const resource = resourceOf(event)
  const owner = ownerKey(object)
  // The Deployment above a ReplicaSet waits for its last pod to go.
  const above = owner && type === 'DELETED' ? find(world, owner) : undefined
  return [
    keyOf(resource, object),
    ...[owner, above && ownerKey(above)].filter((key) => key !== undefined),
    ...world.relations.referringTo(object),
    ...(resource === 'pods' ? selectingKeys(world, event) : []),
    ...(everywhere[resource] ?? []).flatMap((other) =>
      world.api.list(other).map((one) => keyOf(other, one)),
    ),
  ]
}

// Nodes and storage classes change so rarely that everybody who could be concerned may look.
const everywhere: Record<string, readonly string[]> = {
  nodes: ['pods', 'daemonsets.apps'],
  'storageclasses.storage.k8s.io': ['persistentvolumeclaims'],
}

function selectingKeys(world: World, { type, object, before }: ChangeEvent): Key[] {
  if (type === 'MODIFIED' && !matters(object, before)) return []
  const pods = before === undefined ? [object] : [object, before]
  return pods.flatMap((pod) =>
    world.relations.selecting(pod).filter((key) => {
      const selector = (find(world, key)?.['spec'] as { selector?: object } | undefined)?.selector
      const wanted = key.resource === 'services' ? { matchLabels: selector } : selector
      return selects(wanted as LabelSelector, pod.metadata.labels)
    }),
  )
}

// A pod matters to those who count it when it comes, goes, moves or changes its readiness or labels.
function matters(object: Obj, before: Obj | undefined): boolean {
  const facts = (one: Obj | undefined): string => {
    const { podIP, conditions = [] } = (one as Pod | undefined)?.status ?? {}
    const ready = conditions.find(({ type }) => type === 'Ready')?.status
    return JSON.stringify([one?.metadata.labels, one?.metadata.deletionTimestamp, podIP, ready])
  }
  return !before || facts(object) !== facts(before)
}

function find(world: World, { resource, namespace, name }: Key): Obj | undefined {
  return world.api.get(resource, namespace, name)
}

function ownerKey(object: Obj): Key | undefined {
  const owner = controllerOf(object)
  const resource = owner && resourceOfOwner[owner.kind]
  return resource ? { resource, namespace: object.metadata.namespace, name: owner.name } : undefined
}

/** "pods", "deployments.apps". */
export function resourceOf({ definition: { plural, group } }: ChangeEvent): string {
  return group === '' ? plural : `${plural}.${group}`
}

export function keyOf(resource: string, { metadata }: Obj): Key {
  return { resource, namespace: metadata.namespace, name: metadata.name }
}
