// Which addresses and ports does a Service get? What a real API server hands out while it stores the Service.
import { invalidValue } from './causes.ts'
import { withoutForeignFields } from './service-fields.ts'
import type { Cause } from './status.ts'
import {
  needsClusterIp,
  needsHealthPort,
  needsNodePorts,
  type ServiceSpec,
} from './service-type.ts'
import type { Obj, ResourceDefinition } from './types.ts'
import type { World } from './world.ts'

// The range of kubeadm; its first address is the API server's own.
const networkPrefix = '10.96'
const hosts = 65_534
const firstNodePort = 30_000
const nodePorts = 2_768
const lastNodePort = firstNodePort + nodePorts - 1

/** The Service with a cluster IP and node ports where its type needs them; those that it had before stay. */
export function allocateAddresses(
  world: World,
  definition: ResourceDefinition,
  before: Obj | undefined,
  object: Obj,
): Obj {
  if (!isService(definition)) return object
  const old = (before?.['spec'] ?? {}) as ServiceSpec
  const sent = (object['spec'] ?? {}) as ServiceSpec
  const own = before === undefined ? sent : withoutForeignFields(old, sent)
  const addressed = withClusterIp(world, definition, old, own)
  const spec = withHealthPort(
    world,
    definition,
    old,
    withNodePorts(world, definition, old, addressed),
  )
  return { ...object, spec }
}

function isService({ custom, group, plural }: ResourceDefinition): boolean {
  return !custom && group === '' && plural === 'services'
}

/** What is wrong with the addresses and ports that a valid Service asks for: others have them, or nobody can. */
export function addressCauses(
  world: World,
  definition: ResourceDefinition,
  before: Obj | undefined,
  object: Obj,
): Cause[] {
  if (!isService(definition)) return []
  const old = (before?.['spec'] ?? {}) as ServiceSpec
  const spec = (object['spec'] ?? {}) as ServiceSpec
  const others = otherSpecs(world, definition, object)
  return [...ipCauses(others, old, spec), ...portCauses(others, old, spec)]
}

function ipCauses(
  others: readonly ServiceSpec[],
  old: ServiceSpec,
  { clusterIP, clusterIPs }: ServiceSpec,
): Cause[] {
  if (!clusterIP || clusterIP === 'None' || clusterIP === old.clusterIP) return []
  const why = !clusterIP.startsWith(`${networkPrefix}.`)
    ? 'the provided network does not match the current range'
    : others.some((one) => one.clusterIP === clusterIP)
      ? 'provided IP is already allocated'
      : undefined
  const detail = `failed to allocate IP ${clusterIP}: ${why}`
  return why === undefined ? [] : [invalidValue('spec.clusterIPs', clusterIPs, detail)]
}

function portCauses(
  others: readonly ServiceSpec[],
  old: ServiceSpec,
  { ports = [] }: ServiceSpec,
): Cause[] {
  const kept = new Set(portsOf(old))
  const used = new Set(others.flatMap(portsOf))
  // One port of the Service may have the same node port for each protocol.
  const own = new Map<number, number>()
  return ports.flatMap(({ port, nodePort }, index) => {
    if (!nodePort || kept.has(nodePort)) return []
    const isTaken = used.has(nodePort) || (own.get(nodePort) ?? port) !== port
    own.set(nodePort, port)
    const range = `The range of valid ports is ${firstNodePort}-${lastNodePort}`
    const isOutside = nodePort < firstNodePort || nodePort > lastNodePort
    const why = isOutside
      ? `provided port is not in the valid range. ${range}`
      : 'provided port is already allocated'
    return isOutside || isTaken
      ? [invalidValue(`spec.ports[${index}].nodePort`, nodePort, why)]
      : []
  })
}

function withClusterIp(
  world: World,
  definition: ResourceDefinition,
  old: ServiceSpec,
  spec: ServiceSpec,
): ServiceSpec {
  if (!needsClusterIp(spec)) return spec
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

function withNodePorts(
  world: World,
  definition: ResourceDefinition,
  old: ServiceSpec,
  spec: ServiceSpec,
): ServiceSpec {
  const { ports = [], allocateLoadBalancerNodePorts = true } = spec
  const open = needsNodePorts(spec) && (spec.type === 'NodePort' || allocateLoadBalancerNodePorts)
  if (!open || ports.every(({ nodePort }) => nodePort)) return spec
  const used = new Set(specs(world, definition).flatMap(portsOf))
  for (const { nodePort } of ports) if (nodePort) used.add(nodePort)
  const allocated = ports.map((port) => {
    const kept = old.ports?.find(
      (one) => one.name === port.name && one.port === port.port && one.protocol === port.protocol,
    )?.nodePort
    const nodePort = port.nodePort || kept || freePort(world, used)
    used.add(nodePort)
    return { ...port, nodePort }
  })
  return { ...spec, ports: allocated }
}

// Where load balancers ask which nodes have a pod of the Service.
function withHealthPort(
  world: World,
  definition: ResourceDefinition,
  old: ServiceSpec,
  spec: ServiceSpec,
): ServiceSpec {
  if (!needsHealthPort(spec) || spec.healthCheckNodePort) return spec
  const used = new Set([...specs(world, definition), spec].flatMap(portsOf))
  return { ...spec, healthCheckNodePort: old.healthCheckNodePort ?? freePort(world, used) }
}

function freePort(world: World, used: ReadonlySet<number>): number {
  const start = Math.floor(world.random() * nodePorts)
  return firstNodePort + firstFree(start, nodePorts, (one) => !used.has(firstNodePort + one))
}

function portsOf({ ports = [], healthCheckNodePort }: ServiceSpec): number[] {
  const all = [...ports.map(({ nodePort }) => nodePort), healthCheckNodePort]
  return all.filter((port) => port !== undefined)
}

function specs({ store }: World, definition: ResourceDefinition): ServiceSpec[] {
  const collection = store.collection(definition)
  return collection.keys().map((key) => (collection.at(key)!['spec'] ?? {}) as ServiceSpec)
}

function otherSpecs(
  { store }: World,
  definition: ResourceDefinition,
  { metadata }: Obj,
): ServiceSpec[] {
  const collection = store.collection(definition)
  return collection
    .keys()
    .map((key) => collection.at(key)!)
    .filter((one) => one.metadata.uid !== metadata.uid)
    .map((one) => (one['spec'] ?? {}) as ServiceSpec)
}

function firstFree(start: number, count: number, isFree: (number: number) => boolean): number {
  for (let offset = 0; offset < count; offset++) {
    const candidate = (start + offset) % count
    if (isFree(candidate)) return candidate
  }
  throw new Error('the range of Service addresses is full')
}
