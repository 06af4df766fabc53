// Which fields of everything that is not a workload does the API server fill in?
import { Buffer } from 'node:buffer'
import { preset, presetAll, structAt, structsIn, type Draft } from './draft.ts'

/** Defaults by kind, "Kind.group" outside the core group. */
export const otherDefaults: Record<string, (object: Draft) => void> = {
  Namespace: defaultNamespace,
  Secret: defaultSecret,
  Service: defaultService,
  Endpoints: (object) => {
    for (const subset of structsIn(object, 'subsets'))
      for (const port of structsIn(subset, 'ports')) preset(port, 'protocol', 'TCP')
  },
  PersistentVolume: (volume) => {
    const spec = structAt(volume, 'spec')
    if (spec) presetAll(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' })
    const hostPath = structAt(volume, 'spec', 'hostPath')
    if (hostPath) preset(hostPath, 'type', '')
  },
  PersistentVolumeClaim: (claim) => {
    const spec = structAt(claim, 'spec')
    if (spec) preset(spec, 'volumeMode', 'Filesystem')
  },
  LimitRange: (range) => {
    for (const item of structsIn(structAt(range, 'spec'), 'limits')) defaultLimits(item)
  },
  'RoleBinding.rbac.authorization.k8s.io': defaultBinding,
  'ClusterRoleBinding.rbac.authorization.k8s.io': defaultBinding,
  'IngressClass.networking.k8s.io': (ingressClass) => {
    const parameters = structAt(ingressClass, 'spec', 'parameters')
    if (parameters) preset(parameters, 'scope', 'Cluster')
  },
  'NetworkPolicy.networking.k8s.io': defaultNetworkPolicy,
  'EndpointSlice.discovery.k8s.io': (slice) => {
    for (const port of structsIn(slice, 'ports')) presetAll(port, { name: '', protocol: 'TCP' })
  },
  'StorageClass.storage.k8s.io': (storageClass) =>
    presetAll(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  'CSIDriver.storage.k8s.io': (driver) => {
    const spec = structAt(driver, 'spec')
    if (spec) presetAll(spec, csiDriver)
  },
  'PriorityClass.scheduling.k8s.io': (priority) =>
    preset(priority, 'preemptionPolicy', 'PreemptLowerPriority'),
  'CustomResourceDefinition.apiextensions.k8s.io': defaultCrd,
  'APIService.apiregistration.k8s.io': (service) => {
    const target = structAt(service, 'spec', 'service')
    if (target) preset(target, 'port', 443)
  },
  'MutatingWebhookConfiguration.admissionregistration.k8s.io': (configuration) => {
    for (const hook of structsIn(configuration, 'webhooks')) {
      defaultWebhook(hook)
      preset(hook, 'reinvocationPolicy', 'Never')
    }
  },
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io': (configuration) =>
    structsIn(configuration, 'webhooks').forEach(defaultWebhook),
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io': defaultPolicy,
  'MutatingAdmissionPolicy.admissionregistration.k8s.io': defaultPolicy,
}

const csiDriver = {
  attachRequired: true,
  podInfoOnMount: false,
  storageCapacity: false,
  fsGroupPolicy: 'ReadWriteOnceWithFSType',
  volumeLifecycleModes: ['Persistent'],
  requiresRepublish: false,
  seLinuxMount: false,
}

function defaultNamespace(namespace: Draft): void {
  const metadata = structAt(namespace, 'metadata')
  if (typeof metadata?.['name'] === 'string') {
    const label = { 'kubernetes.io/metadata.name': metadata['name'] }
    metadata['labels'] = { ...structAt(metadata, 'labels'), ...label }
  }
  // Taken away at the end of a namespace, and not to come back then.
  if (metadata?.['deletionTimestamp'] !== undefined) return
  preset(namespace, 'spec', {})
  preset(structAt(namespace, 'spec')!, 'finalizers', ['kubernetes'])
}

function defaultSecret(secret: Draft): void {
  preset(secret, 'type', 'Opaque')
  const plain = structAt(secret, 'stringData')
  delete secret['stringData']
  if (plain === undefined) return
  const encoded = Object.entries(plain).map(([key, text]) => [
    key,
    Buffer.from(String(text)).toString('base64'),
  ])
  secret['data'] = { ...structAt(secret, 'data'), ...Object.fromEntries(encoded) }
}

// Three hours, as kube-proxy has it.
const affinitySeconds = 10_800

function defaultService(service: Draft): void {
  const spec = structAt(service, 'spec')
  if (spec === undefined) return
  presetAll(spec, { sessionAffinity: 'None', type: 'ClusterIP' })
  for (const port of structsIn(spec, 'ports'))
    presetAll(port, { protocol: 'TCP', targetPort: port['port'] })
  const { type } = spec
  if (spec['sessionAffinity'] === 'ClientIP')
    preset(spec, 'sessionAffinityConfig', { clientIP: { timeoutSeconds: affinitySeconds } })
  if (type === 'ExternalName') return
  preset(spec, 'internalTrafficPolicy', 'Cluster')
  if (type === 'NodePort' || type === 'LoadBalancer')
    preset(spec, 'externalTrafficPolicy', 'Cluster')
  if (type === 'LoadBalancer') preset(spec, 'allocateLoadBalancerNodePorts', true)
  // Without a selector, nothing tells what a headless service leads to.
  const isOpen = spec['clusterIP'] === 'None' && spec['selector'] === undefined
  presetAll(
    spec,
    isOpen
      ? { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' }
      : { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
  )
}

function defaultLimits(item: Draft): void {
  if (item['type'] !== 'Container') return
  const max = structAt(item, 'max')
  const limits = { ...max, ...structAt(item, 'default') }
  if (Object.keys(limits).length > 0) item['default'] = limits
  const requests = { ...structAt(item, 'min'), ...limits, ...structAt(item, 'defaultRequest') }
  if (Object.keys(requests).length > 0) item['defaultRequest'] = requests
}

const rbacGroup = 'rbac.authorization.k8s.io'

function defaultBinding(binding: Draft): void {
  const role = structAt(binding, 'roleRef')
  if (role && !role['apiGroup']) role['apiGroup'] = rbacGroup
  for (const subject of structsIn(binding, 'subjects'))
    if (subject['kind'] !== 'ServiceAccount' && !subject['apiGroup'])
      subject['apiGroup'] = rbacGroup
}

function defaultNetworkPolicy(policy: Draft): void {
  const spec = structAt(policy, 'spec')
  if (spec === undefined) return
  const egress = structsIn(spec, 'egress')
  preset(spec, 'policyTypes', egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'])
  for (const rule of [...structsIn(spec, 'ingress'), ...egress])
    for (const port of structsIn(rule, 'ports')) preset(port, 'protocol', 'TCP')
}

function defaultCrd(crd: Draft): void {
  const names = structAt(crd, 'spec', 'names')
  const kind = names?.['kind']
  if (names && typeof kind === 'string')
    for (const [name, value] of [
      ['singular', kind.toLowerCase()],
      ['listKind', `${kind}List`],
    ] as const)
      if (!names[name]) names[name] = value
  const spec = structAt(crd, 'spec')
  if (spec) preset(spec, 'conversion', { strategy: 'None' })
  const client = structAt(crd, 'spec', 'conversion', 'webhook', 'clientConfig', 'service')
  if (client) preset(client, 'port', 443)
}

function defaultWebhook(hook: Draft): void {
  presetAll(hook, {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
  })
  for (const rule of structsIn(hook, 'rules')) preset(rule, 'scope', '*')
  const service = structAt(hook, 'clientConfig', 'service')
  if (service) preset(service, 'port', 443)
}

function defaultPolicy(policy: Draft): void {
  const spec = structAt(policy, 'spec')
  if (spec) preset(spec, 'failurePolicy', 'Fail')
  const match = structAt(policy, 'spec', 'matchConstraints')
  if (match === undefined) return
  presetAll(match, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} })
  for (const rule of structsIn(match, 'resourceRules')) preset(rule, 'scope', '*')
}
