// Owner references: what goes with its owner, what its owner waits for, and what is left behind as an orphan.
import { deleteObject, foreground, orphan } from '../remove.ts'
import type { Obj, ResourceDefinition } from '../types.ts'
import { withMeta, type World } from '../world.ts'
import { updateObject } from '../write.ts'
import { dropFinalizer } from './finalizers.ts'
import { createWorklist } from './worklist.ts'

type Place = { definition: ResourceDefinition; namespace: string | undefined; name: string }
type Owners = NonNullable<Obj['metadata']['ownerReferences']>

const manager = 'kube-controller-manager'

/** Collects garbage until the returned function is called. */
export function collectGarbage(world: World): () => void {
  const graph = createGraph()
  const owners = createWorklist<Place & { uid: string }>(world, (owner) => {
    const found = liveAt(world, owner)
    if (found !== undefined && found.metadata.uid === owner.uid) release(world, graph, owner, found)
    else for (const place of graph.dependentsOf(owner.uid)) judge(world, place)
  })
  const dependents = createWorklist<Place>(world, (place) => judge(world, place))
  const unsubscribe = world.store.subscribe(({ type, definition, object, before }) => {
    const { uid = '', namespace, name, finalizers = [], deletionTimestamp } = object.metadata
    const place = { definition, namespace, name }
    if (before !== undefined) graph.remove(before, place)
    if (type === 'DELETED') {
      if (graph.dependentsOf(uid).length > 0) owners.add(uid, { ...place, uid })
      wakeOwners(world, object, (owner) => owners.add(owner.uid, owner))
      return
    }
    graph.add(object, place)
    if ((object.metadata.ownerReferences ?? []).some((owner) => !lives(world, object, owner)))
      dependents.add(uid, place)
    const waits = finalizers.includes(foreground) || finalizers.includes(orphan)
    if (deletionTimestamp !== undefined && waits) owners.add(uid, { ...place, uid })
  })
  return () => (unsubscribe(), owners.stop(), dependents.stop())
}

type Graph = {
  add(object: Obj, place: Place): void
  remove(object: Obj, place: Place): void
  dependentsOf(uid: string): readonly Place[]
}

function createGraph(): Graph {
  const byOwner = new Map<string, Map<string, Place>>()
  const ownerUids = ({ metadata }: Obj): string[] =>
    (metadata.ownerReferences ?? []).map(({ uid }) => uid)
  return {
    add(object, place) {
      for (const owner of ownerUids(object)) {
        const dependents = byOwner.get(owner) ?? new Map<string, Place>()
        dependents.set(object.metadata.uid ?? '', place)
        byOwner.set(owner, dependents)
      }
    },
    remove(object) {
      for (const owner of ownerUids(object)) {
        const dependents = byOwner.get(owner)
        dependents?.delete(object.metadata.uid ?? '')
        if (dependents?.size === 0) byOwner.delete(owner)
      }
    },
    dependentsOf: (uid) => [...(byOwner.get(uid)?.values() ?? [])],
  }
}

function liveAt(world: World, { definition, namespace, name }: Place): Obj | undefined {
  return world.store.collection(definition).get(namespace, name)
}

// An owner in another namespace is no owner.
function lives(world: World, dependent: Obj, { uid }: Owners[number]): boolean {
  const owner = world.store.ofUid(uid)
  return (
    owner !== undefined &&
    (owner.metadata.namespace === undefined ||
      owner.metadata.namespace === dependent.metadata.namespace)
  )
}

// Deletes a dependent that no living owner holds; of one with other owners, only the dead references go.
function judge(world: World, place: Place): void {
  const object = liveAt(world, place)
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return
  const owners = object.metadata.ownerReferences ?? []
  const living = owners.filter((owner) => lives(world, object, owner))
  if (living.length === owners.length) return
  const { uid } = object.metadata
  if (living.length > 0) return keepOwners(world, place, living)
  deleteObject(world, place, {
    propagationPolicy: 'Background',
    ...(uid === undefined ? {} : { preconditions: { uid } }),
  })
}

function keepOwners(world: World, place: Place, owners: Owners): void {
  const ownerReferences = owners.length === 0 ? undefined : owners
  updateObject(world, place, (before) => withMeta(before, { ownerReferences }), { manager })
}

// An owner that is marked for deletion and waits: for its dependents to go, or to be let go.
function release(world: World, graph: Graph, owner: Place & { uid: string }, object: Obj): void {
  const { finalizers = [], deletionTimestamp } = object.metadata
  if (deletionTimestamp === undefined) return
  const dependents = graph.dependentsOf(owner.uid)
  if (finalizers.includes(orphan)) {
    for (const place of dependents) letGo(world, place, owner.uid)
    return dropFinalizer(world, owner, orphan)
  }
  if (!finalizers.includes(foreground)) return
  for (const place of dependents) deleteWithOwner(world, graph, place)
  const blocking = dependents.some((place) => {
    const references = liveAt(world, place)?.metadata.ownerReferences ?? []
    return references.some((one) => one.uid === owner.uid && one.blockOwnerDeletion === true)
  })
  if (!blocking) dropFinalizer(world, owner, foreground)
}

function letGo(world: World, place: Place, uid: string): void {
  const owners = liveAt(world, place)?.metadata.ownerReferences ?? []
  keepOwners(
    world,
    place,
    owners.filter((owner) => owner.uid !== uid),
  )
}

function deleteWithOwner(world: World, graph: Graph, place: Place): void {
  const object = liveAt(world, place)
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return
  const hasOwn = graph.dependentsOf(object.metadata.uid ?? '').length > 0
  deleteObject(world, place, { propagationPolicy: hasOwn ? 'Foreground' : 'Background' })
}

// A dependent that has gone may be the last one its owner waited for.
function wakeOwners(
  world: World,
  { metadata }: Obj,
  wake: (owner: Place & { uid: string }) => void,
): void {
  for (const { uid } of metadata.ownerReferences ?? []) {
    const owner = world.store.ofUid(uid)
    if (owner?.metadata.deletionTimestamp === undefined) continue
    const definition = world.registry.definitionOf(owner)
    if (definition !== undefined)
      wake({ definition, namespace: owner.metadata.namespace, name: owner.metadata.name, uid })
  }
}
