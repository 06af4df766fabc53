// What is wrong with an Ingress, a network policy, a class?
import { forbiddenValue, invalidValue, requiredValue } from '../causes.ts'
import { isCidr, isIp } from '../formats.ts'
import { at, mapsAt, numberAt, textAt, textsAt } from '../reading.ts'
import { isMap, type JsonMap } from '../schema.ts'
import type { Cause } from '../status.ts'
import type { Obj } from '../types.ts'

import { selectorCauses } from './selectors.ts'
import {
  isQualifiedName,
  isSubdomain,
  isWildcard,
  optionalWordCauses,
  portCauses,
} from './syntax.ts'

export const otherValidators: Record<string, (object: Obj) => Cause[]> = {
  'Ingress.networking.k8s.io': ingressCauses,
  'IngressClass.networking.k8s.io': (ingressClass) => {
    const controller = textAt(ingressClass, 'spec.controller')
    if (controller === '') return [requiredValue('spec.controller')]
    const rule = 'must be a domain-prefixed path (such as "acme.io/foo")'
    return controller.includes('/') ? [] : [invalidValue('spec.controller', controller, rule)]
  },
  'NetworkPolicy.networking.k8s.io': networkPolicyCauses,
  'StorageClass.storage.k8s.io': (storageClass) => {
    const provisioner = textAt(storageClass, 'provisioner')
    return optionalWordCauses('provisioner', provisioner, isQualifiedName)
  },
  'PriorityClass.scheduling.k8s.io': priorityCauses,
  'Lease.coordination.k8s.io': (lease) => {
    const seconds = at(lease, 'spec.leaseDurationSeconds')
    if (typeof seconds !== 'number' || seconds > 0) return []
    return [invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
  },
}

function ingressCauses(ingress: Obj): Cause[] {
  const rules = mapsAt(ingress, 'spec.rules')
  const backend = at(ingress, 'spec.defaultBackend')
  const causes: Cause[] = []
  if (rules.length === 0 && backend === undefined) {
    const detail = 'either `defaultBackend` or `rules` must be specified'
    causes.push(invalidValue('spec', null, detail))
  }
  if (isMap(backend)) causes.push(...backendCauses(backend, 'spec.defaultBackend'))
  for (const [index, rule] of rules.entries())
    causes.push(
      ...hostCauses(textAt(rule, 'host'), `spec.rules[${index}].host`),
      ...mapsAt(rule, 'http.paths').flatMap((path, place) =>
        pathCauses(path, `spec.rules[${index}].http.paths[${place}]`),
      ),
    )
  for (const [index, tls] of mapsAt(ingress, 'spec.tls').entries())
    for (const [place, host] of textsAt(tls, 'hosts').entries())
      causes.push(...hostCauses(host, `spec.tls[${index}].hosts[${place}]`))
  const ingressClass = at(ingress, 'spec.ingressClassName')
  if (typeof ingressClass === 'string')
    causes.push(
      ...isSubdomain(ingressClass).map((why) =>
        invalidValue('spec.ingressClassName', ingressClass, why),
      ),
    )
  return causes
}

function hostCauses(host: string, field: string): Cause[] {
  if (host === '') return []
  if (isIp(host)) return [invalidValue(field, host, 'must be a DNS name, not an IP address')]
  const check = host.includes('*') ? isWildcard : isSubdomain
  return check(host).map((why) => invalidValue(field, host, why))
}

function pathCauses(path: JsonMap, field: string): Cause[] {
  const text = textAt(path, 'path')
  const type = textAt(path, 'pathType')
  const isFree = type === 'ImplementationSpecific' || type === ''
  const causes: Cause[] = []
  if (!text.startsWith('/') && !(isFree && (text === '' || type === '')))
    causes.push(invalidValue(`${field}.path`, text, 'must be an absolute path'))
  const backend = at(path, 'backend')
  return [...causes, ...(isMap(backend) ? backendCauses(backend, `${field}.backend`) : [])]
}

function backendCauses(backend: JsonMap, field: string): Cause[] {
  if (backend['resource'] !== undefined) return []
  if (backend['service'] === undefined)
    return [invalidValue(field, '', 'resource or service backend is required')]
  const hasName = textAt(backend, 'service.port.name') !== ''
  const hasNumber = numberAt(backend, 'service.port.number') !== 0
  if (hasName && hasNumber)
    return [invalidValue(field, '', 'cannot set both port name & port number')]
  return hasName || hasNumber ? [] : [requiredValue(field, 'port name or number is required')]
}

function networkPolicyCauses(policy: Obj): Cause[] {
  const causes = selectorCauses(at(policy, 'spec.podSelector'), 'spec.podSelector')
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const)
    for (const [index, rule] of mapsAt(policy, `spec.${direction}`).entries()) {
      const field = `spec.${direction}[${index}]`
      for (const [place, port] of mapsAt(rule, 'ports').entries())
        causes.push(...portCauses(`${field}.ports[${place}].port`, at(port, 'port')))
      for (const [place, peer] of mapsAt(rule, peers).entries())
        causes.push(...peerCauses(peer, `${field}.${peers}[${place}]`))
    }
  return causes
}

function peerCauses(peer: JsonMap, field: string): Cause[] {
  const isBlock = peer['ipBlock'] !== undefined
  const isSelector = peer['podSelector'] !== undefined || peer['namespaceSelector'] !== undefined
  if (!isBlock && !isSelector) return [requiredValue(field, 'must specify a peer')]
  if (isBlock && isSelector)
    return [forbiddenValue(field, 'may not specify both ipBlock and another peer')]
  const cidr = textAt(peer, 'ipBlock.cidr')
  const rule = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
  if (isBlock && !isCidr(cidr)) return [invalidValue(`${field}.ipBlock.cidr`, cidr, rule)]
  return ['podSelector', 'namespaceSelector'].flatMap((name) =>
    selectorCauses(peer[name], `${field}.${name}`),
  )
}

// Above are the priorities of the system itself.
const highestPriority = 1_000_000_000
const systemPriorities = ['system-node-critical', 'system-cluster-critical']

function priorityCauses(priority: Obj): Cause[] {
  const { name } = priority.metadata
  if (systemPriorities.includes(name)) return []
  if (name.startsWith('system-')) {
    const detail = `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`
    return [forbiddenValue('metadata.name', detail)]
  }
  if (numberAt(priority, 'value') <= highestPriority) return []
  const detail = `maximum allowed value of a user defined priority is ${highestPriority}`
  return [forbiddenValue('value', detail)]
}
