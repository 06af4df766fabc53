// How a PATCH changes an object, by the four kinds of patch: JSON, merge, strategic merge, and server-side apply.
import type { Buffer } from 'node:buffer'
import { isTrue, type Ask } from './ask.ts'
import { decodeBody, unsupported } from './body.ts'
import { inVersion } from './convert.ts'
import { checkFields } from './fields.ts'
import { applyJson, applyMerge, applyOwned, applyStrategic } from './semantics.ts'
import { badRequest, invalid } from './status.ts'
import type { Obj } from './types.ts'
import type { Target, World, WriteOptions } from './world.ts'
import { createObject, updateObject } from './write.ts'

export type PatchRequest = {
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
  if (!offered.includes(type)) throw unsupported(offered)
  const patch = decodeBody(request.body, 'application/json')
  const change = (before: Obj): Obj => {
    const after = patched(target, type, before, patch)
    checkFields(ask, after)
    return after
  }
  return { object: updateObject(world, target, change, options), created: false }
}

function patched({ definition }: Target, type: string, before: Obj, patch: unknown): Obj {
  // A version in the patch is a precondition; a version it does not mention is not.
  const bare = { ...before, metadata: { ...before.metadata } }
  delete bare.metadata.resourceVersion
  if (type === 'application/json-patch+json') {
    if (!Array.isArray(patch)) throw badRequest('a JSON patch must be a list of operations')
    return asObject(applyJson(before, patch))
  }
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
    throw badRequest('a merge patch must be an object')
  return asObject(
    type === 'application/merge-patch+json'
      ? applyMerge(bare, patch)
      : applyStrategic(definition, bare, patch),
  )
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
    throw invalid({ ...definition, group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
      {
        field: 'fieldManager',
        reason: 'FieldValueRequired',
        message: 'Required value: is required for apply patch',
      },
    ])
  const applied = asObject(decodeBody(body, 'application/yaml'))
  if (applied.metadata.name !== undefined && applied.metadata.name !== name)
    throw badRequest(
      `metadata.name in the patch (${applied.metadata.name}) does not match the name on the URL (${name})`,
    )
  const sent = { ...applied, metadata: { ...applied.metadata, name } } as Obj
  if (definition.namespaced && namespace !== undefined) sent.metadata.namespace ??= namespace
  checkFields(ask, sent)
  const stored = world.store.collection(definition).get(namespace, name)
  const live = stored === undefined ? undefined : inVersion(definition, stored)
  const merged = applyOwned(world, {
    definition,
    live,
    applied: sent,
    manager: options.manager,
    force: isTrue(ask.query.get('force')),
    subresource: options.subresource,
  })
  const own = { ...options, ownManagedFields: true }
  return live === undefined
    ? { object: createObject(world, target, merged, own), created: true }
    : { object: updateObject(world, target, () => merged, own), created: false }
}
