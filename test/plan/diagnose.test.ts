import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { KubeObject } from '../../lib/model/json.ts'
import { diagnose, type Evidence } from '../../lib/plan/diagnose.ts'

const test = suite('diagnose()')

const owner = (uid: string) => [{ apiVersion: 'apps/v1', kind: 'X', name: uid, uid }]
function thing(kind: string, uid: string, ownerUid?: string, more: object = {}): KubeObject {
  const ownerReferences = ownerUid === undefined ? [] : owner(ownerUid)
  return {
    apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
    kind,
    metadata: { name: uid, namespace: 'shop', uid, ownerReferences },
    ...more,
  }
}
const refOf = ({ apiVersion, kind, metadata: { name } }: KubeObject) => ({
  apiVersion,
  kind,
  namespace: 'shop',
  name,
})
const web = thing('Deployment', 'web')
const set = thing('ReplicaSet', 'web-1', 'web', { spec: { replicas: 1 } })
const pod = (status: object): KubeObject => thing('Pod', 'web-1-x', 'web-1', { status })
const waiting = (reason: string, message: string, more: object = {}): KubeObject =>
  pod({
    phase: 'Pending',
    containerStatuses: [
      { name: 'app', image: 'shop/web:2', state: { waiting: { reason, message } }, ...more },
    ],
  })
const event = (uid: string, reason: string, message: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `${uid}.${reason}` },
  type: 'Warning',
  involvedObject: { uid },
  reason,
  message,
})
const crashed = (exitCode: number, reason: string, restartCount: number) => ({
  restartCount,
  lastState: { terminated: { exitCode, reason } },
})
const running = pod({
  phase: 'Running',
  containerStatuses: [{ name: 'app', ready: false, state: { running: {} } }],
})

type Row = [situation: string, evidence: Partial<Evidence>, sentence: string | undefined]
const rows: Row[] = [
  ['its pods merely take their time', { pods: [waiting('ContainerCreating', '')] }, undefined],
  [
    'an image cannot be pulled',
    { pods: [waiting('ErrImagePull', 'manifest unknown')] },
    'container "app" of pod "web-1-x" cannot pull image "shop/web:2": manifest unknown',
  ],
  [
    'an image is not pulled again for a while',
    { pods: [waiting('ImagePullBackOff', 'Back-off pulling image "shop/web:2"')] },
    'container "app" of pod "web-1-x" cannot pull image "shop/web:2"',
  ],
  [
    'a container keeps crashing',
    { pods: [waiting('CrashLoopBackOff', 'back-off 10s', crashed(3, 'Error', 4))] },
    'container "app" of pod "web-1-x" keeps crashing with exit code 3 and was restarted 4 times',
  ],
  [
    'a container needs more memory than it may have',
    { pods: [waiting('CrashLoopBackOff', 'back-off 10s', crashed(137, 'OOMKilled', 1))] },
    'container "app" of pod "web-1-x" ran out of memory and was restarted once',
  ],
  [
    'no node takes the pod',
    {
      pods: [
        pod({
          phase: 'Pending',
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              message: '0/3 nodes are available: 3 Insufficient cpu.',
            },
          ],
        }),
      ],
    },
    'pod "web-1-x" cannot be scheduled: 0/3 nodes are available: 3 Insufficient cpu',
  ],
  [
    'a Secret is missing for the environment',
    { pods: [waiting('CreateContainerConfigError', 'secret "login" not found')] },
    'container "app" of pod "web-1-x" cannot start: secret "login" not found',
  ],
  [
    'a ConfigMap is missing for a volume',
    {
      pods: [waiting('ContainerCreating', '')],
      events: [event('web-1-x', 'FailedMount', 'configmap "settings" not found')],
    },
    'pod "web-1-x" cannot be set up: configmap "settings" not found',
  ],
  [
    'a probe fails',
    {
      pods: [running],
      events: [event('web-1-x', 'Unhealthy', 'Readiness probe failed: HTTP 500')],
    },
    'container "app" of pod "web-1-x" fails its probe: Readiness probe failed: HTTP 500',
  ],
  [
    'a quota forbids its pods',
    {
      events: [
        event(
          'web-1',
          'FailedCreate',
          'Error creating: pods "web-1-" is forbidden: exceeded quota',
        ),
      ],
    },
    'pods cannot be created: pods "web-1-" is forbidden: exceeded quota',
  ],
  [
    'a refusal is over',
    {
      replicaSets: [{ ...set, status: { replicas: 1 } }],
      events: [event('web-1', 'FailedCreate', 'serviceaccount "web" not found')],
    },
    undefined,
  ],
  [
    'only pods of the template before are in trouble',
    {
      replicaSets: [
        { ...set, metadata: { ...set.metadata, ...revision(1) } },
        thing('ReplicaSet', 'web-2', 'web', {
          metadata: { ...set.metadata, ...revision(2), uid: '2' },
        }),
      ],
      pods: [waiting('ErrImagePull', 'manifest unknown')],
    },
    undefined,
  ],
  [
    "somebody else's pods are in trouble",
    {
      pods: [thing('Pod', 'other', 'other-set', { status: waiting('ErrImagePull', '')['status'] })],
    },
    undefined,
  ],
]
function revision(number: number) {
  return { annotations: { 'deployment.kubernetes.io/revision': String(number) } }
}

for (const [situation, evidence, sentence] of rows)
  test(`${sentence === undefined ? 'says nothing' : 'says why'} when ${situation}`, () => {
    const all = { replicaSets: [set], pods: [], events: [], ...evidence }
    assert.is(diagnose([{ ref: refOf(web), live: web }], all), sentence)
  })

const none: Evidence = { replicaSets: [], pods: [], events: [] }

test('tells how the pod of a failed Job ended', () => {
  const job = thing('Job', 'migrate')
  const ended = [{ name: 'app', state: { terminated: { exitCode: 2, reason: 'Error' } } }]
  const failed = thing('Pod', 'migrate-x', 'migrate', {
    status: { phase: 'Failed', containerStatuses: ended },
  })
  assert.is(
    diagnose([{ ref: refOf(job), live: job }], { ...none, pods: [failed] }),
    'container "app" of pod "migrate-x" ended with exit code 2',
  )
})

test('hands on what a controller warns of', () => {
  const claim = thing('PersistentVolumeClaim', 'data')
  const events = [event('data', 'ProvisioningFailed', 'storageclass "fast" not found')]
  assert.is(
    diagnose([{ ref: refOf(claim), live: claim }], { ...none, events }),
    'PersistentVolumeClaim/shop/data: storageclass "fast" not found',
  )
})

test('keeps to one line of bearable length', () => {
  const text = diagnose([{ ref: refOf(web), live: web }], {
    ...none,
    replicaSets: [set],
    pods: [waiting('ErrImagePull', 'no\nno\n'.repeat(500))],
  })
  assert.ok(text !== undefined && text.length < 450 && !text.includes('\n'))
})

test.run()
