// One good object of many kinds, and where each is sent, for requests that are to be spoilt.

const template = {
  metadata: { labels: { a: 'b' } },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'i:1',
        command: ['sh', '-c', 'echo x; sleep 5'],
        env: [
          { name: 'A', value: '1' },
          { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
        ],
        envFrom: [{ configMapRef: { name: 'c' } }],
        ports: [{ containerPort: 80, name: 'http' }],
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
        resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2' } },
        readinessProbe: { httpGet: { path: '/', port: 'http' } },
      },
    ],
    initContainers: [{ name: 'init', image: 'i' }],
    volumes: [{ name: 'v', configMap: { name: 'c' } }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'k', operator: 'Exists' }] }],
        },
      },
    },
    tolerations: [{ key: 'k', operator: 'Exists' }],
    imagePullSecrets: [{ name: 's' }],
  },
}
const selector = {
  matchLabels: { a: 'b' },
  matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }],
}
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const metadata = {
  name: 'a',
  labels: { a: 'b' },
  annotations: { c: 'd' },
  finalizers: ['example.test/a'],
}

type Kind = [apiVersion: string, kind: string, plural: string, more: object, cluster?: true]

const kinds: Kind[] = [
  ['v1', 'Pod', 'pods', { spec: template.spec }],
  [
    'v1',
    'Service',
    'services',
    { spec: { type: 'NodePort', selector: { a: 'b' }, ports: [{ port: 80 }] } },
  ],
  ['v1', 'ConfigMap', 'configmaps', { data: { k: 'v' }, binaryData: { b: 'YQ==' } }],
  ['v1', 'Secret', 'secrets', { data: { k: 'YQ==' }, stringData: { l: 'm' } }],
  ['v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', { spec: claim }],
  ['v1', 'ServiceAccount', 'serviceaccounts', { secrets: [{ name: 's' }] }],
  [
    'v1',
    'Event',
    'events',
    { involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' }, reason: 'r', message: 'm' },
  ],
  ['v1', 'Namespace', 'namespaces', { spec: { finalizers: ['kubernetes'] } }, true],
  [
    'v1',
    'PersistentVolume',
    'persistentvolumes',
    {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/x' },
      },
    },
    true,
  ],
  [
    'v1',
    'ReplicationController',
    'replicationcontrollers',
    { spec: { replicas: 1, selector: { a: 'b' }, template } },
  ],
  [
    'apps/v1',
    'Deployment',
    'deployments',
    { spec: { replicas: 2, selector, template, strategy: { rollingUpdate: { maxSurge: '25%' } } } },
  ],
  ['apps/v1', 'ReplicaSet', 'replicasets', { spec: { replicas: 1, selector, template } }],
  [
    'apps/v1',
    'StatefulSet',
    'statefulsets',
    {
      spec: {
        serviceName: 'a',
        replicas: 1,
        selector,
        template,
        volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: claim }],
      },
    },
  ],
  ['apps/v1', 'DaemonSet', 'daemonsets', { spec: { selector, template } }],
  [
    'batch/v1',
    'Job',
    'jobs',
    { spec: { backoffLimit: 1, template: { spec: { ...template.spec, restartPolicy: 'Never' } } } },
  ],
  [
    'batch/v1',
    'CronJob',
    'cronjobs',
    {
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } },
      },
    },
  ],
  [
    'policy/v1',
    'PodDisruptionBudget',
    'poddisruptionbudgets',
    { spec: { minAvailable: 1, selector } },
  ],
  [
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    'horizontalpodautoscalers',
    {
      spec: {
        minReplicas: 1,
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
      },
    },
  ],
  [
    'networking.k8s.io/v1',
    'Ingress',
    'ingresses',
    {
      spec: {
        rules: [
          {
            host: 'h',
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'a', port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    },
  ],
  [
    'rbac.authorization.k8s.io/v1',
    'Role',
    'roles',
    { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
  ],
  [
    'rbac.authorization.k8s.io/v1',
    'ClusterRole',
    'clusterroles',
    {
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
    },
    true,
  ],
  [
    'rbac.authorization.k8s.io/v1',
    'RoleBinding',
    'rolebindings',
    {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' },
      subjects: [{ kind: 'ServiceAccount', name: 'a', namespace: 'default' }],
    },
  ],
  [
    'coordination.k8s.io/v1',
    'Lease',
    'leases',
    {
      spec: {
        holderIdentity: 'x',
        leaseDurationSeconds: 5,
        renewTime: '2026-01-01T00:00:00.000000Z',
      },
    },
  ],
  ['storage.k8s.io/v1', 'StorageClass', 'storageclasses', { provisioner: 'p' }, true],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {}, true],
  [
    'example.test/v1',
    'Widget',
    'widgets',
    { spec: { size: 3, parts: [{ name: 'p', count: 1 }], free: { a: 1 } }, status: { phase: 'x' } },
  ],
]

const part = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, count: { type: 'integer', default: 1 } },
}

export const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.test' },
  spec: {
    group: 'example.test',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' },
        },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                'x-kubernetes-validations': [
                  {
                    rule: '!has(self.parts) || self.parts.all(p, p.name != "" && self.size < 100)',
                  },
                ],
                properties: {
                  size: { type: 'integer', default: 1 },
                  parts: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: part,
                  },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  code: { type: 'string', pattern: '^[[:alpha:]]+$' },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
}

export const objects: readonly object[] = kinds.map(([apiVersion, kind, , more]) =>
  kind === 'CustomResourceDefinition'
    ? widgetDefinition
    : { apiVersion, kind, metadata: structuredClone(metadata), ...structuredClone(more) },
)

export const paths: readonly string[] = kinds.map(([apiVersion, , plural, , isCluster]) => {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
  return isCluster ? `${root}/${plural}` : `${root}/namespaces/default/${plural}`
})

/** How a sandbox's own clients name each kind: "deployments.apps". */
export const kindNames: readonly string[] = kinds.map(([apiVersion, , plural]) =>
  apiVersion === 'v1' ? plural : `${plural}.${apiVersion.split('/')[0]}`,
)
