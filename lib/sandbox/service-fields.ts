// What an update leaves of the fields that only the Service's former type had: nothing, unless the client changed them.
import { equalJson } from './equal.ts'
import {
  isLoadBalancer,
  needsClusterIp,
  needsHealthPort,
  needsNodePorts,
  type ServiceSpec,
} from './service-type.ts'

type Belonging = { fields: readonly string[]; to: (spec: ServiceSpec) => boolean }

const belongings: readonly Belonging[] = [
  {
    fields: ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'],
    to: needsClusterIp,
  },
  { fields: ['externalTrafficPolicy'], to: needsNodePorts },
  { fields: ['healthCheckNodePort'], to: needsHealthPort },
  { fields: ['allocateLoadBalancerNodePorts', 'loadBalancerClass'], to: isLoadBalancer },
]

/** The new spec without what belonged to the old type alone and was sent back as it was. */
export function withoutForeignFields(old: ServiceSpec, sent: ServiceSpec): ServiceSpec {
  const spec: ServiceSpec = { ...sent }
  for (const { fields, to } of belongings) {
    if (!to(old) || to(sent)) continue
    for (const field of fields) if (equalJson(old[field], sent[field])) delete spec[field]
  }
  return needsNodePorts(old) && !needsNodePorts(sent) && sameNodePorts(old, sent)
    ? withoutNodePorts(spec)
    : spec
}

function sameNodePorts({ ports: old = [] }: ServiceSpec, { ports = [] }: ServiceSpec): boolean {
  const known = new Set(old.map(({ nodePort }) => nodePort))
  return ports.every(({ nodePort }) => nodePort === undefined || known.has(nodePort))
}

function withoutNodePorts({ ports, ...spec }: ServiceSpec): ServiceSpec {
  if (ports === undefined) return spec
  return { ...spec, ports: ports.map(({ nodePort: _, ...port }) => port) }
}
