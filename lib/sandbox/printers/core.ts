// What kubectl shows of services, nodes, configuration, volumes and events.
import type { Obj } from '../types.ts'
import {
  age,
  count,
  firstOf,
  labelsText,
  name,
  printer,
  sinceText,
  text,
  type Cell,
  type Printer,
} from './printer.ts'
import { at, mapsAt, numberAt, textAt, textsAt } from '../reading.ts'

const lastSeen: Cell = (event, now) => {
  const seen = textAt(event, 'series.lastObservedTime') || textAt(event, 'lastTimestamp')
  return sinceText(seen || textAt(event, 'deprecatedLastTimestamp') || firstSeenAt(event), now)
}

const event = printer(
  'Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count*|Name*',
  lastSeen,
  text('type'),
  text('reason'),
  (one) => objectText(at(one, 'involvedObject') ?? at(one, 'regarding')),
  (one) => textAt(at(one, 'involvedObject') ?? at(one, 'regarding'), 'fieldPath'),
  sourceText,
  (one) => (textAt(one, 'message') || textAt(one, 'note')).trim(),
  (one, now) => sinceText(firstSeenAt(one), now),
  (one) => {
    const times = numberAt(one, 'series.count') || numberAt(one, 'count')
    return times || numberAt(one, 'deprecatedCount') || 1
  },
  name,
)

const phase: Cell = (object) =>
  object.metadata.deletionTimestamp === undefined ? textAt(object, 'status.phase') : 'Terminating'

export const corePrinters: Record<string, Printer> = {
  ConfigMap: printer('Name|Data|Age', name, count('data', 'binaryData'), age),
  Secret: printer('Name|Type|Data|Age', name, text('type'), count('data'), age),
  ServiceAccount: printer('Name|Age', name, age),
  Namespace: printer('Name|Status|Age', name, text('status.phase'), age),
  Event: event,
  'Event.events.k8s.io': event,
  Service: printer(
    'Name|Type|Cluster-IP|External-IP|Port(s)|Age|Selector*',
    name,
    text('spec.type'),
    (service) => textsAt(service, 'spec.clusterIPs')[0] ?? '<none>',
    externalText,
    portsText,
    age,
    (service) => labelsText(at(service, 'spec.selector')),
  ),
  Endpoints: printer('Name|Endpoints|Age', name, endpointsText, age),
  Node: printer(
    'Name|Status|Roles|Age|Version|Internal-IP*|External-IP*|OS-Image*|Kernel-Version*|Container-Runtime*',
    name,
    nodeStatus,
    rolesText,
    age,
    text('status.nodeInfo.kubeletVersion'),
    (node) => nodeAddress(node, 'InternalIP'),
    (node) => nodeAddress(node, 'ExternalIP'),
    text('status.nodeInfo.osImage', '<unknown>'),
    kernelText,
    text('status.nodeInfo.containerRuntimeVersion', '<unknown>'),
  ),
  ResourceQuota: printer(
    'Name|Request|Limit|Age',
    name,
    (quota) => quotaText(quota, false),
    (quota) => quotaText(quota, true),
    age,
  ),
  PersistentVolume: printer(
    'Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age|VolumeMode*',
    name,
    text('spec.capacity.storage', '0'),
    (volume) => modesText(textsAt(volume, 'spec.accessModes')),
    text('spec.persistentVolumeReclaimPolicy'),
    phase,
    (volume) => {
      const claim = at(volume, 'spec.claimRef')
      return claim ? `${textAt(claim, 'namespace')}/${textAt(claim, 'name')}` : ''
    },
    text('spec.storageClassName'),
    text('spec.volumeAttributesClassName', '<unset>'),
    text('status.reason'),
    age,
    text('spec.volumeMode', '<unset>'),
  ),
  PersistentVolumeClaim: printer(
    'Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|VolumeMode*',
    name,
    phase,
    text('spec.volumeName'),
    (claim) =>
      textAt(claim, 'spec.volumeName') ? textAt(claim, 'status.capacity.storage') || '0' : '',
    (claim) =>
      textAt(claim, 'spec.volumeName') ? modesText(textsAt(claim, 'status.accessModes')) : '',
    text('spec.storageClassName'),
    text('spec.volumeAttributesClassName', '<unset>'),
    age,
    text('spec.volumeMode', '<unset>'),
  ),
}

function firstSeenAt(one: Obj): string {
  const seen = textAt(one, 'firstTimestamp') || textAt(one, 'deprecatedFirstTimestamp')
  return seen || textAt(one, 'eventTime')
}

function objectText(reference: unknown): string {
  const [kind, named] = [textAt(reference, 'kind').toLowerCase(), textAt(reference, 'name')]
  return named === '' ? kind : `${kind}/${named}`
}

function sourceText(one: Obj): string {
  const source = at(one, 'source') ?? at(one, 'deprecatedSource')
  const reporter = textAt(one, 'reportingComponent') || textAt(one, 'reportingController')
  const component = textAt(source, 'component') || reporter
  const host = textAt(source, 'host') || textAt(one, 'reportingInstance')
  return host === '' ? component : `${component}, ${host}`
}

// What is longer is cut in the narrow table, so that one balancer does not push everything else away.
const balancerWidth = 16

/** The addresses of a load balancer, as services and ingresses have it in their status. */
export function balancerText(object: Obj): string {
  const addresses = mapsAt(object, 'status.loadBalancer.ingress')
    .map((one) => textAt(one, 'ip') || textAt(one, 'hostname'))
    .filter((address) => address !== '')
  const shown = [...new Set(addresses)].sort().join(',')
  return shown.length > balancerWidth ? `${shown.slice(0, balancerWidth - 3)}...` : shown
}

function externalText(service: Obj): string {
  const own = textsAt(service, 'spec.externalIPs')
  switch (textAt(service, 'spec.type')) {
    case 'ExternalName':
      return textAt(service, 'spec.externalName')
    case 'LoadBalancer':
      return [balancerText(service), ...own].filter((one) => one !== '').join(',') || '<pending>'
    default:
      return own.join(',') || '<none>'
  }
}

function portsText(service: Obj): string {
  const ports = mapsAt(service, 'spec.ports').map((port) => {
    const node = numberAt(port, 'nodePort')
    const mapped = node > 0 ? `:${node}` : ''
    return `${numberAt(port, 'port')}${mapped}/${textAt(port, 'protocol')}`
  })
  return ports.join(',') || '<none>'
}

function endpointsText(endpoints: Obj): string {
  const all = mapsAt(endpoints, 'subsets').flatMap((subset) => {
    const addresses = mapsAt(subset, 'addresses').map((address) => textAt(address, 'ip'))
    const ports = mapsAt(subset, 'ports').map((port) => numberAt(port, 'port'))
    if (ports.length === 0) return addresses
    return ports.flatMap((port) =>
      addresses.map((ip) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)),
    )
  })
  if (all.length === 0 && mapsAt(endpoints, 'subsets').length > 0) return ''
  return firstOf(all, 3)
}

function nodeStatus(node: Obj): string {
  const ready = mapsAt(node, 'status.conditions').find((one) => one['type'] === 'Ready')
  const shown = ready === undefined ? 'Unknown' : ready['status'] === 'True' ? 'Ready' : 'NotReady'
  return at(node, 'spec.unschedulable') === true ? `${shown},SchedulingDisabled` : shown
}

function rolesText({ metadata }: Obj): string {
  const prefix = 'node-role.kubernetes.io/'
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(prefix)) return [key.slice(prefix.length)]
    return key === 'kubernetes.io/role' ? [value] : []
  })
  return [...new Set(roles.filter((role) => role !== ''))].sort().join(',') || '<none>'
}

function nodeAddress(node: Obj, type: string): string {
  const address = mapsAt(node, 'status.addresses').find((one) => one['type'] === type)
  return textAt(address, 'address') || '<none>'
}

function kernelText(node: Obj): string {
  const kernel = textAt(node, 'status.nodeInfo.kernelVersion') || '<unknown>'
  const architecture = textAt(node, 'status.nodeInfo.architecture')
  return architecture === '' ? kernel : `${kernel} (${architecture})`
}

function quotaText(quota: Obj, ofLimits: boolean): string {
  return Object.keys((at(quota, 'status.hard') ?? {}) as object)
    .filter((resource) => resource.startsWith('limits.') === ofLimits)
    .sort()
    .map((resource) => {
      const [used, hard] = ['used', 'hard'].map(
        (which) => (at(quota, `status.${which}`) as Record<string, string> | undefined)?.[resource],
      )
      return `${resource}: ${used ?? '0'}/${hard ?? '0'}`
    })
    .join(', ')
}

const modes: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
}

function modesText(names: readonly string[]): string {
  return Object.keys(modes)
    .filter((mode) => names.includes(mode))
    .map((mode) => modes[mode])
    .join(',')
}
