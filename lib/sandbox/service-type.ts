// Which fields of a Service belong to its type?

export type ServicePort = { name?: string; port: number; protocol?: string; nodePort?: number }
export type ServiceSpec = {
  type?: string
  clusterIP?: string
  clusterIPs?: string[]
  ports?: ServicePort[]
  allocateLoadBalancerNodePorts?: boolean
  externalTrafficPolicy?: string
  healthCheckNodePort?: number
  [field: string]: unknown
}

export function needsClusterIp({ type }: ServiceSpec): boolean {
  return type !== 'ExternalName'
}

export function needsNodePorts({ type }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer'
}

export function needsHealthPort({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
}

export function isLoadBalancer({ type }: ServiceSpec): boolean {
  return type === 'LoadBalancer'
}
