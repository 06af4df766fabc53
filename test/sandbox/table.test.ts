import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { builtinDefinitions } from '../../lib/sandbox/kinds.ts'
import { toTable } from '../../lib/sandbox/table.ts'
import type { Json, Obj, ResourceDefinition } from '../../lib/sandbox/types.ts'

const test = suite('toTable()')
const definitions = builtinDefinitions()
const now = Date.parse('2026-01-01T01:00:00Z')

type Fields = { [field: string]: unknown }

function row(kind: string, fields: Fields, wide = false): Json {
  const definition = definitions.find((one) => one.kind === kind)!
  const metadata = {
    name: 'x',
    creationTimestamp: '2026-01-01T00:55:00Z',
    ...(fields['metadata'] as Fields),
  }
  const object = { apiVersion: 'v1', kind, ...fields, metadata } as Obj
  const table = toTable({ definition, objects: [object], includeObject: 'None', now })
  const columns = table['columnDefinitions'] as { priority: number }[]
  const [{ cells }] = table['rows'] as [{ cells: Json[] }]
  return cells.filter((_, index) => wide || columns[index]!.priority === 0)
}

const running = { running: { startedAt: '2026-01-01T00:55:00Z' } }
const twice = [{ name: 'a' }, { name: 'b' }]

for (const [situation, fields, expected] of [
  [
    'is scheduled',
    { spec: { containers: twice }, status: { phase: 'Pending' } },
    ['0/2', 'Pending', '0'],
  ],
  [
    'runs',
    {
      spec: { containers: twice },
      status: {
        phase: 'Running',
        containerStatuses: [
          { ready: true, state: running },
          { ready: true, state: running },
        ],
      },
    },
    ['2/2', 'Running', '0'],
  ],
  [
    'pulls in vain',
    {
      spec: { containers: [{ name: 'a' }] },
      status: {
        phase: 'Pending',
        containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }],
      },
    },
    ['0/1', 'ImagePullBackOff', '0'],
  ],
  [
    'crashes',
    {
      spec: { containers: [{ name: 'a' }] },
      status: {
        phase: 'Running',
        containerStatuses: [
          {
            restartCount: 3,
            lastState: { terminated: { finishedAt: '2026-01-01T00:59:00Z' } },
            state: { waiting: { reason: 'CrashLoopBackOff' } },
          },
        ],
      },
    },
    ['0/1', 'CrashLoopBackOff', '3 (60s ago)'],
  ],
  [
    'ended',
    {
      spec: { containers: [{ name: 'a' }] },
      status: {
        phase: 'Succeeded',
        containerStatuses: [{ state: { terminated: { reason: 'Completed', exitCode: 0 } } }],
      },
    },
    ['0/1', 'Completed', '0'],
  ],
  [
    'failed without a reason',
    {
      spec: { containers: [{ name: 'a' }] },
      status: { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 2 } } }] },
    },
    ['0/1', 'ExitCode:2', '0'],
  ],
  [
    'initializes',
    {
      spec: { containers: [{ name: 'a' }], initContainers: twice },
      status: {
        phase: 'Pending',
        initContainerStatuses: [{ state: { terminated: { exitCode: 0 } } }, { state: running }],
      },
    },
    ['0/1', 'Init:1/2', '0'],
  ],
  [
    'goes',
    {
      metadata: { deletionTimestamp: '2026-01-01T00:59:00Z' },
      spec: { containers: [{ name: 'a' }] },
      status: { phase: 'Running' },
    },
    ['0/1', 'Terminating', '0'],
  ],
] as [string, Fields, string[]][])
  test(`shows a pod that ${situation} as ${expected.join(' ')}`, () => {
    assert.equal(row('Pod', fields), ['x', ...expected, '5m'])
  })

for (const [kind, fields, expected] of [
  [
    'Deployment',
    {
      spec: { replicas: 3 },
      status: { readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1 },
    },
    ['x', '1/3', 2, 1, '5m'],
  ],
  ['StatefulSet', { spec: { replicas: 2 }, status: {} }, ['x', '0/2', '5m']],
  [
    'DaemonSet',
    { spec: {}, status: { desiredNumberScheduled: 1, currentNumberScheduled: 1, numberReady: 1 } },
    ['x', 1, 1, 1, 0, 0, '<none>', '5m'],
  ],
  [
    'Job',
    {
      spec: { completions: 2 },
      status: {
        succeeded: 2,
        startTime: '2026-01-01T00:55:00Z',
        completionTime: '2026-01-01T00:55:30Z',
        conditions: [{ type: 'Complete', status: 'True' }],
      },
    },
    ['x', 'Complete', '2/2', '30s', '5m'],
  ],
  [
    'CronJob',
    { spec: { schedule: '* * * * *', suspend: false } },
    ['x', '* * * * *', '<none>', 'False', 0, '<none>', '5m'],
  ],
  [
    'Service',
    {
      spec: {
        type: 'NodePort',
        clusterIPs: ['10.0.0.1'],
        ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }],
      },
    },
    ['x', 'NodePort', '10.0.0.1', '<none>', '80:30080/TCP', '5m'],
  ],
  [
    'Service',
    { spec: { type: 'LoadBalancer', clusterIPs: ['10.0.0.1'], ports: [] } },
    ['x', 'LoadBalancer', '10.0.0.1', '<pending>', '<none>', '5m'],
  ],
  ['ConfigMap', { data: { a: '1' }, binaryData: { b: '1' } }, ['x', 2, '5m']],
  ['Secret', { type: 'Opaque', data: { a: '1' } }, ['x', 'Opaque', 1, '5m']],
  ['Namespace', { status: { phase: 'Active' } }, ['x', 'Active', '5m']],
  [
    'Ingress',
    {
      spec: { ingressClassName: 'nginx', rules: [{ host: 'a.b' }], tls: [{}] },
      status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } },
    },
    ['x', 'nginx', 'a.b', '1.2.3.4', '80, 443', '5m'],
  ],
  [
    'PersistentVolumeClaim',
    {
      spec: { volumeName: 'v', storageClassName: 'fast' },
      status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
    },
    ['x', 'Bound', 'v', '1Gi', 'RWO', 'fast', '<unset>', '5m'],
  ],
  [
    'Node',
    {
      metadata: { labels: { 'node-role.kubernetes.io/worker': '' } },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        nodeInfo: { kubeletVersion: 'v1.36.2' },
      },
    },
    ['x', 'Ready', 'worker', '5m', 'v1.36.2'],
  ],
  [
    'PodDisruptionBudget',
    { spec: { minAvailable: 1 }, status: { disruptionsAllowed: 2 } },
    ['x', '1', 'N/A', 2, '5m'],
  ],
  [
    'Event',
    {
      type: 'Warning',
      reason: 'Failed',
      message: ' m ',
      involvedObject: { kind: 'Pod', name: 'p' },
      lastTimestamp: '2026-01-01T00:59:50Z',
    },
    ['10s', 'Warning', 'Failed', 'pod/p', 'm'],
  ],
  ['Role', {}, ['x', '2026-01-01T00:55:00Z']],
] as [string, Fields, Json[]][])
  test(`shows a ${kind} as ${expected.join(' ')}`, () => assert.equal(row(kind, fields), expected))

test('keeps for -o wide what is wide', () => {
  const selector = {
    matchLabels: { b: '2', a: '1' },
    matchExpressions: [{ key: 'c', operator: 'Exists' }],
  }
  const template = {
    spec: {
      containers: [
        { name: 'a', image: 'i:1' },
        { name: 'b', image: 'j:1' },
      ],
    },
  }
  const cells = row('Deployment', { spec: { replicas: 1, selector, template } }, true) as Json[]
  assert.equal(cells.slice(5), ['a,b', 'i:1,j:1', 'a=1,b=2,c'])
})

const custom: ResourceDefinition = {
  ...definitions[0]!,
  custom: true,
  columns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Count', type: 'integer', jsonPath: '.spec.count', priority: 1 },
    { name: 'Since', type: 'date', jsonPath: '.spec.since' },
    { name: 'Map', type: 'string', jsonPath: '.spec' },
  ],
}

test('prints the columns of a custom kind, dates as ages, and nothing for what is not there', () => {
  const spec = { count: 'no number', since: '2026-01-01T00:00:00Z' }
  const object = { apiVersion: 'a/v1', kind: 'A', metadata: { name: 'x' }, spec } as unknown as Obj
  const table = toTable({ definition: custom, objects: [object], includeObject: 'None', now })
  assert.equal(table['rows'], [
    { cells: ['x', null, null, '60m', JSON.stringify(spec)], object: null },
  ])
  const heads = (table['columnDefinitions'] as Fields[]).map(({ name, format, priority }) => [
    name,
    format,
    priority,
  ])
  assert.equal(heads.slice(0, 3), [
    ['Name', 'name', 0],
    ['Ready', '', 0],
    ['Count', '', 1],
  ])
})

test('includes of the object what was asked for', () => {
  const definition = definitions.find(({ kind }) => kind === 'ConfigMap')!
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x' },
    data: { a: 'b' },
  } as Obj
  const included = (includeObject: 'Metadata' | 'Object'): unknown =>
    (
      toTable({ definition, objects: [object], includeObject, now })['rows'] as {
        object: unknown
      }[]
    )[0]!.object
  assert.equal(included('Object'), object)
  assert.equal(included('Metadata'), {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { name: 'x' },
  })
})

test.run()
