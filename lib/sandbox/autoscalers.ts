// One HorizontalPodAutoscaler, two API versions: v1 knows of its metrics only how busy the processors shall be.
import type { Obj } from './types.ts'

type Metric = {
  type: string
  resource?: { name: string; target: { type: string; averageUtilization?: number } }
}
type Fields = { [field: string]: unknown }

/** The autoscaler as autoscaling/v1 shows it. */
export function asFirstVersion(object: Obj): Obj {
  const {
    metrics = [],
    behavior: _,
    ...spec
  } = (object['spec'] ?? {}) as Fields & {
    metrics?: Metric[]
  }
  const { conditions: __, currentMetrics: ___, ...status } = (object['status'] ?? {}) as Fields
  const busy = metrics.find(
    ({ type, resource }) =>
      type === 'Resource' && resource?.name === 'cpu' && resource.target.type === 'Utilization',
  )?.resource?.target.averageUtilization
  return {
    ...object,
    spec: { ...spec, ...(busy === undefined ? {} : { targetCPUUtilizationPercentage: busy }) },
    status,
  }
}

/** The autoscaler of autoscaling/v1 as autoscaling/v2 keeps it. */
export function asSecondVersion(object: Obj): Obj {
  const { targetCPUUtilizationPercentage: busy, ...spec } = (object['spec'] ?? {}) as Fields & {
    targetCPUUtilizationPercentage?: number
  }
  if (busy === undefined) return { ...object, spec }
  const target = { type: 'Utilization', averageUtilization: busy }
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
  return { ...object, spec: { ...spec, metrics } }
}
