import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { applyBuiltinDefaults } from '../../lib/sandbox/defaults.ts'
import type { Obj } from '../../lib/sandbox/types.ts'

const test = suite('applyBuiltinDefaults()')

type Fields = { [field: string]: unknown }

function filled(apiVersion: string, kind: string, fields: Fields): Fields {
  return applyBuiltinDefaults({
    apiVersion,
    kind,
    metadata: { name: 'x', uid: 'u' },
    ...fields,
  } as Obj)
}

function spec(apiVersion: string, kind: string, fields: Fields): Fields {
  return filled(apiVersion, kind, { spec: fields })['spec'] as Fields
}

const template = { spec: { containers: [{ name: 'a', image: 'a' }] } }

test('rolls Deployments by a quarter and remembers ten revisions', () => {
  const { template: _, ...rest } = spec('apps/v1', 'Deployment', { template })
  assert.equal(rest, {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
  })
})

test('leaves alone what the author wrote', () => {
  const own = { replicas: 0, strategy: { type: 'Recreate' }, revisionHistoryLimit: 0, template }
  const { replicas, strategy, revisionHistoryLimit } = spec('apps/v1', 'Deployment', own)
  assert.equal([replicas, strategy, revisionHistoryLimit], [0, { type: 'Recreate' }, 0])
})

test('does not change what it is given', () => {
  const given = { template: structuredClone(template) }
  spec('apps/v1', 'Deployment', given)
  assert.equal(given, { template })
})

test('completes containers, probes and volumes in a template', () => {
  const container = {
    name: 'a',
    image: 'registry:5000/a',
    ports: [{ containerPort: 80 }],
    readinessProbe: { httpGet: { port: 80 } },
    env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  }
  const volumes = [{ name: 'v' }, { name: 's', secret: { secretName: 's' } }]
  const found = spec('apps/v1', 'DaemonSet', {
    template: { spec: { containers: [container], volumes } },
  })
  const pod = (found['template'] as { spec: Fields }).spec
  assert.equal(pod, {
    containers: [
      {
        ...container,
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        readinessProbe: {
          httpGet: { port: 80, path: '/', scheme: 'HTTP' },
          timeoutSeconds: 1,
          periodSeconds: 10,
          successThreshold: 1,
          failureThreshold: 3,
        },
        env: [
          { name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v1' } } },
        ],
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'Always',
        resources: {},
      },
    ],
    volumes: [
      { name: 'v', emptyDir: {} },
      { name: 's', secret: { secretName: 's', defaultMode: 420 } },
    ],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  })
})

for (const [image, policy] of [
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['nginx:1.2', 'IfNotPresent'],
  ['registry:5000/nginx', 'Always'],
  ['nginx@sha256:abc', 'IfNotPresent'],
] as const)
  test(`pulls ${image} ${policy}`, () => {
    const { containers } = spec('v1', 'Pod', { containers: [{ name: 'a', image }] })
    assert.is((containers as Fields[])[0]!['imagePullPolicy'], policy)
  })

test('asks for what a pod of its own is limited to, and bears with lost nodes', () => {
  const resources = { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }
  const pod = spec('v1', 'Pod', { containers: [{ name: 'a', image: 'a', resources }] })
  assert.equal((pod['containers'] as { resources: Fields }[])[0]!.resources['requests'], {
    cpu: '500m',
    memory: '1Gi',
  })
  assert.is((pod['tolerations'] as unknown[]).length, 2)
  assert.is(pod['serviceAccountName'], 'default')
})

test('lets a Job find its pods by its own identity', () => {
  const job = spec('batch/v1', 'Job', { template })
  assert.equal(job['selector'], { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' } })
  const { labels } = (job['template'] as { metadata: { labels: Fields } }).metadata
  assert.is(labels['batch.kubernetes.io/job-name'], 'x')
  assert.equal([job['completions'], job['parallelism'], job['backoffLimit']], [1, 1, 6])
})

test('does not ask for completions when only parallelism is given', () => {
  assert.is(spec('batch/v1', 'Job', { parallelism: 3, template })['completions'], undefined)
})

test('gives Services a type, and ports a protocol and a target', () => {
  const { ports, type, sessionAffinity } = spec('v1', 'Service', { ports: [{ port: 80 }] })
  assert.equal(ports, [{ port: 80, protocol: 'TCP', targetPort: 80 }])
  assert.equal([type, sessionAffinity], ['ClusterIP', 'None'])
})

test('gives a Service that is only a name no addresses', () => {
  const external = spec('v1', 'Service', { type: 'ExternalName', externalName: 'a.b' })
  assert.is(external['ipFamilies'], undefined)
  assert.is(external['internalTrafficPolicy'], undefined)
})

test('encodes the plain half of a Secret over the encoded one', () => {
  const secret = filled('v1', 'Secret', { data: { a: 'eA==', b: 'eA==' }, stringData: { b: 'y' } })
  assert.equal([secret['data'], secret['stringData']], [{ a: 'eA==', b: 'eQ==' }, undefined])
  assert.is(secret['type'], 'Opaque')
})

test('completes references to roles and to people', () => {
  const subjects = [
    { kind: 'User', name: 'a' },
    { kind: 'ServiceAccount', name: 'b' },
  ]
  const fields = { roleRef: { kind: 'Role', name: 'r' }, subjects }
  const binding = filled('rbac.authorization.k8s.io/v1', 'RoleBinding', fields)
  assert.is((binding['roleRef'] as Fields)['apiGroup'], 'rbac.authorization.k8s.io')
  assert.equal(
    (binding['subjects'] as Fields[]).map(({ apiGroup }) => apiGroup),
    ['rbac.authorization.k8s.io', undefined],
  )
})

test('knows the two versions of an autoscaler apart', () => {
  assert.is(
    spec('autoscaling/v1', 'HorizontalPodAutoscaler', {})['targetCPUUtilizationPercentage'],
    80,
  )
  assert.ok(Array.isArray(spec('autoscaling/v2', 'HorizontalPodAutoscaler', {})['metrics']))
})

test('names a custom kind in the singular and as a list', () => {
  const names = { plural: 'widgets', kind: 'Widget' }
  const found = spec('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { names })
  assert.equal(found['names'], { ...names, singular: 'widget', listKind: 'WidgetList' })
})

test('knows nothing of custom kinds, whatever they are called', () => {
  const object = {
    apiVersion: 'example.com/v1',
    kind: 'Service',
    metadata: { name: 'x' },
    spec: {},
  }
  assert.is(applyBuiltinDefaults(object as Obj), object as Obj)
})

test.run()
