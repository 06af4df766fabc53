// Writes a HelmRelease's status: one patch, and none when nothing changed.
import type { Codec } from '../api/codec.ts'
import { ApiError } from '../model/errors.ts'
import type { JsonObject, KubeObject } from '../model/json.ts'
import { formatKey } from '../model/key.ts'
import type { HelmRelease } from '../model/release.ts'
import type { Status } from '../model/status.ts'
import type { SharedDeps } from './deps.ts'
import { rememberLost } from './desired.ts'

/** The HelmRelease with its new status, written to the cluster. An object that is gone meanwhile is no error. */
export async function writeStatus(
  deps: SharedDeps,
  desired: HelmRelease,
  status: Status,
): Promise<HelmRelease> {
  const codec = deps.codecs.get(desired.key.group)
  const key = formatKey(desired.key)
  const wire = deps.cache.get(key)
  if (codec === undefined || wire === undefined || wire.metadata.uid !== desired.uid)
    return { ...desired, status }
  const full = codec.encodeStatus(status, wire)
  if (full === undefined) return { ...desired, status }
  try {
    const answer = await patchStatus(deps, desired, { codec, value: full })
    rememberLost(deps, key, { said: status, answer })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    // The CRD of the operator before us refuses what it does not know.
    const reduced = error.status === 422 ? codec.encodeStatus(status, wire, 'reduced') : undefined
    if (error.status !== 404 && error.status !== 422) throw error
    const answer = reduced && (await patchStatus(deps, desired, { codec, value: reduced }))
    if (error.status === 422) rememberLost(deps, key, { said: status, answer: answer ?? wire })
  }
  return { ...desired, status }
}

// "add" replaces the whole member: a merge patch would keep what is left out on purpose.
async function patchStatus(
  deps: SharedDeps,
  desired: HelmRelease,
  { codec, value }: { codec: Codec; value: JsonObject },
): Promise<KubeObject> {
  const body = [{ op: 'add', path: '/status', value }]
  const patch = { type: 'json', body, subresource: 'status' } as const
  const answer = await deps.own.patch(codec, desired.key, patch)
  deps.cache.update(formatKey(desired.key), answer)
  return answer
}
