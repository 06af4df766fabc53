// Writes a HelmRelease's status: one patch, and none when nothing changed.
import type { Codec } from '../api/codec.ts'
import { ApiError, ReconcileError } from '../model/errors.ts'
import type { JsonObject, KubeObject } from '../model/json.ts'
import { formatKey } from '../model/key.ts'
import type { HelmRelease } from '../model/release.ts'
import type { Said } from '../model/report.ts'
import type { SharedDeps } from './deps.ts'
import { rememberLost } from './desired.ts'

/**
 * The HelmRelease with what is remembered of it now, after that and what is to be told were written into its status. Throws
 * ReconcileError Interrupted when the object is gone or its name belongs to another one by now: what is about to be done for it
 * would have no owner.
 */
export async function writeStatus(
  deps: SharedDeps,
  desired: HelmRelease,
  said: Said,
): Promise<HelmRelease> {
  const codec = deps.codecs.get(desired.key.group)
  if (codec === undefined) return { ...desired, memory: said.memory }
  const key = formatKey(desired.key)
  const wire = deps.cache.get(key)
  if (wire === undefined || wire.metadata.uid !== desired.uid) throw goneError(desired)
  const status = codec.encodeStatus(said, wire)
  const { told } = codec.decodeMemory(status ?? wire['status'])
  const after = { ...desired, memory: { ...said.memory, ...(told && { told }) } }
  if (status === undefined) return after
  const { memory } = said
  try {
    const answer = await patchStatus(deps, desired, { codec, value: status })
    rememberLost(deps, key, { memory, answer })
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 422)) throw error
    await checkExistence(deps, codec, desired)
    // The CRD of the operator before us refuses what it does not know.
    const reduced = error.status === 422 ? codec.encodeStatus(said, wire, 'reduced') : undefined
    const answer = reduced && (await patchStatus(deps, desired, { codec, value: reduced }))
    rememberLost(deps, key, { memory, answer: answer ?? wire })
  }
  return after
}

/** Says that a HelmRelease is no longer there, so that a pass over it ends. */
export function goneError({ key }: HelmRelease): ReconcileError {
  const { namespace, name } = key
  return new ReconcileError(
    'Interrupted',
    `Cannot go on: HelmRelease "${name}" in namespace "${namespace}" was deleted meanwhile`,
  )
}

// The answers to a patch of another object's status and to one that the CRD refuses are alike.
async function checkExistence(deps: SharedDeps, codec: Codec, desired: HelmRelease): Promise<void> {
  const { name, namespace } = desired.key
  const object = await deps.own.get(codec, name, namespace)
  if (object?.metadata.uid !== desired.uid) throw goneError(desired)
}

// "add" replaces the whole member: a merge patch would keep what is left out on purpose.
async function patchStatus(
  deps: SharedDeps,
  desired: HelmRelease,
  { codec, value }: { codec: Codec; value: JsonObject },
): Promise<KubeObject> {
  const body = [
    { op: 'test', path: '/metadata/uid', value: desired.uid },
    { op: 'add', path: '/status', value },
  ]
  const patch = { type: 'json', body, subresource: 'status' } as const
  const answer = await deps.own.patch(codec, desired.key, patch)
  deps.cache.update(formatKey(desired.key), answer)
  return answer
}
