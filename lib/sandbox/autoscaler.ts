// One autoscaler in two versions: v1 knows the processor alone, v2 any metric. What v1 has no field for travels in
// annotations, as in a real API server, so that reading and writing v1 loses nothing.
import { at, mapsAt } from './reading.ts'
import { isMap, type JsonMap } from './schema.ts'
import type { Obj } from './types.ts'

const prefix = 'autoscaling.alpha.kubernetes.io/'
// v1 annotation, and where v2 has it.
const carried = [
  ['metrics', 'spec', 'metrics'],
  ['behavior', 'spec', 'behavior'],
  ['current-metrics', 'status', 'currentMetrics'],
  ['conditions', 'status', 'conditions'],
] as const

/** The HorizontalPodAutoscaler as this version has it; the same object when it is in that version already. */
export function autoscalerInVersion(autoscaler: Obj, apiVersion: string): Obj {
  if (autoscaler.apiVersion === apiVersion) return autoscaler
  return apiVersion === 'autoscaling/v1' ? toFirst(autoscaler) : toSecond(autoscaler)
}

function toFirst(autoscaler: Obj): Obj {
  const { spec, status } = partsOf(autoscaler)
  const annotations: Record<string, string> = { ...autoscaler.metadata.annotations }
  const metrics = mapsAt(spec, 'metrics')
  const processor = metrics.find(isProcessor)
  const usage = mapsAt(status, 'currentMetrics').find(isProcessor)
  const parts = { spec: { ...spec }, status: { ...status } }
  if (processor) {
    parts.spec['targetCPUUtilizationPercentage'] = at(
      processor,
      'resource.target.averageUtilization',
    )
    parts.spec['metrics'] = metrics.filter((metric) => metric !== processor)
  }
  const used = at(usage, 'resource.current.averageUtilization')
  if (used !== undefined) parts.status['currentCPUUtilizationPercentage'] = used
  for (const [name, part, field] of carried) {
    const value = parts[part][field]
    delete parts[part][field]
    if (value !== undefined && !(Array.isArray(value) && value.length === 0))
      annotations[prefix + name] = JSON.stringify(value)
  }
  return assembled(autoscaler, 'autoscaling/v1', { ...parts, annotations })
}

function toSecond(autoscaler: Obj): Obj {
  const { spec, status } = partsOf(autoscaler)
  const annotations: Record<string, string> = { ...autoscaler.metadata.annotations }
  const parts = { spec: { ...spec }, status: { ...status } }
  for (const [name, part, field] of carried) {
    const value = parsed(annotations[prefix + name])
    delete annotations[prefix + name]
    if (value !== undefined) parts[part][field] = value
  }
  const { targetCPUUtilizationPercentage: percent } = parts.spec
  delete parts.spec['targetCPUUtilizationPercentage']
  delete parts.status['currentCPUUtilizationPercentage']
  if (percent !== undefined) {
    const target = { type: 'Utilization', averageUtilization: percent }
    const processor = { type: 'Resource', resource: { name: 'cpu', target } }
    parts.spec['metrics'] = [processor, ...mapsAt(parts.spec, 'metrics')]
  }
  return assembled(autoscaler, 'autoscaling/v2', { ...parts, annotations })
}

function partsOf(autoscaler: Obj): { spec: JsonMap; status: JsonMap } {
  const part = (name: string): JsonMap => (isMap(autoscaler[name]) ? autoscaler[name] : {})
  return { spec: part('spec'), status: part('status') }
}

function isProcessor(metric: JsonMap): boolean {
  const source = at(metric, 'resource.target') ?? at(metric, 'resource.current')
  return at(metric, 'resource.name') === 'cpu' && at(source, 'averageUtilization') !== undefined
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function assembled(
  autoscaler: Obj,
  apiVersion: string,
  { spec, status, annotations }: { spec: JsonMap; status: JsonMap; annotations: object },
): Obj {
  const { annotations: _, ...metadata } = autoscaler.metadata
  return {
    ...autoscaler,
    apiVersion,
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
    spec,
    ...(autoscaler['status'] !== undefined && { status }),
  } as Obj
}
