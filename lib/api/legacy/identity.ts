// As which service account is a first-generation HelmRelease worked on?
import type { Identity } from '../../model/identity.ts'
import type { Refusal } from '../../model/release.ts'
import { isMap } from '../../util/merge.ts'

const longestName = 253
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/**
 * The service account that spec.serviceAccountName names, in the namespace of the HelmRelease. A name that cannot be one is
 * refused: without it, the release would be worked on with the operator's own rights.
 */
export function decodeIdentity(
  spec: unknown,
  namespace: string,
): { identity: Identity; refusal?: Refusal } {
  const name = isMap(spec) ? spec['serviceAccountName'] : undefined
  if (name === undefined || name === null || name === '') return { identity: undefined }
  if (typeof name === 'string' && isAccountName(name)) return { identity: { namespace, name } }
  const why =
    'Cannot act as the service account of spec.serviceAccountName: it is no name of one; lower-case letters, digits, "-" and "." are allowed'
  return { identity: undefined, refusal: { of: 'release', why } }
}

/** May a service account be called this? */
export function isAccountName(name: string): boolean {
  return name.length <= longestName && subdomain.test(name)
}
