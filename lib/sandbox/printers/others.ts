// What kubectl shows of everything else: networking, access, storage, admission.
import type { Obj } from '../types.ts'
import { balancerText } from './core.ts'
import {
  age,
  count,
  firstOf,
  flag,
  name,
  number,
  printer,
  selectorText,
  text,
  type Cell,
  type Printer,
} from './printer.ts'
import { at, mapsAt, textAt, textsAt } from '../reading.ts'

const binding = printer(
  'Name|Role|Age|Users*|Groups*|ServiceAccounts*',
  name,
  (object) => `${textAt(object, 'roleRef.kind')}/${textAt(object, 'roleRef.name')}`,
  age,
  (object) => subjects(object, 'User'),
  (object) => subjects(object, 'Group'),
  (object) => subjects(object, 'ServiceAccount'),
)
const webhooks = printer('Name|Webhooks#|Age', name, count('webhooks'), age)
const policyBinding = printer(
  'Name|PolicyName|ParamRef|Age',
  name,
  text('spec.policyName'),
  parameterText,
  age,
)
const parameterKind: Cell = (policy) => {
  const kind = at(policy, 'spec.paramKind')
  return kind ? `${textAt(kind, 'apiVersion')}/${textAt(kind, 'kind')}` : '<unset>'
}

export const otherPrinters: Record<string, Printer> = {
  'Ingress.networking.k8s.io': printer(
    'Name|Class|Hosts|Address|Ports|Age',
    name,
    text('spec.ingressClassName', '<none>'),
    hostsText,
    balancerText,
    (ingress) => (mapsAt(ingress, 'spec.tls').length > 0 ? '80, 443' : '80'),
    age,
  ),
  'IngressClass.networking.k8s.io': printer(
    'Name|Controller|Parameters|Age',
    defaultable('ingressclass.kubernetes.io/is-default-class'),
    text('spec.controller'),
    (ingressClass) => {
      const parameters = at(ingressClass, 'spec.parameters')
      if (!parameters) return '<none>'
      const group = textAt(parameters, 'apiGroup')
      const kind = textAt(parameters, 'kind')
      return `${group === '' ? kind : `${kind}.${group}`}/${textAt(parameters, 'name')}`
    },
    age,
  ),
  'NetworkPolicy.networking.k8s.io': printer(
    'Name|Pod-Selector|Age',
    name,
    (policy) => selectorText(at(policy, 'spec.podSelector')),
    age,
  ),
  'EndpointSlice.discovery.k8s.io': printer(
    'Name|AddressType|Ports|Endpoints|Age',
    name,
    text('addressType'),
    (slice) => {
      const ports = mapsAt(slice, 'ports').map((port) => textAt(port, 'port') || '*')
      return ports.length === 0 ? '<unset>' : firstOf(ports, 3)
    },
    (slice) => {
      const addresses = mapsAt(slice, 'endpoints').flatMap((one) => textsAt(one, 'addresses'))
      return addresses.length === 0 ? '<unset>' : firstOf(addresses, 3)
    },
    age,
  ),
  'RoleBinding.rbac.authorization.k8s.io': binding,
  'ClusterRoleBinding.rbac.authorization.k8s.io': binding,
  'StorageClass.storage.k8s.io': printer(
    'Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age',
    defaultable('storageclass.kubernetes.io/is-default-class'),
    text('provisioner'),
    text('reclaimPolicy', 'Delete'),
    text('volumeBindingMode', 'Immediate'),
    flag('allowVolumeExpansion'),
    age,
  ),
  'CSIDriver.storage.k8s.io': printer(
    'Name|AttachRequired?|PodInfoOnMount?|StorageCapacity?|TokenRequests|RequiresRepublish?|Modes|Age',
    name,
    (driver) => at(driver, 'spec.attachRequired') !== false,
    flag('spec.podInfoOnMount'),
    flag('spec.storageCapacity'),
    (driver) =>
      at(driver, 'spec.tokenRequests') === undefined
        ? '<unset>'
        : mapsAt(driver, 'spec.tokenRequests')
            .map((one) => textAt(one, 'audience'))
            .join(','),
    flag('spec.requiresRepublish'),
    (driver) => textsAt(driver, 'spec.volumeLifecycleModes').join(',') || '<none>',
    age,
  ),
  'CSINode.storage.k8s.io': printer('Name|Drivers#|Age', name, count('spec.drivers'), age),
  'VolumeAttachment.storage.k8s.io': printer(
    'Name|Attacher|PV|Node|Attached?|Age',
    name,
    text('spec.attacher'),
    text('spec.source.persistentVolumeName'),
    text('spec.nodeName'),
    flag('status.attached'),
    age,
  ),
  'VolumeAttributesClass.storage.k8s.io': printer(
    'Name|DriverName|Age',
    defaultable('storageclass.kubernetes.io/is-default-class'),
    text('driverName'),
    age,
  ),
  'PriorityClass.scheduling.k8s.io': printer(
    'Name|Value#|Global-Default?|Age|PreemptionPolicy',
    name,
    number('value'),
    flag('globalDefault'),
    age,
    text('preemptionPolicy'),
  ),
  'Lease.coordination.k8s.io': printer('Name|Holder|Age', name, text('spec.holderIdentity'), age),
  'RuntimeClass.node.k8s.io': printer('Name|Handler|Age', name, text('handler'), age),
  'APIService.apiregistration.k8s.io': printer(
    'Name|Service|Available|Age',
    name,
    (service) => {
      const target = at(service, 'spec.service')
      return target ? `${textAt(target, 'namespace')}/${textAt(target, 'name')}` : 'Local'
    },
    availableText,
    age,
  ),
  'MutatingWebhookConfiguration.admissionregistration.k8s.io': webhooks,
  'ValidatingWebhookConfiguration.admissionregistration.k8s.io': webhooks,
  'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io': policyBinding,
  'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io': policyBinding,
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io': printer(
    'Name|Validations#|ParamKind|Age',
    name,
    count('spec.validations'),
    parameterKind,
    age,
  ),
  'MutatingAdmissionPolicy.admissionregistration.k8s.io': printer(
    'Name|Mutations#|ParamKind|Age',
    name,
    count('spec.mutations'),
    parameterKind,
    age,
  ),
}

function defaultable(annotation: string): Cell {
  return ({ metadata }) =>
    metadata.annotations?.[annotation] === 'true' ? `${metadata.name} (default)` : metadata.name
}

function hostsText(ingress: Obj): string {
  const hosts = mapsAt(ingress, 'spec.rules')
    .map((rule) => textAt(rule, 'host'))
    .filter((host) => host !== '')
  return hosts.length === 0 ? '*' : firstOf(hosts, 3)
}

function subjects(object: Obj, kind: string): string {
  return mapsAt(object, 'subjects')
    .filter((subject) => subject['kind'] === kind)
    .map((subject) =>
      kind === 'ServiceAccount'
        ? `${textAt(subject, 'namespace')}/${textAt(subject, 'name')}`
        : textAt(subject, 'name'),
    )
    .join(', ')
}

function parameterText(object: Obj): string {
  const parameters = at(object, 'spec.paramRef')
  const named = textAt(parameters, 'name')
  return named === '' ? '<unset>' : `${textAt(parameters, 'namespace') || '*'}/${named}`
}

function availableText(service: Obj): string {
  const available = mapsAt(service, 'status.conditions').find((one) => one['type'] === 'Available')
  if (available === undefined) return 'Unknown'
  const status = textAt(available, 'status')
  return status === 'True' ? status : `${status} (${textAt(available, 'reason')})`
}
