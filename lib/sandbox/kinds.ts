// Which kinds does the sandbox serve without being told, under which names, with which verbs?
import { accessTypes } from './kinds/access.ts'
import { clusterTypes } from './kinds/cluster.ts'
import { coreTypes } from './kinds/core.ts'
import { extensionTypes } from './kinds/extension.ts'
import { metaTypes } from './kinds/meta.ts'
import { networkTypes } from './kinds/network.ts'
import { podTypes } from './kinds/pods.ts'
import { compileTypes, type TypeFinder } from './kinds/shorthand.ts'
import { volumeTypes } from './kinds/volumes.ts'
import { workloadTypes } from './kinds/workloads.ts'
import { builtinColumns } from './columns.ts'
import type { Schema } from './schema.ts'
import type { ResourceDefinition } from './types.ts'

// A group and version, the package of its types, then its kinds: plural, short names, and what is special about it.
const catalog = `
v1 io.k8s.api.core.v1
  ConfigMap configmaps cm
  Endpoints endpoints ep
  Event events ev
  LimitRange limitranges limits
  Namespace namespaces ns cluster status keep
  Node nodes no cluster status
  PersistentVolume persistentvolumes pv cluster status
  PersistentVolumeClaim persistentvolumeclaims pvc status
  Pod pods po status all
  PodTemplate podtemplates
  ReplicationController replicationcontrollers rc status scale all
  ResourceQuota resourcequotas quota status
  Secret secrets
  Service services svc status all
  ServiceAccount serviceaccounts sa
admissionregistration.k8s.io/v1 io.k8s.api.admissionregistration.v1
  MutatingAdmissionPolicy mutatingadmissionpolicies cluster api-extensions
  MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings cluster api-extensions
  MutatingWebhookConfiguration mutatingwebhookconfigurations cluster api-extensions
  ValidatingAdmissionPolicy validatingadmissionpolicies cluster status api-extensions
  ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings cluster api-extensions
  ValidatingWebhookConfiguration validatingwebhookconfigurations cluster api-extensions
apiextensions.k8s.io/v1 io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1
  CustomResourceDefinition customresourcedefinitions crd crds cluster status api-extensions
apiregistration.k8s.io/v1 io.k8s.kube-aggregator.pkg.apis.apiregistration.v1
  APIService apiservices cluster status api-extensions
apps/v1 io.k8s.api.apps.v1
  ControllerRevision controllerrevisions
  DaemonSet daemonsets ds status all
  Deployment deployments deploy status scale all
  ReplicaSet replicasets rs status scale all
  StatefulSet statefulsets sts status scale all
authentication.k8s.io/v1 io.k8s.api.authentication.v1
  SelfSubjectReview selfsubjectreviews cluster review
  TokenReview tokenreviews cluster review
authorization.k8s.io/v1 io.k8s.api.authorization.v1
  LocalSubjectAccessReview localsubjectaccessreviews review
  SelfSubjectAccessReview selfsubjectaccessreviews cluster review
  SelfSubjectRulesReview selfsubjectrulesreviews cluster review
  SubjectAccessReview subjectaccessreviews cluster review
autoscaling/v2 io.k8s.api.autoscaling.v2
  HorizontalPodAutoscaler horizontalpodautoscalers hpa status all
autoscaling/v1 io.k8s.api.autoscaling.v1
  HorizontalPodAutoscaler horizontalpodautoscalers hpa status all
batch/v1 io.k8s.api.batch.v1
  CronJob cronjobs cj status all
  Job jobs status all
coordination.k8s.io/v1 io.k8s.api.coordination.v1
  Lease leases
discovery.k8s.io/v1 io.k8s.api.discovery.v1
  EndpointSlice endpointslices
events.k8s.io/v1 io.k8s.api.events.v1
  Event events ev
networking.k8s.io/v1 io.k8s.api.networking.v1
  Ingress ingresses ing status
  IngressClass ingressclasses cluster
  NetworkPolicy networkpolicies netpol
node.k8s.io/v1 io.k8s.api.node.v1
  RuntimeClass runtimeclasses cluster
policy/v1 io.k8s.api.policy.v1
  PodDisruptionBudget poddisruptionbudgets pdb status
rbac.authorization.k8s.io/v1 io.k8s.api.rbac.v1
  ClusterRole clusterroles cluster
  ClusterRoleBinding clusterrolebindings cluster
  Role roles
  RoleBinding rolebindings
scheduling.k8s.io/v1 io.k8s.api.scheduling.v1
  PriorityClass priorityclasses pc cluster
storage.k8s.io/v1 io.k8s.api.storage.v1
  CSIDriver csidrivers cluster
  CSINode csinodes cluster
  CSIStorageCapacity csistoragecapacities
  StorageClass storageclasses sc cluster
  VolumeAttachment volumeattachments cluster status
  VolumeAttributesClass volumeattributesclasses vac cluster
`

const subresources = ['status', 'scale'] as const
const categories = ['all', 'api-extensions']
// "cluster" is not in a namespace, "keep" knows no deletecollection, a "review" is answered and never stored.
const words: readonly string[] = [...subresources, ...categories, 'cluster', 'keep', 'review']
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** Every built-in kind, preferred versions first, with its schema and the names kubectl users know. */
export function builtinDefinitions(): readonly ResourceDefinition[] {
  const find = compileTypes(
    [metaTypes, volumeTypes, podTypes, coreTypes, workloadTypes, networkTypes, accessTypes]
      .concat(clusterTypes, extensionTypes)
      .join('\n'),
  )
  const definitions: ResourceDefinition[] = []
  let [group, version, pack] = ['', '', '']
  for (const line of catalog.trim().split('\n')) {
    if (line.startsWith('  ')) {
      definitions.push(definition({ group, version, pack, line: line.trim(), find }))
      continue
    }
    const [groupVersion = '', packName = ''] = line.split(' ')
    const slash = groupVersion.indexOf('/')
    group = groupVersion.slice(0, Math.max(slash, 0))
    version = groupVersion.slice(slash + 1)
    pack = packName
  }
  return definitions
}

function definition(at: {
  group: string
  version: string
  pack: string
  line: string
  find: TypeFinder
}): ResourceDefinition {
  const { group, version } = at
  const [kind = '', plural = '', ...rest] = at.line.split(' ')
  const has = (word: string): boolean => rest.includes(word)
  return {
    group,
    version,
    kind,
    listKind: `${kind}List`,
    plural,
    singular: kind.toLowerCase(),
    shortNames: rest.filter((word) => !words.includes(word)),
    categories: categories.filter(has),
    namespaced: !has('cluster'),
    subresources: subresources.filter(has),
    verbs: has('review')
      ? ['create']
      : verbs.filter((verb) => !has('keep') || verb !== 'deletecollection'),
    schema: kindSchema(at.find(`${at.pack}.${kind}`), { group, version, kind }, at.find),
    columns: builtinColumns(group, kind),
    custom: false,
  }
}

// The type finder shares schemas, so that a kind inside another (a claim in a StatefulSet) gains its metadata too.
function kindSchema(
  schema: Schema,
  gvk: { group: string; version: string; kind: string },
  find: TypeFinder,
): Schema {
  schema['properties'] = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: find('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'),
    ...(schema['properties'] as Schema),
  }
  schema['x-kubernetes-group-version-kind'] = [gvk]
  return schema
}
