// How an object comes into the store and is changed there: the way of every POST, PUT and PATCH, and of the controllers.
import { invalidValue } from './causes.ts'
import { inVersion, toStorage } from './convert.ts'
import { equalJson } from './equal.ts'
import { checkMetadata } from './metadata.ts'
import { refuseEscalation } from './auth/rbac/escalation.ts'
import { addressCauses, allocateAddresses } from './addresses.ts'
import { admitKind, admitNamespace, admitPod } from './admission.ts'
import { protect } from './protection.ts'
import { finishesDeletion } from './remove.ts'
import { countTemplates } from './daemonsets.ts'
import { applyDefaultsOf, recordManager, validateObject } from './semantics.ts'
import { alreadyExists, badRequest, conflict, invalid, notFound, type Cause } from './status.ts'
import {
  countGeneration,
  prepareForCreate,
  prepareForUpdate,
  withoutAllocated,
} from './strategy.ts'
import { StatusError, type Obj, type ResourceDefinition } from './types.ts'
import { apiVersionOf } from './names.ts'
import { withMeta, type Target, type World, type WriteOptions } from './world.ts'

/** Stores a new object; throws StatusError when it exists, is invalid, or its namespace does not want it. */
export function createObject(
  world: World,
  target: Omit<Target, 'name'>,
  sent: Obj,
  options: WriteOptions,
): Obj {
  const { definition, namespace } = target
  if (sent.metadata.resourceVersion)
    throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created')
  const prepared = prepareForCreate(
    world,
    definition,
    checkedIdentity(world, target, sent),
    namespace,
  )
  const { name, ...rest } = prepared.metadata
  if (!name) throw nameRequired(definition)
  admitKind(world, definition)
  // Of an object whose name is to be generated, a refusal says what it is generated from.
  const asked = sent.metadata.name || sent.metadata.generateName || ''
  admitNamespace(world, definition, namespace, asked)
  const settledObject = settled(world, definition, undefined, {
    ...prepared,
    metadata: { name, ...rest },
  })
  if (options.caller !== undefined)
    refuseEscalation(
      world,
      { definition, namespace, before: undefined, after: settledObject },
      options.caller,
    )
  const object = admitPod(world, definition, { sent, object: settledObject }, asked)
  const causes = causesIn(world, definition, undefined, object)
  if (causes.length > 0) throw invalid(definition, name, causes)
  if (world.store.collection(definition).get(namespace, name) !== undefined)
    throw alreadyExists(definition, name)
  const owned = options.ownManagedFields
    ? object
    : withOwner(world, definition, { sent, object }, options)
  const whole = protect(definition, owned)
  if (options.dryRun) return withMeta(whole, { resourceVersion: undefined })
  return inVersion(definition, world.store.put(definition, toStorage(definition, whole)))
}

// What the server adds by itself belongs to nobody.
function withOwner(
  world: World,
  definition: ResourceDefinition,
  { sent, object }: { sent: Obj; object: Obj },
  options: WriteOptions,
): Obj {
  const chosen = withoutAllocated(definition, sent, object)
  const { metadata } = recordManager(world, definition, undefined, chosen, options)
  return withMeta(object, { managedFields: metadata.managedFields })
}

function nameRequired(definition: ResourceDefinition): StatusError {
  return invalid(definition, '', [
    {
      field: 'metadata.name',
      reason: 'FieldValueRequired',
      message: 'Required value: name or generateName is required',
    },
  ])
}

// The object must belong where the path says.
function checkedIdentity(
  world: World,
  { definition, namespace }: Omit<Target, 'name'>,
  sent: Obj,
): Obj {
  const wanted = apiVersionOf(definition)
  if (definition.custom && sent.apiVersion !== wanted)
    throw badRequest(
      `the API version in the data (${sent.apiVersion}) does not match the expected API version (${wanted})`,
    )
  if (sent.apiVersion !== wanted || sent.kind !== definition.kind)
    throw wrongKind(world, definition, sent)
  const inside = sent.metadata.namespace
  if (definition.namespaced && inside && inside !== namespace)
    throw badRequest(
      `the namespace of the provided object does not match the namespace sent on the request`,
    )
  return sent
}

function wrongKind(world: World, { group, kind }: ResourceDefinition, sent: Obj): StatusError {
  const { apiVersion, kind: found } = sent
  const inner = group === '' ? 'core' : group.split('.')[0]
  const why =
    world.registry.definitionOf(sent) === undefined
      ? `no kind "${found}" is registered for version "${apiVersion}"`
      : `converting (${apiVersion.split('/').at(-1)}.${found}) to (${inner}.${kind}): unknown conversion`
  const version = apiVersion.split('/').at(-1)
  return badRequest(`${found} in version "${version}" cannot be handled as a ${kind}: ${why}`)
}

/** Replaces an object by what `change` makes of it; answers what is then stored, which may be what was there before. */
export function updateObject(
  world: World,
  target: Target,
  change: (before: Obj) => Obj,
  options: WriteOptions,
): Obj {
  const { definition, namespace, name } = target
  const stored = world.store.collection(definition).get(namespace, name)
  if (stored === undefined) throw notFound(definition, name)
  const before = inVersion(definition, stored)
  const sent = checkedIdentity(world, target, change(before))
  checkPreconditions(target, before, sent)
  const prepared = prepareForUpdate(definition, before, sent, options.subresource)
  // What a status write leaves alone was filled in and found valid when it came.
  const statusOnly = options.subresource === 'status' && !definition.custom
  const object = statusOnly ? prepared : settled(world, definition, before, prepared)
  if (options.caller !== undefined)
    refuseEscalation(world, { definition, namespace, before, after: object }, options.caller)
  const causes = statusOnly ? [] : causesIn(world, definition, before, object, options.subresource)
  if (causes.length > 0) throw invalid(definition, name, causes)
  const owned = options.ownManagedFields
    ? object
    : recordManager(world, definition, before, object, options)
  const after = countGeneration(definition, before, owned)
  if (unchanged(before, after)) return before
  if (options.dryRun) return after
  if (finishesDeletion(after)) {
    // Watchers see it for the last time as it was before its last finalizer went, as on a real server.
    world.store.remove(definition, stored)
    return after
  }
  return inVersion(definition, world.store.put(definition, toStorage(definition, after)))
}

// With everything that the server fills in by itself.
function settled(
  world: World,
  definition: ResourceDefinition,
  before: Obj | undefined,
  object: Obj,
): Obj {
  const filled = applyDefaultsOf(definition, object)
  const counted = countTemplates(definition, before, filled)
  return allocateAddresses(world, definition, before, counted)
}

function causesIn(
  world: World,
  definition: ResourceDefinition,
  before: Obj | undefined,
  object: Obj,
  subresource?: string,
): Cause[] {
  const causes = [
    ...checkMetadata(object, before),
    ...validateObject(definition, object, before, subresource),
  ]
  // What is asked for is tried to be had only where all is well.
  return causes.length > 0 ? causes : addressCauses(world, definition, before, object)
}

function checkPreconditions({ definition, name }: Target, before: Obj, sent: Obj): void {
  const { metadata } = sent
  if (!metadata.name)
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    )
  if (metadata.name !== name)
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    )
  const { deletionTimestamp } = metadata
  if (deletionTimestamp && deletionTimestamp !== before.metadata.deletionTimestamp)
    throw invalid(definition, name, [
      invalidValue('metadata.deletionTimestamp', deletionTimestamp, 'field is immutable'),
    ])
  if (metadata.uid && metadata.uid !== before.metadata.uid)
    throw conflict(
      definition,
      name,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${before.metadata.uid}`,
    )
  if (metadata.resourceVersion && metadata.resourceVersion !== before.metadata.resourceVersion)
    throw conflict(definition, name)
}

// Who wrote last and when is not a change by itself.
function unchanged(before: Obj, after: Obj): boolean {
  if (equalJson(before, after)) return true
  const bare = (object: Obj): Obj => withMeta(object, { managedFields: undefined })
  return equalJson(bare(before), bare(after)) && sameOwners(before, after)
}

function sameOwners(before: Obj, after: Obj): boolean {
  const timeless = (object: Obj): unknown =>
    (object.metadata.managedFields ?? []).map((entry) => {
      const { time: _, ...rest } = entry as { [key: string]: unknown }
      return rest
    })
  return equalJson(timeless(before), timeless(after))
}
