// Gives a load balancer its address, and lists the pods behind it as Endpoints and as an EndpointSlice.
import type { Obj } from '../types.ts'
import { isSame } from './hash.ts'
import { selects } from './labels.ts'
import { isOver, isReady, nodeName } from './pod.ts'
import type { Pod } from './shapes.ts'
import {
  controlledBy,
  ownerReference,
  unlessGone,
  writeStatus,
  type Controller,
  type World,
} from './world.ts'

type Port = {
  name?: string
  port: number
  protocol?: string
  targetPort?: number | string
}
type Service = Obj & {
  spec: {
    type?: string
    selector?: Record<string, string>
    ports?: Port[]
    publishNotReadyAddresses?: boolean
  }
}

export const services: Controller = {
  resource: 'services',
  reconcile(world, object) {
    if (object.metadata.deletionTimestamp !== undefined) return undefined
    const service = object as Service
    if (service.spec.type === 'LoadBalancer')
      writeStatus(world, 'services', service, {
        ...(service['status'] as object | undefined),
        loadBalancer: { ingress: [{ ip: publicAddress(service), ipMode: 'VIP' }] },
      })
    if (service.spec.selector) publish(world, service)
    return undefined
  },
  gone(world, { metadata }) {
    unlessGone(() => world.api.delete('endpoints', metadata.namespace, metadata.name))
  },
}

// Of the range that kind's load balancers hand out, and always the same for the same Service.
export function publicAddress({ metadata }: Obj): string {
  const sum = [...`${metadata.namespace}/${metadata.name}`].reduce(
    (n, char) => (n * 31 + char.charCodeAt(0)) % 254,
    7,
  )
  return `172.18.255.${sum + 1}`
}

type Address = { ip: string; nodeName: string; targetRef: object }

function publish(world: World, service: Service): void {
  const { namespace } = service.metadata
  const matchLabels = service.spec.selector ?? {}
  const pods = (world.relations.podsLike(namespace, matchLabels) as Pod[]).filter(
    (pod) =>
      selects({ matchLabels }, pod.metadata.labels) &&
      pod.status?.podIP !== undefined &&
      !isOver(pod) &&
      pod.metadata.deletionTimestamp === undefined,
  )
  const ready = pods.filter((pod) => isReady(pod) || service.spec.publishNotReadyAddresses === true)
  const late = pods.filter((pod) => !ready.includes(pod))
  writeEndpoints(world, service, ready, late)
  writeSlice(world, service, ready, late)
}

function writeEndpoints(world: World, service: Service, ready: Pod[], late: Pod[]): void {
  const { name, namespace = '', labels = {} } = service.metadata
  const ports = portsOf(service, [...ready, ...late])
  const subset = {
    ...(ready.length > 0 ? { addresses: ready.map(addressOf) } : {}),
    ...(late.length > 0 ? { notReadyAddresses: late.map(addressOf) } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  }
  const subsets = ready.length + late.length > 0 ? [subset] : undefined
  put(world, 'endpoints', world.api.get('endpoints', namespace, name), {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name,
      namespace,
      labels: { ...labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
    },
    ...(subsets ? { subsets } : {}),
  })
}

function writeSlice(world: World, service: Service, ready: Pod[], late: Pod[]): void {
  const { name, namespace = '', labels = {} } = service.metadata
  const resource = 'endpointslices.discovery.k8s.io'
  const known = controlledBy(world, resource, service)[0]
  const endpoint = (pod: Pod): object => {
    const { ip, targetRef } = addressOf(pod)
    const is = ready.includes(pod)
    return {
      addresses: [ip],
      conditions: { ready: is, serving: is, terminating: false },
      nodeName,
      targetRef,
    }
  }
  put(world, resource, known, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: '',
      generateName: `${name}-`,
      namespace,
      labels: {
        ...labels,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      ownerReferences: [ownerReference(service)],
    },
    addressType: 'IPv4',
    endpoints: [...ready, ...late].map(endpoint),
    ports: portsOf(service, [...ready, ...late]).map((port) => ({ name: '', ...port })),
  })
}

function addressOf(pod: Pod): Address {
  const { name, namespace = '', uid = '' } = pod.metadata
  return { ip: pod.status?.podIP ?? '', nodeName, targetRef: { kind: 'Pod', name, namespace, uid } }
}

function portsOf(
  { spec }: Service,
  pods: readonly Pod[],
): { name?: string; port: number; protocol: string }[] {
  const named = pods.flatMap((pod) => pod.spec.containers).flatMap(({ ports = [] }) => ports)
  return (spec.ports ?? []).map(({ name, port, protocol = 'TCP', targetPort = port }) => ({
    ...(name ? { name } : {}),
    port:
      typeof targetPort === 'number'
        ? targetPort
        : (named.find((one) => one.name === targetPort)?.containerPort ?? port),
    protocol,
  }))
}

// Creates the object, or brings what we write of it up to date.
function put(world: World, resource: string, known: Obj | undefined, wanted: Obj): void {
  if (!known) {
    unlessGone(() => world.api.create(resource, wanted))
    return
  }
  const { metadata, ...content } = wanted
  const { metadata: before, ...stored } = known
  const same = isSame(content, stored) && isSame(metadata.labels, before.labels)
  if (same) return
  unlessGone(() =>
    world.api.update(resource, {
      ...content,
      metadata: { ...before, labels: metadata.labels ?? {} },
    } as Obj),
  )
}
