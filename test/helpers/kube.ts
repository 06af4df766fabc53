// Live Kubernetes objects with just the fields that somebody decides by.
import type { KubeObject } from '../../lib/model/json.ts'

export type Part = { metadata?: object; spec?: object; status?: object }

/** "shop/web" of generation 2. */
export function liveObject(
  kind: string,
  apiVersion: string,
  { metadata, spec, status }: Part,
): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name: 'web', namespace: 'shop', generation: 2, ...metadata },
    ...(spec && { spec }),
    ...(status && { status }),
  }
}

export const seen = { observedGeneration: 2 }
export const three = { replicas: 3 }
export const full = { replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 }

/** A status with this one condition. */
export function withCondition(type: string, status: string, more: object = {}): object {
  return {
    conditions: [{ type, status, reason: `${type}Reason`, message: `${type} says so`, ...more }],
  }
}
