// How a PATCH changes an object, by the four kinds of patch: JSON, merge, strategic merge, and server-side apply.
import { createAttributes } from './auth/rbac/attributes.ts'
import { checkAllowed } from './auth/rbac/authorize.ts'
import type { Buffer } from 'node:buffer'
import { isTrue, type Ask } from './ask.ts'
import { decodeBody, unsupported } from './body.ts'
import { forbiddenValue, invalidValue } from './causes.ts'
import { inVersion } from './convert.ts'
import { misplacedMetadata } from './decode.ts'
import { serverSideApply } from './apply.ts'
import { acceptFields, checkTyped, readBuiltin } from './fields.ts'
import { applyJsonPatch } from './jsonpatch.ts'
import { applyMergePatch } from './mergepatch.ts'
import { apiVersionOf } from './names.ts'
import { isMap, type Schema } from './schema.ts'
import { applyStrategicPatch } from './strategic.ts'
import { badRequest, conflict, invalid, invalidOptions, notFound } from './status.ts'
import { StatusError, type Obj } from './types.ts'
import { withMeta, type Target, type World, type WriteOptions } from './world.ts'
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
  checkForce(ask)
  if (!offered.includes(type)) throw unsupported(offered)
  const { schema } = target.definition
  const change = (before: Obj): Obj => {
    const patched = bodyPatch(schema, type, before, request.body, ask.duplicates)
    return withSameUid(target, before, acceptPatched(ask, withKind(target, patched)))
  }
  return {
    object: updateObject(world, target, change, options),
    created: false,
  }
}

// Built-in kinds are read as what the path says; custom ones must say so themselves.
function withKind({ definition, name }: Target, patched: Obj): Obj {
  const { apiVersion, kind } = patched as Partial<Obj>
  if (!apiVersion) throw nameless(name)
  if (kind) return patched
  if (!definition.custom) return { ...patched, kind: definition.kind }
  const text = JSON.stringify(patched)
  throw unreadablePatch(patched, `Object 'Kind' is missing in '${text}'`)
}

// What a patch makes of an object is refused as the patch's fault.
function acceptPatched(ask: Ask, patched: Obj): Obj {
  const { definition } = ask
  try {
    if (!isMap(patched.metadata)) throw misplacedMetadata(definition, patched.metadata)
    return acceptFields(ask, patched)
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 400) throw error
    throw unreadablePatch(patched, error.message.replace(/^.* cannot be handled as an? \w+: /, ''))
  }
}

function unreadablePatch(patched: Obj, why: string): StatusError {
  const cause = invalidValue('patch', JSON.stringify(patched), why)
  return invalid({ group: '', kind: '' }, '', [cause])
}

function nameless(name: string): StatusError {
  return badRequest(
    `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
  )
}

function checkForce({ query }: Ask): void {
  if (query.get('force') === null) return
  const cause = forbiddenValue('force', 'may not be specified for non-apply patch')
  throw invalidOptions('PatchOptions', cause)
}

/** The object with the patch in the body applied; server-side apply, which needs to know owners, only merges here. */
export function bodyPatch(
  schema: Schema | undefined,
  type: string,
  before: Obj,
  body: Buffer,
  duplicates: string[] = [],
): Obj {
  const patch = decodeBody(
    body,
    type === 'application/apply-patch+yaml' ? type : 'application/json',
    duplicates,
  )
  const { name } = before.metadata
  if (type === 'application/json-patch+json') return asObject(applyJsonPatch(before, patch), name)
  // A version in the patch is a precondition; a version it does not mention is not.
  const bare = { ...before, metadata: { ...before.metadata } }
  delete bare.metadata.resourceVersion
  if (!isMap(patch)) throw badRequest('error decoding patch: the patch is no object')
  return asObject(
    type === 'application/strategic-merge-patch+json'
      ? applyStrategicPatch(schema, bare, patch)
      : applyMergePatch(bare, patch),
    name,
  )
}

function wrongPatchType(): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
}

function asObject(value: unknown, name: string): Obj {
  if (isMap(value) && (value['metadata'] ?? null) !== null) return value as Obj
  throw nameless(name)
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
  const applied = appliedObject(target, decodeBody(body, 'application/yaml'))
  const sent = { ...applied, metadata: { ...applied.metadata, name } } as Obj
  if (definition.namespaced && namespace !== undefined) sent.metadata.namespace ??= namespace
  const stored = world.store.collection(definition).get(namespace, name)
  // Only the object itself can be applied into existence.
  if (stored === undefined && options.subresource) throw notFound(definition, name)
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
  const merged = definition.custom ? result : readBuiltin(definition, result)
  const own = { ...options, ownManagedFields: true }
  return live === undefined
    ? { object: createApplied(world, target, merged, own), created: true }
    : {
        object: updateObject(world, target, (before) => withSameUid(target, before, merged), own),
        created: false,
      }
}

// The configuration in the body, once it is known to be one for this object.
function appliedObject({ definition, name }: Target, body: unknown): Obj {
  const unreadable = 'error decoding YAML: error unmarshaling JSON: while decoding JSON: no object'
  if (body !== undefined && !isMap(body)) throw badRequest(unreadable)
  const { apiVersion = '', kind = '', metadata } = (body ?? {}) as Partial<Obj>
  if (apiVersion !== apiVersionOf(definition) || kind !== definition.kind)
    throw badRequest(
      `invalid object type: ${String(apiVersion).includes('/') ? '' : '/'}${String(apiVersion)}, Kind=${String(kind)}`,
    )
  if (metadata === undefined || metadata === null) throw nameless(name)
  checkTyped(definition, body as Obj)
  if (metadata.name !== undefined && metadata.name !== name)
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    )
  return body as Obj
}

// What is not there has no version that could be meant, and no uid that could be kept.
function createApplied(world: World, target: Target, merged: Obj, options: WriteOptions): Obj {
  const { uid } = merged.metadata
  if (uid !== undefined)
    throw conflict(
      target.definition,
      target.name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    )
  return createObject(world, target, withMeta(merged, { resourceVersion: undefined }), options)
}

// In a PUT, another uid is a precondition that fails; in a patch, it is a change that may not be.
function withSameUid({ definition, name }: Target, before: Obj, patched: Obj): Obj {
  const { uid } = patched.metadata
  if (!uid || uid === before.metadata.uid) return patched
  throw invalid(definition, name, [invalidValue('metadata.uid', uid, 'field is immutable')])
}
