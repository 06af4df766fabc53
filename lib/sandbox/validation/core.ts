// What is wrong with a Service, a Secret, a ConfigMap, a claim?
import { Buffer } from 'node:buffer'
import {
  duplicateValue,
  forbiddenValue,
  invalidValue,
  requiredValue,
  tooLong,
  unsupportedValue,
} from '../causes.ts'
import { isCidr, isIp } from '../formats.ts'
import { at, mapsAt, textAt, textsAt } from '../reading.ts'
import { isMap, type JsonMap } from '../schema.ts'
import type { Cause } from '../status.ts'
import type { Obj } from '../types.ts'
import { labelCauses } from './selectors.ts'
import { isConfigKey, isLabel, isSubdomain, optionalWordCauses, portCauses } from './syntax.ts'

export const coreValidators: Record<string, (object: Obj) => Cause[]> = {
  ConfigMap: configMapCauses,
  Secret: secretCauses,
  Service: serviceCauses,
  PersistentVolume: volumeCauses,
  PersistentVolumeClaim: (claim) => claimCauses(claim, 'spec'),
  Event: (event) => {
    const inside = textAt(event, 'involvedObject.namespace')
    const { namespace } = event.metadata
    // Events about what has no namespace are kept in "default".
    if (inside === namespace || (inside === '' && namespace === 'default')) return []
    return [invalidValue('involvedObject.namespace', inside, 'does not match event.namespace')]
  },
}

// 1 MiB: what etcd takes, with room for metadata.
const mostBytes = 1_048_576

function keyCauses(field: string, data: unknown): Cause[] {
  return Object.keys(isMap(data) ? data : {}).flatMap((key) =>
    isConfigKey(key).map((why) => invalidValue(`${field}[${key}]`, key, why)),
  )
}

function configMapCauses(map: Obj): Cause[] {
  const [texts, binaries] = [map['data'] ?? {}, map['binaryData'] ?? {}] as JsonMap[]
  const twice = Object.keys(texts!)
    .filter((key) => Object.hasOwn(binaries!, key))
    .map((key) => invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'))
  const size =
    Object.values(texts!).reduce((sum: number, text) => sum + Buffer.byteLength(String(text)), 0) +
    Object.values(binaries!).reduce((sum: number, text) => sum + decodedBytes(text), 0)
  return [
    ...keyCauses('data', texts),
    ...keyCauses('binaryData', binaries),
    ...twice,
    ...(size > mostBytes ? [tooLong('[]', mostBytes)] : []),
  ]
}

function decodedBytes(base64: unknown): number {
  const text = String(base64)
  return Math.floor((text.length * 3) / 4) - (/=*$/.exec(text)?.[0].length ?? 0)
}

const keysOfType: Record<string, readonly string[]> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
}

function secretCauses(secret: Obj): Cause[] {
  const data = (secret['data'] ?? {}) as JsonMap
  const type = textAt(secret, 'type')
  const size = Object.values(data).reduce((sum: number, text) => sum + decodedBytes(text), 0)
  const missing = (keysOfType[type] ?? []).filter((key) => data[key] === undefined)
  const isBasic = type === 'kubernetes.io/basic-auth'
  if (isBasic && data['username'] === undefined && data['password'] === undefined)
    missing.push('username', 'password')
  return [
    ...keyCauses('data', data),
    ...(size > mostBytes ? [tooLong('data', mostBytes)] : []),
    ...missing.map((key) => requiredValue(`data[${key}]`)),
    ...dockerCauses(type, data),
    ...accountCauses(type, secret),
  ]
}

function dockerCauses(type: string, data: JsonMap): Cause[] {
  const key = type === 'kubernetes.io/dockerconfigjson' ? '.dockerconfigjson' : '.dockercfg'
  if (!type.startsWith('kubernetes.io/dockerc') || data[key] === undefined) return []
  try {
    JSON.parse(Buffer.from(String(data[key]), 'base64').toString())
    return []
  } catch {
    return [invalidValue(`data[${key}]`, '<secret contents redacted>', 'invalid JSON')]
  }
}

const accountAnnotation = 'kubernetes.io/service-account.name'

function accountCauses(type: string, { metadata }: Obj): Cause[] {
  if (type !== 'kubernetes.io/service-account-token') return []
  if (metadata.annotations?.[accountAnnotation]) return []
  return [requiredValue(`metadata.annotations[${accountAnnotation}]`)]
}

function serviceCauses(service: Obj): Cause[] {
  const type = textAt(service, 'spec.type')
  const clusterIp =
    textAt(service, 'spec.clusterIP') || (textsAt(service, 'spec.clusterIPs')[0] ?? '')
  const isHeadless = clusterIp === 'None'
  const ports = mapsAt(service, 'spec.ports')
  const causes: Cause[] = []
  if (ports.length === 0 && !isHeadless && type !== 'ExternalName')
    causes.push(requiredValue('spec.ports'))
  causes.push(...addressCauses(service, type, clusterIp))
  causes.push(...labelCauses(at(service, 'spec.selector'), 'spec.selector'))
  causes.push(...ports.flatMap((port, index) => servicePortCauses(service, ports, { port, index })))
  if (textAt(service, 'spec.externalTrafficPolicy') !== '' && !isExternal(service, type))
    causes.push(
      invalidValue(
        'spec.externalTrafficPolicy',
        textAt(service, 'spec.externalTrafficPolicy'),
        'may only be set for externally-accessible services',
      ),
    )
  const healthPort = at(service, 'spec.healthCheckNodePort')
  if (healthPort !== undefined && !isLocalBalancer(service, type))
    causes.push(
      invalidValue(
        'spec.healthCheckNodePort',
        healthPort,
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ),
    )
  return causes
}

function isLocalBalancer(service: Obj, type: string): boolean {
  return type === 'LoadBalancer' && textAt(service, 'spec.externalTrafficPolicy') === 'Local'
}

function isExternal(service: Obj, type: string): boolean {
  const hasOwn = textsAt(service, 'spec.externalIPs').length > 0
  return type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && hasOwn)
}

const addressRule = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const cidrRule = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

function addressCauses(service: Obj, type: string, clusterIp: string): Cause[] {
  const causes: Cause[] = []
  const name = textAt(service, 'spec.externalName')
  if (type === 'ExternalName') {
    if (name === '') causes.push(requiredValue('spec.externalName'))
    causes.push(...optionalWordCauses('spec.externalName', name, isSubdomain))
  } else if (clusterIp === 'None') {
    const detail = `may not be set to 'None' for ${type} services`
    if (type !== 'ClusterIP') causes.push(invalidValue('spec.clusterIPs[0]', clusterIp, detail))
  } else if (clusterIp !== '' && !isIp(clusterIp))
    causes.push(invalidValue('spec.clusterIPs[0]', clusterIp, addressRule))
  for (const [index, ip] of textsAt(service, 'spec.externalIPs').entries())
    if (!isIp(ip)) causes.push(invalidValue(`spec.externalIPs[${index}]`, ip, addressRule))
  const ranges = textsAt(service, 'spec.loadBalancerSourceRanges')
  const field = 'spec.LoadBalancerSourceRanges'
  if (ranges.length > 0 && type !== 'LoadBalancer')
    causes.push(forbiddenValue(field, "may only be used when `type` is 'LoadBalancer'"))
  for (const [index, range] of ranges.entries())
    if (!isCidr(range)) causes.push(invalidValue(`${field}[${index}]`, range, cidrRule))
  return causes
}

function servicePortCauses(
  service: Obj,
  ports: readonly JsonMap[],
  { port, index }: { port: JsonMap; index: number },
): Cause[] {
  const field = `spec.ports[${index}]`
  const name = textAt(port, 'name')
  const earlier = ports.slice(0, index)
  const causes = portCauses(`${field}.port`, at(port, 'port') ?? 0)
  const target = at(port, 'targetPort')
  causes.push(...portCauses(`${field}.targetPort`, target))
  causes.push(...optionalWordCauses(`${field}.name`, name, isLabel))
  if (name === '' && ports.length > 1) causes.push(requiredValue(`${field}.name`))
  if (name !== '' && earlier.some((one) => one['name'] === name))
    causes.push(duplicateValue(`${field}.name`, name))
  const { protocol } = port
  if (earlier.some((one) => one['port'] === port['port'] && one['protocol'] === protocol))
    causes.push(duplicateValue(field, { port: port['port'], protocol }))
  if (at(port, 'nodePort') !== undefined && textAt(service, 'spec.type') === 'ClusterIP')
    causes.push(forbiddenValue(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'"))
  return causes
}

const notSources = [
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]

function volumeCauses(volume: Obj): Cause[] {
  const spec = (isMap(volume['spec']) ? volume['spec'] : {}) as JsonMap
  const hasSource = Object.keys(spec).some((name) => !notSources.includes(name))
  return [
    ...(textsAt(spec, 'accessModes').length === 0 ? [requiredValue('spec.accessModes')] : []),
    ...(spec['capacity'] === undefined ? [requiredValue('spec.capacity')] : []),
    ...(hasSource ? [] : [requiredValue('spec', 'must specify a volume type')]),
  ]
}

/** Causes in a claim, its own or a template's; `path` is where its spec stands. */
export function claimCauses(claim: unknown, path: string): Cause[] {
  const field = `${path}.resources[storage]`
  const storage = textAt(claim, 'spec.resources.requests.storage')
  const causes: Cause[] = []
  if (textsAt(claim, 'spec.accessModes').length === 0)
    causes.push(requiredValue(`${path}.accessModes`, 'at least 1 access mode is required'))
  if (storage === '') causes.push(requiredValue(field))
  else if (storage === '0' || storage.startsWith('-'))
    causes.push(invalidValue(field, storage, 'must be greater than zero'))
  const storageClass = textAt(claim, 'spec.storageClassName')
  return [...causes, ...optionalWordCauses(`${path}.storageClassName`, storageClass, isSubdomain)]
}

/** A word that must be one of a few, empty or not; for fields that the schema does not list. */
export function choiceCauses(field: string, value: string, choices: readonly string[]): Cause[] {
  return choices.includes(value) ? [] : [unsupportedValue(field, value, choices)]
}
