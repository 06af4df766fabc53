// How an object goes: at once, or when its grace period and its finalizers are through.
import { admitDeletion } from './admission.ts'
import { inVersion } from './convert.ts'
import { conflict, notFound } from './status.ts'
import type { DeleteOptions, Obj, ResourceDefinition } from './types.ts'
import { timestamp, withMeta, type Target, type World } from './world.ts'

export const foreground = 'foregroundDeletion'
export const orphan = 'orphan'
export const customCleanup = 'customresourcecleanup.apiextensions.k8s.io'

/** Deletes an object or asks its finalizers to; `gone` tells which. Throws StatusError 404, 409, 403. */
export function deleteObject(
  world: World,
  { definition, namespace, name }: Target,
  options: DeleteOptions & { dryRun?: boolean },
): { object: Obj; gone: boolean } {
  const collection = world.store.collection(definition)
  const before = collection.get(namespace, name)
  if (before === undefined) throw notFound(definition, name)
  checkPreconditions(definition, before, options)
  admitDeletion(definition, name)
  const marked = markDeleted(world, definition, before, options)
  if (options.dryRun)
    return { object: inVersion(definition, marked), gone: finishesDeletion(marked) }
  if (finishesDeletion(marked)) {
    // A pod is marked even when it goes at once; others are seen for the last time as they were.
    const last = world.store.remove(definition, isPod(definition) ? marked : before)
    return { object: inVersion(definition, last), gone: true }
  }
  const object = marked === before ? before : world.store.put(definition, marked)
  return { object: inVersion(definition, object), gone: false }
}

function checkPreconditions(
  definition: ResourceDefinition,
  { metadata }: Obj,
  { preconditions = {} }: DeleteOptions,
): void {
  const { uid, resourceVersion } = preconditions
  const failed = (what: string, wanted: string, found: unknown, perhaps: string): Error =>
    conflict(
      // Here, a real server names the kind instead of the resource.
      { group: definition.group, plural: definition.kind },
      metadata.name,
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found}). The object might have been ${perhaps}`,
    )
  if (uid !== undefined && uid !== metadata.uid)
    throw failed('UID', uid, metadata.uid, 'deleted and then recreated')
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw failed('ResourceVersion', resourceVersion, metadata.resourceVersion, 'modified')
}

function markDeleted(
  world: World,
  definition: ResourceDefinition,
  before: Obj,
  options: DeleteOptions,
): Obj {
  const finalizers = finalizersAfter(definition, before, options)
  const seconds = gracePeriod(definition, before, options)
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, generation } = before.metadata
  const same = finalizers.join() === (before.metadata.finalizers ?? []).join()
  // A second deletion may hurry the first, never slow it down.
  if (deletionTimestamp !== undefined && seconds >= deletionGracePeriodSeconds && same)
    return before
  const marked = withMeta(before, {
    finalizers: finalizers.length === 0 ? undefined : finalizers,
    deletionTimestamp: deletionTimestamp ?? timestamp(world, seconds * 1000),
  })
  if (isNamespace(definition)) return terminating(marked)
  if (isCrd(definition)) return pending(world, marked)
  return withMeta(marked, {
    deletionGracePeriodSeconds:
      deletionTimestamp === undefined ? seconds : Math.min(seconds, deletionGracePeriodSeconds),
    generation: generation === undefined ? undefined : generation + 1,
  })
}

function terminating(namespace: Obj): Obj {
  return { ...namespace, status: { ...(namespace['status'] as object), phase: 'Terminating' } }
}

function pending(world: World, crd: Obj): Obj {
  const status = (crd['status'] ?? {}) as { conditions?: { type: string }[] }
  const others = (status.conditions ?? []).filter(({ type }) => type !== 'Terminating')
  const condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: timestamp(world),
    reason: 'InstanceDeletionPending',
    message:
      'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  }
  return { ...crd, status: { ...status, conditions: [...others, condition] } }
}

function finalizersAfter(
  definition: ResourceDefinition,
  { metadata }: Obj,
  { propagationPolicy }: DeleteOptions,
): string[] {
  const kept = (metadata.finalizers ?? []).filter(
    (finalizer) =>
      propagationPolicy === undefined || (finalizer !== foreground && finalizer !== orphan),
  )
  if (metadata.deletionTimestamp === undefined) {
    if (propagationPolicy === 'Foreground') kept.push(foreground)
    if (propagationPolicy === 'Orphan' || (propagationPolicy === undefined && isJob(definition)))
      kept.push(orphan)
    // The server itself must delete the custom objects first.
    if (isCrd(definition)) kept.push(customCleanup)
  }
  return [...new Set(kept)]
}

// Older than garbage collection, the Jobs API leaves pods behind unless told otherwise.
export function isJob({ group, plural }: ResourceDefinition): boolean {
  return group === 'batch' && plural === 'jobs'
}

function isCrd({ group, plural }: ResourceDefinition): boolean {
  return group === 'apiextensions.k8s.io' && plural === 'customresourcedefinitions'
}

function isPod({ group, plural }: ResourceDefinition): boolean {
  return group === '' && plural === 'pods'
}

function isNamespace({ group, plural }: ResourceDefinition): boolean {
  return group === '' && plural === 'namespaces'
}

// Only a pod has something to do before it goes, and only if it runs somewhere.
function gracePeriod(
  definition: ResourceDefinition,
  object: Obj,
  { gracePeriodSeconds }: DeleteOptions,
): number {
  if (!isPod(definition)) return 0
  const spec = object['spec'] as { nodeName?: string; terminationGracePeriodSeconds?: number }
  const { phase } = (object['status'] ?? {}) as { phase?: string }
  if (!spec.nodeName || phase === 'Succeeded' || phase === 'Failed') return 0
  return gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30
}

/** Is nothing left that an object marked for deletion waits for? */
export function finishesDeletion(object: Obj): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata
  if (deletionTimestamp === undefined || (finalizers ?? []).length > 0) return false
  if ((deletionGracePeriodSeconds ?? 0) > 0) return false
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return true
  const spec = (object['spec'] ?? {}) as { finalizers?: string[] }
  return (spec.finalizers ?? []).length === 0
}
