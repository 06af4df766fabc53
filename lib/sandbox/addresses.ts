// Which addresses and ports does a Service get? What a real API server hands out while it stores the Service.
import type { Obj, ResourceDefinition } from './types.ts'
import type { World } from './world.ts'

type Port = { name?: string; port: number; protocol?: string; nodePort?: number }
type Spec = {
  type?: string
  clusterIP?: string
  clusterIPs?: string[]
  ports?: Port[]
  allocateLoadBalancerNodePorts?: boolean
}

// The range of kubeadm; its first address is the API server's own.
const networkPrefix = '10.96'
const hosts = 65_534
const firstNodePort = 30_000
const nodePorts = 2_768

/** The Service with a cluster IP and node ports where its type needs them; those that it had before stay. */
export function allocateAddresses(
  world: World,
  definition: ResourceDefinition,
  before: Obj | undefined,
  object: Obj,
): Obj {
  if (definition.group !== '' || definition.plural !== 'services') return object
  const old = (before?.['spec'] ?? {}) as Spec
  const spec = withNodePorts(
    world,
    definition,
    old,
    withClusterIp(world, definition, old, (object['spec'] ?? {}) as Spec),
  )
  return { ...object, spec }
}

function withClusterIp(world: World, definition: ResourceDefinition, old: Spec, spec: Spec): Spec {
  if (spec.type === 'ExternalName') {
    const { clusterIP: _, clusterIPs: __, ...rest } = spec
    return rest
  }
  const clusterIP = spec.clusterIP || spec.clusterIPs?.[0] || old.clusterIP
  if (clusterIP) return { ...spec, clusterIP, clusterIPs: spec.clusterIPs ?? [clusterIP] }
  const used = new Set(specs(world, definition).map((one) => one.clusterIP))
  const start = Math.floor(world.random() * hosts)
  const free = firstFree(start, hosts, (host) => !used.has(address(host)))
  return { ...spec, clusterIP: address(free), clusterIPs: [address(free)] }
}

// Host 0 is the network, 1 the API server.
function address(host: number): string {
  const number = host + 2
  return `${networkPrefix}.${number >> 8}.${number & 255}`
}

function withNodePorts(world: World, definition: ResourceDefinition, old: Spec, spec: Spec): Spec {
  const { type, ports = [], allocateLoadBalancerNodePorts = true } = spec
  const open = type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts)
  if (!open || ports.every(({ nodePort }) => nodePort)) return spec
  const used = new Set(
    specs(world, definition).flatMap((one) => (one.ports ?? []).map(({ nodePort }) => nodePort)),
  )
  const allocated = ports.map((port) => {
    const kept = old.ports?.find(
      (one) => one.name === port.name && one.port === port.port && one.protocol === port.protocol,
    )?.nodePort
    if (port.nodePort || kept) return { ...port, nodePort: port.nodePort || kept! }
    const start = Math.floor(world.random() * nodePorts)
    const nodePort =
      firstNodePort + firstFree(start, nodePorts, (one) => !used.has(firstNodePort + one))
    used.add(nodePort)
    return { ...port, nodePort }
  })
  return { ...spec, ports: allocated }
}

function specs({ store }: World, definition: ResourceDefinition): Spec[] {
  const collection = store.collection(definition)
  return collection.keys().map((key) => (collection.at(key)!['spec'] ?? {}) as Spec)
}

function firstFree(start: number, count: number, isFree: (number: number) => boolean): number {
  for (let offset = 0; offset < count; offset++) {
    const candidate = (start + offset) % count
    if (isFree(candidate)) return candidate
  }
  throw new Error('the range of Service addresses is full')
}
