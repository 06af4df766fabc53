// How a PATCH changes an object, by the four kinds of patch: JSON, merge, strategic merge, and server-side apply.
import { createAttributes } from './auth/attributes.ts'
import { checkAllowed } from './auth/rbac.ts'
import type { Buffer } from 'node:buffer'
import { isTrue, type Ask } from './ask.ts'
import { decodeBody, unsupported } from './body.ts'
import { invalidValue } from './causes.ts'
import { inVersion } from './convert.ts'
import { decodeBuiltin } from './decode.ts'
import { serverSideApply } from './apply.ts'
import { acceptFields, checkTyped } from './fields.ts'
import { applyJsonPatch } from './jsonpatch.ts'
import { applyMergePatch } from './mergepatch.ts'
import type { Schema } from './schema.ts'
import { applyStrategicPatch } from './strategic.ts'
import { badRequest, invalid, invalidOptions } from './status.ts'
import { StatusError, type Obj } from './types.ts'
import type { Target, World, WriteOptions } from './world.ts'
import { createObject, updateObject } from './write.ts'

type PatchRequest = {
  target: Target
  type: string
  body: Buffer
  options: WriteOptions
}

const accepted = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]

/** Applies a patch; only server-side apply creates what is not there. Throws StatusError. */
export function patchObject(
  world: World,
  ask: Ask,
  request: PatchRequest,
): { object: Obj; created: boolean } {
  const { target, type, options } = request
  if (type === 'application/apply-patch+yaml') return applyPatch(world, ask, request)
  const offered = target.definition.custom
    ? accepted.filter((one) => !/strategic/.test(one))
    : accepted
  if (!accepted.includes(type)) throw wrongPatchType()
  if (!offered.includes(type)) throw unsupported(offered)
  const { schema } = target.definition
  const change = (before: Obj): Obj =>
    withSameUid(target, before, acceptFields(ask, bodyPatch(schema, type, before, request.body)))
  return {
    object: updateObject(world, target, change, options),
    created: false,
  }
}

/** The object with the patch in the body applied; server-side apply, which needs to know owners, only merges here. */
export function bodyPatch(
  schema: Schema | undefined,
  type: string,
  before: Obj,
  body: Buffer,
): Obj {
  const patch = decodeBody(
    body,
    type === 'application/apply-patch+yaml' ? type : 'application/json',
  )
  if (type === 'application/json-patch+json') return asObject(applyJsonPatch(before, patch))
  // A version in the patch is a precondition; a version it does not mention is not.
  const bare = { ...before, metadata: { ...before.metadata } }
  delete bare.metadata.resourceVersion
  return asObject(
    type === 'application/strategic-merge-patch+json'
      ? applyStrategicPatch(schema, bare, patch)
      : applyMergePatch(bare, patch),
  )
}

function wrongPatchType(): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
}

function asObject(value: unknown): Obj {
  const object = value as Partial<Obj> | null
  if (typeof object?.metadata === 'object' && object.metadata !== null) return object as Obj
  throw badRequest('the patch does not leave an object with metadata')
}

function applyPatch(
  world: World,
  ask: Ask,
  { target, body, options }: PatchRequest,
): { object: Obj; created: boolean } {
  const { definition, namespace, name } = target
  if (!ask.query.get('fieldManager'))
    throw invalidOptions('PatchOptions', {
      field: 'fieldManager',
      reason: 'FieldValueRequired',
      message: 'Required value: is required for apply patch',
    })
  const applied = asObject(decodeBody(body, 'application/yaml'))
  if (applied.metadata.name !== undefined && applied.metadata.name !== name)
    throw badRequest(
      `the name of the object (${applied.metadata.name}) does not match the name on the URL (${name})`,
    )
  const sent = { ...applied, metadata: { ...applied.metadata, name } } as Obj
  checkTyped(definition, sent)
  if (definition.namespaced && namespace !== undefined) sent.metadata.namespace ??= namespace
  const stored = world.store.collection(definition).get(namespace, name)
  // Who applies what is not there creates it, and must be allowed to.
  if (stored === undefined) checkAllowed(world, ask.user, createAttributes(ask.path))
  const live = stored === undefined ? undefined : inVersion(definition, stored)
  const result = serverSideApply({
    definition,
    live,
    applied: sent,
    manager: options.manager,
    force: isTrue(ask.query.get('force')),
    now: world.clock.now(),
    subresource: options.subresource,
  })
  const merged = definition.custom ? result : decodeBuiltin(definition, result)
  const own = { ...options, ownManagedFields: true }
  return live === undefined
    ? { object: createObject(world, target, merged, own), created: true }
    : {
        object: updateObject(world, target, (before) => withSameUid(target, before, merged), own),
        created: false,
      }
}

// In a PUT, another uid is a precondition that fails; in a patch, it is a change that may not be.
function withSameUid({ definition, name }: Target, before: Obj, patched: Obj): Obj {
  const { uid } = patched.metadata
  if (!uid || uid === before.metadata.uid) return patched
  throw invalid(definition, name, [invalidValue('metadata.uid', uid, 'field is immutable')])
}
