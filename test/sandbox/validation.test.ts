import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBuiltin } from '../../lib/sandbox/decode.ts'
import { applyBuiltinDefaults } from '../../lib/sandbox/defaults.ts'
import { builtinDefinitions } from '../../lib/sandbox/kinds.ts'
import type { Obj } from '../../lib/sandbox/types.ts'
import { validateBuiltin } from '../../lib/sandbox/validation.ts'

const test = suite('validateBuiltin()')
const definitions = builtinDefinitions()

type Fields = { [field: string]: unknown }

function refusals(kind: string, fields: Fields, before?: Obj): string[] {
  const definition = definitions.find((one) => one.kind === kind)!
  const { group, version } = definition
  const apiVersion = group === '' ? version : `${group}/${version}`
  const metadata = { name: 'x', namespace: 'shop', uid: 'u' }
  const object = { apiVersion, kind, metadata, ...fields } as Obj
  const after = applyBuiltinDefaults(decodeBuiltin(definition, object))
  return validateBuiltin({ definition, before, after }).map((one) => `${one.field}: ${one.message}`)
}

const container = (more: Fields = {}): Fields => ({ name: 'c', image: 'i', ...more })
const pod = (more: Fields = {}): Fields => ({ spec: { containers: [container()], ...more } })
const one = (more: Fields): Fields => pod({ containers: [container(more)] })
const labelled = { metadata: { labels: { app: 'web' } }, ...pod() }
const deployment = (more: Fields = {}): Fields => ({
  spec: { selector: { matchLabels: { app: 'web' } }, template: labelled, ...more },
})
const job = (more: Fields = {}): Fields => ({
  spec: { template: pod({ restartPolicy: 'Never' }), ...more },
})
const service = (spec: Fields): Fields => ({ spec })
const ingress = (path: Fields): Fields => ({ spec: { rules: [{ http: { paths: [path] } }] } })
const backend = { service: { name: 's', port: { number: 80 } } }

for (const [kind, fields] of [
  ['Pod', pod()],
  ['Deployment', deployment()],
  ['Job', job()],
  ['Service', service({ ports: [{ port: 80 }] })],
  ['Service', service({ clusterIP: 'None' })],
  ['ConfigMap', { data: { 'a.b-c_d': 'x' } }],
  ['Ingress', ingress({ path: '/', pathType: 'Prefix', backend })],
  ['Role', { rules: [] }],
] as [string, Fields][])
  test(`accepts a plain ${kind} ${JSON.stringify(fields).slice(0, 60)}`, () => {
    assert.equal(refusals(kind, fields), [])
  })

for (const [situation, kind, fields, expected] of [
  ['a pod without containers', 'Pod', pod({ containers: [] }), 'spec.containers: Required value'],
  [
    'a container without a name',
    'Pod',
    pod({ containers: [{ image: 'i' }] }),
    'spec.containers[0].name: Required value',
  ],
  [
    'a container without an image',
    'Pod',
    pod({ containers: [{ name: 'c' }] }),
    'spec.containers[0].image: Required value',
  ],
  [
    'a name in capitals',
    'Pod',
    one({ name: 'A' }),
    'spec.containers[0].name: Invalid value: "A": a lowercase RFC 1123 label must consist of',
  ],
  [
    'two containers of one name',
    'Pod',
    pod({ containers: [container(), container()] }),
    'spec.containers[1].name: Duplicate value: "c"',
  ],
  [
    'a port that is none',
    'Pod',
    one({ ports: [{ containerPort: 70000 }] }),
    'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    'a mount without its volume',
    'Pod',
    one({ volumeMounts: [{ name: 'v', mountPath: '/' }] }),
    'spec.containers[0].volumeMounts[0].name: Not found: "v"',
  ],
  [
    'a volume of two kinds',
    'Pod',
    pod({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] }),
    'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ],
  [
    'a probe that does nothing',
    'Pod',
    one({ livenessProbe: {} }),
    'spec.containers[0].livenessProbe: Required value: must specify a handler type',
  ],
  [
    'requests above limits',
    'Pod',
    one({ resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } }),
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    'an unknown restart policy',
    'Pod',
    pod({ restartPolicy: 'Foo' }),
    'spec.restartPolicy: Unsupported value: "Foo": supported values: "Always", "Never", "OnFailure"',
  ],
  [
    'a missing selector',
    'Deployment',
    deployment({ selector: null }),
    'spec.selector: Required value',
  ],
  [
    'an empty selector',
    'Deployment',
    deployment({ selector: {} }),
    'spec.selector: Invalid value: {}: empty selector is invalid for deployment',
  ],
  [
    'a selector that misses its template',
    'Deployment',
    deployment({ selector: { matchLabels: { app: 'api' } } }),
    'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
  ],
  [
    'negative replicas',
    'Deployment',
    deployment({ replicas: -1 }),
    'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    'pods that end in a Deployment',
    'Deployment',
    deployment({ template: { ...labelled, ...pod({ restartPolicy: 'Never' }) } }),
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
  ],
  [
    'a rollout that cannot move',
    'Deployment',
    deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
  ],
  [
    'pods that never end in a Job',
    'Job',
    job({ template: pod() }),
    'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
  [
    'a Job with a selector of its own',
    'Job',
    job({ selector: { matchLabels: { a: 'b' } } }),
    'spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` not auto-generated',
  ],
  [
    'a schedule that is none',
    'CronJob',
    { spec: { schedule: 'x', jobTemplate: job() } },
    'spec.schedule: Invalid value: "x": expected exactly 5 fields, found 1: [x]',
  ],
  ['a Service without ports', 'Service', service({}), 'spec.ports: Required value'],
  [
    'two ports without names',
    'Service',
    service({ ports: [{ port: 80 }, { port: 81 }] }),
    'spec.ports[0].name: Required value',
  ],
  [
    'the same port twice',
    'Service',
    service({
      ports: [
        { port: 80, name: 'a' },
        { port: 80, name: 'b' },
      ],
    }),
    'spec.ports[1]: Duplicate value',
  ],
  [
    'a TLS Secret without a key',
    'Secret',
    { type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'x' } },
    'data[tls.key]: Required value',
  ],
  [
    'a Secret over 1 MiB',
    'Secret',
    { stringData: { a: 'x'.repeat(1_048_577) } },
    'data: Too long: may not be more than 1048576 bytes',
  ],
  [
    'a key with a space',
    'ConfigMap',
    { data: { 'a b': 'x' } },
    'data[a b]: Invalid value: "a b": a valid config key must consist of',
  ],
  [
    'a path without its type',
    'Ingress',
    ingress({ path: '/', backend }),
    'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
  ],
  [
    'a relative path',
    'Ingress',
    ingress({ path: 'x', pathType: 'Prefix', backend }),
    'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path',
  ],
  [
    'a backend without a port',
    'Ingress',
    ingress({ path: '/', pathType: 'Exact', backend: { service: { name: 's' } } }),
    'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
  ],
  [
    'a rule without verbs',
    'Role',
    { rules: [{ apiGroups: [''], resources: ['pods'] }] },
    'rules[0].verbs: Required value: verbs must contain at least one value',
  ],
  [
    'a binding to what is no role',
    'RoleBinding',
    { roleRef: { kind: 'Foo', name: 'x' } },
    'roleRef.kind: Unsupported value: "Foo": supported values: "Role", "ClusterRole"',
  ],
  [
    'both ends of a budget',
    'PodDisruptionBudget',
    { spec: { minAvailable: 1, maxUnavailable: 1 } },
    'minAvailable and maxUnavailable cannot be both set',
  ],
  [
    'a claim without a size',
    'PersistentVolumeClaim',
    { spec: { accessModes: ['ReadWriteOnce'] } },
    'spec.resources[storage]: Required value',
  ],
  [
    'more at least than at most',
    'HorizontalPodAutoscaler',
    {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' },
        minReplicas: 5,
        maxReplicas: 3,
      },
    },
    'spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`',
  ],
  [
    'a peer that is nobody',
    'NetworkPolicy',
    { spec: { ingress: [{ from: [{}] }] } },
    'spec.ingress[0].from[0]: Required value: must specify a peer',
  ],
] as [string, string, Fields, string][])
  test(`refuses ${situation}`, () => {
    const found = refusals(kind, fields)
    assert.ok(
      found.some((text) => text.includes(expected)),
      JSON.stringify(found),
    )
  })

test('does not ask an old object for what only new ones must have', () => {
  const selector = { matchLabels: { a: 'b' } }
  const fields = job({ selector })
  const before = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'x' }, ...fields } as Obj
  assert.equal(refusals('Job', fields, before), [])
})

test('lets the pods of a StatefulSet mount what it claims for them', () => {
  const volumeMounts = [{ name: 'data', mountPath: '/data' }]
  const template = { ...labelled, ...pod({ containers: [container({ volumeMounts })] }) }
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }
  const set = deployment({ template, volumeClaimTemplates: [claim] })
  assert.equal(refusals('StatefulSet', set), [])
  assert.equal(refusals('StatefulSet', deployment({ template })), [
    'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"',
  ])
})

test('leaves a status to whoever writes it', () => {
  assert.equal(refusals('Pod', { ...pod(), status: { containerStatuses: [{ name: 'c' }] } }), [])
})

test.run()
