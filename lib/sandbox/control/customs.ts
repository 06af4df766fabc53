// CustomResourceDefinitions: the kinds they bring are served as soon as they exist, and their objects go with them.
import { definitionsOf } from '../crds.ts'
import { customCleanup, deleteObject } from '../remove.ts'
import type { ChangeEvent, Obj, ResourceDefinition } from '../types.ts'
import { timestamp, withMeta, type World } from '../world.ts'
import { updateObject } from '../write.ts'
import { createWorklist } from './worklist.ts'

type Names = {
  plural: string
  singular?: string
  kind: string
  listKind?: string
  shortNames?: string[]
  categories?: string[]
}
type Condition = {
  type: string
  status: string
  reason: string
  message: string
  lastTransitionTime?: string
}
type Crd = Obj & {
  spec: { group: string; names: Names; versions: { name: string; storage: boolean }[] }
  status?: { conditions?: Condition[]; storedVersions?: string[] }
}

const manager = 'kube-apiserver'

/** Serves what CustomResourceDefinitions define, until the returned function is called. */
export function serveCustomKinds(world: World): () => void {
  const definition = world.registry.resolve('customresourcedefinitions.apiextensions.k8s.io')!
  const list = createWorklist<string>(world, (name) => cleanUp(world, definition, name))
  const unsubscribe = world.store.subscribe((event) => {
    const { name, deletionTimestamp } = event.object.metadata
    if (event.definition === definition) {
      if (event.type === 'DELETED') retire(world, name)
      else if (deletionTimestamp === undefined) establish(world, event)
      else list.add(name, name)
    } else if (event.type === 'DELETED' && event.definition.custom) {
      const { plural, group } = event.definition
      list.add(`${plural}.${group}`, `${plural}.${group}`)
    }
  })
  return () => (unsubscribe(), list.stop())
}

function establish(world: World, { definition, object, before }: ChangeEvent): void {
  const crd = object as Crd
  const { name, generation } = crd.metadata
  // Its own status is no news.
  if (before?.metadata.generation === generation) return
  const taken = namesTaken(world, crd)
  if (taken === undefined) world.registry.setCustom(name, definitionsOf(crd))
  const status = { ...crd.status, ...statusOf(world, crd, taken) }
  updateObject(world, { definition, name }, (before) => ({ ...before, status }), {
    manager,
    subresource: 'status',
  })
}

function namesTaken(world: World, { spec, metadata }: Crd): string | undefined {
  const { group, names } = spec
  const others = world.registry
    .all()
    .filter((one) => one.group === group && `${one.plural}.${one.group}` !== metadata.name)
  if (others.some(({ kind }) => kind === names.kind)) return `"${names.kind}" is already in use`
  const short = (names.shortNames ?? []).find((name) =>
    others.some(({ shortNames }) => shortNames.includes(name)),
  )
  return short === undefined ? undefined : `"${short}" is already in use`
}

function statusOf(world: World, crd: Crd, taken: string | undefined): Crd['status'] & object {
  const { names, versions } = crd.spec
  const stored = versions.find(({ storage }) => storage)?.name
  const storedVersions = new Set(crd.status?.storedVersions ?? [])
  if (stored !== undefined) storedVersions.add(stored)
  const accepted: Condition =
    taken === undefined
      ? {
          type: 'NamesAccepted',
          status: 'True',
          reason: 'NoConflicts',
          message: 'no conflicts found',
        }
      : { type: 'NamesAccepted', status: 'False', reason: 'KindConflict', message: taken }
  const established: Condition =
    taken === undefined
      ? {
          type: 'Established',
          status: 'True',
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        }
      : {
          type: 'Established',
          status: 'False',
          reason: 'NotAccepted',
          message: 'not all names are accepted',
        }
  const known = crd.status?.conditions ?? []
  const conditions = [accepted, established].reduce(
    (all, condition) => withCondition(world, all, condition),
    known,
  )
  return {
    conditions,
    acceptedNames: names,
    storedVersions: [...storedVersions],
  } as Crd['status'] & object
}

function withCondition(
  world: World,
  conditions: readonly Condition[],
  condition: Condition,
): Condition[] {
  const before = conditions.find(({ type }) => type === condition.type)
  const since = before?.status === condition.status ? before.lastTransitionTime : timestamp(world)
  return [
    ...conditions.filter(({ type }) => type !== condition.type),
    { ...condition, lastTransitionTime: since ?? timestamp(world) },
  ]
}

// Objects of a kind that is going away go first; those with finalizers hold it back.
function cleanUp(world: World, definition: ResourceDefinition, name: string): void {
  const crd = world.store.collection(definition).get(undefined, name) as Crd | undefined
  if (crd?.metadata.deletionTimestamp === undefined) return
  const kind = world.registry.resolve(name)
  if (kind !== undefined && deleteInstances(world, kind) > 0)
    return terminating(world, definition, crd)
  const finalizers = (crd.metadata.finalizers ?? []).filter((one) => one !== customCleanup)
  updateObject(
    world,
    { definition, name },
    (before) => withMeta(before, { finalizers: finalizers.length === 0 ? undefined : finalizers }),
    { manager },
  )
}

function deleteInstances(world: World, definition: ResourceDefinition): number {
  const collection = world.store.collection(definition)
  for (const key of collection.keys()) {
    const { namespace, name, deletionTimestamp } = collection.at(key)!.metadata
    if (deletionTimestamp === undefined) deleteObject(world, { definition, namespace, name }, {})
  }
  return collection.size
}

function terminating(world: World, definition: ResourceDefinition, crd: Crd): void {
  const conditions = withCondition(world, crd.status?.conditions ?? [], {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionInProgress',
    message: 'CustomResource deletion is in progress',
  })
  const status = { ...crd.status, conditions }
  updateObject(
    world,
    { definition, name: crd.metadata.name },
    (before) => ({ ...before, status }),
    {
      manager,
      subresource: 'status',
    },
  )
}

function retire(world: World, name: string): void {
  const definition = world.registry.resolve(name)
  world.registry.removeCustom(name)
  // Their watches end: nothing will ever come again.
  if (definition !== undefined) world.store.collection(definition).wake()
}
