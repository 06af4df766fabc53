// What Helm says of objects that are there already, of kinds that are not served, and of fields of the wrong type.
import { listed, refOf, short } from './phrases.ts'

/**
 * An object that Helm will not take over, and whose it is. The names of objects are unique in a namespace only, so that
 * releases of the same name in two namespaces may want the same cluster-wide object.
 */
export function explainImport(text: string): string {
  const [, kind, name, namespace] =
    /(\w+) "([^"]+)" in namespace "([^"]*)" exists and cannot be imported/.exec(text) ?? []
  const object = `${refOf(kind, namespace, name)} exists and`
  const otherName = currentValue(text, 'release-name')
  const otherNamespace = currentValue(text, 'release-namespace')
  const isUnlabelled = /missing key "(?:app\.kubernetes\.io|meta\.helm\.sh)/.test(text)
  if (otherName === undefined && otherNamespace === undefined && isUnlabelled)
    return `${object} is not managed by Helm; delete it if nothing needs it, or label and annotate it for adoption`
  const other = [
    otherName === undefined ? 'the release of the same name' : `release "${otherName}"`,
    ...(otherNamespace === undefined ? [] : [`in namespace "${otherNamespace}"`]),
  ].join(' ')
  return `${object} belongs to ${other}, which still needs it; choose another name for it in the values, or let only one of the two releases have it`
}

function currentValue(text: string, key: string): string | undefined {
  const pattern = new RegExp(
    `meta\\.helm\\.sh/${key}" must equal "[^"]*": current value is "([^"]*)"`,
  )
  return pattern.exec(text)?.[1]
}

// Kinds of Kubernetes itself that moved to another API, or went: https://kubernetes.io/docs/reference/using-api/deprecation-guide/
const movedTo: Readonly<Record<string, string>> = {
  'DaemonSet extensions': 'apps/v1',
  'Deployment extensions': 'apps/v1',
  'ReplicaSet extensions': 'apps/v1',
  'DaemonSet apps': 'apps/v1',
  'Deployment apps': 'apps/v1',
  'ReplicaSet apps': 'apps/v1',
  'StatefulSet apps': 'apps/v1',
  'Ingress extensions': 'networking.k8s.io/v1',
  'Ingress networking.k8s.io': 'networking.k8s.io/v1',
  'IngressClass networking.k8s.io': 'networking.k8s.io/v1',
  'NetworkPolicy extensions': 'networking.k8s.io/v1',
  'CronJob batch': 'batch/v1',
  'PodDisruptionBudget policy': 'policy/v1',
  'HorizontalPodAutoscaler autoscaling': 'autoscaling/v2',
  'CustomResourceDefinition apiextensions.k8s.io': 'apiextensions.k8s.io/v1',
  'APIService apiregistration.k8s.io': 'apiregistration.k8s.io/v1',
  'MutatingWebhookConfiguration admissionregistration.k8s.io': 'admissionregistration.k8s.io/v1',
  'ValidatingWebhookConfiguration admissionregistration.k8s.io': 'admissionregistration.k8s.io/v1',
  'ClusterRole rbac.authorization.k8s.io': 'rbac.authorization.k8s.io/v1',
  'ClusterRoleBinding rbac.authorization.k8s.io': 'rbac.authorization.k8s.io/v1',
  'Role rbac.authorization.k8s.io': 'rbac.authorization.k8s.io/v1',
  'RoleBinding rbac.authorization.k8s.io': 'rbac.authorization.k8s.io/v1',
  'PriorityClass scheduling.k8s.io': 'scheduling.k8s.io/v1',
  'StorageClass storage.k8s.io': 'storage.k8s.io/v1',
  'CSIDriver storage.k8s.io': 'storage.k8s.io/v1',
  'CSINode storage.k8s.io': 'storage.k8s.io/v1',
  'VolumeAttachment storage.k8s.io': 'storage.k8s.io/v1',
  'CSIStorageCapacity storage.k8s.io': 'storage.k8s.io/v1',
  'Lease coordination.k8s.io': 'coordination.k8s.io/v1',
  'EndpointSlice discovery.k8s.io': 'discovery.k8s.io/v1',
  'Event events.k8s.io': 'events.k8s.io/v1',
  'RuntimeClass node.k8s.io': 'node.k8s.io/v1',
  'CertificateSigningRequest certificates.k8s.io': 'certificates.k8s.io/v1',
  'FlowSchema flowcontrol.apiserver.k8s.io': 'flowcontrol.apiserver.k8s.io/v1',
  'PriorityLevelConfiguration flowcontrol.apiserver.k8s.io': 'flowcontrol.apiserver.k8s.io/v1',
}
const withoutSuccessor = [
  'PodSecurityPolicy policy',
  'PodSecurityPolicy extensions',
  'PodPreset settings.k8s.io',
]

/** Kinds that the API server does not serve, and for each what helps: another version of it, nothing, or its CRD. */
export function explainUnknownKinds(text: string): string {
  const kinds = Array.from(
    text.matchAll(/no matches for kind "([^"]+)" in version "([^"]+)"/g),
    ([, kind = '', version = '']) => ({ kind, version, key: `${kind} ${version.split('/')[0]}` }),
  )
  const unknown = `the API server knows no ${listed(kinds.map(({ kind, version }) => `${kind} of ${version}`))}`
  const remedies = kinds.map(({ kind, key }) => {
    const successor = movedTo[key]
    if (successor !== undefined) return `${kind} is served as ${successor} now`
    if (withoutSuccessor.includes(key)) return `Kubernetes has no ${kind} any more`
    return 'install its CRD first, or use a version that is served'
  })
  const isGone = kinds.some(({ key }) => key in movedTo || withoutSuccessor.includes(key))
  const advice = isGone ? '; choose a newer version of the chart' : ''
  return `${unknown}; ${listed(remedies)}${advice}`
}

/** Which field of which object got a value of the wrong type. */
export function explainWrongType(text: string): string {
  const [, patched, patchedKind] = /cannot patch "([^"]+)" with kind (\w+)/.exec(text) ?? []
  const [, kind] = / in version "[^"]*" cannot be handled as an? (\w+)/.exec(text) ?? []
  const object = patched === undefined ? (kind ?? 'an object') : `${patchedKind} "${patched}"`
  return `${short(object)} is invalid: ${describeWrongType(text)}; correct the values, or the chart`
}

/** "field spec.replicas gets a string where int32 is wanted"; Go names the type after the field's path. */
export function describeWrongType(text: string): string {
  const [, value = '', path = '', type = ''] =
    /json: cannot unmarshal (\w+) into Go (?:struct field|value) (\S*?) ?of type (\S+)/.exec(
      text,
    ) ?? []
  // "DeploymentSpec.spec.replicas": the part before the first point is the name of a Go type.
  const field = path.includes('.') ? path.slice(path.indexOf('.') + 1) : path
  const where = field === '' ? 'a field' : `field ${field}`
  return `${where} gets a ${value} where ${type} is wanted`
}
