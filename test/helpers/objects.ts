// Kubernetes objects as an API server would hand them over, for tests that start from the wire.
import type { KubeObject } from '../../lib/model/json.ts'

/** A helm.fluxcd.io/v1 HelmRelease "shop/api" with the given spec. */
export function wireRelease(
  spec: unknown,
  over: { apiVersion?: string; metadata?: object; status?: unknown } = {},
): KubeObject {
  const { apiVersion = 'helm.fluxcd.io/v1', metadata, ...rest } = over
  return {
    apiVersion,
    kind: 'HelmRelease',
    metadata: { name: 'api', namespace: 'shop', uid: 'u-1', generation: 3, ...metadata },
    spec,
    ...rest,
  }
}
