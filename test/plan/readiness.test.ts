import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Readiness } from '../../lib/model/rollout.ts'
import { assessObject, assessRelease } from '../../lib/plan/readiness.ts'
import { full, liveObject, type Part, seen, three, withCondition } from '../helpers/kube.ts'

const unheard = 'its controller has not seen the change yet'
const annotated = (name: string) => ({ metadata: { annotations: { [name]: 'x' } } })

type Row = [situation: string, part: Part, verdict: Readiness['verdict'], why: string]
const kinds: Record<string, { apiVersion: string; rows: Row[] }> = {
  PersistentVolumeClaim: {
    apiVersion: 'v1',
    rows: [
      ['it is bound', { status: { phase: 'Bound' } }, 'ready', 'is bound'],
      ['its volume is lost', { status: { phase: 'Lost' } }, 'failed', 'has lost its volume'],
      [
        'it waits for a first pod that may never come',
        { status: { phase: 'Pending' } },
        'ready',
        'is bound when a pod uses it',
      ],
      [
        'its volume is being made',
        { ...annotated('volume.kubernetes.io/storage-provisioner'), status: { phase: 'Pending' } },
        'progressing',
        'is not bound yet',
      ],
    ],
  },
  Service: {
    apiVersion: 'v1',
    rows: [
      ['it is inside only', { spec: { type: 'ClusterIP' } }, 'ready', 'is there'],
      [
        'it waits for its balancer',
        { spec: { type: 'LoadBalancer' }, status: { loadBalancer: {} } },
        'progressing',
        'has no external address yet',
      ],
      [
        'its balancer is there',
        { spec: { type: 'LoadBalancer' }, status: { loadBalancer: { ingress: [{ ip: '::1' }] } } },
        'ready',
        'has an address',
      ],
    ],
  },
  CustomResourceDefinition: {
    apiVersion: 'apiextensions.k8s.io/v1',
    rows: [
      ['it is new', {}, 'progressing', 'is not served yet'],
      ['it is served', { status: withCondition('Established', 'True') }, 'ready', 'is served'],
      [
        'its names are taken',
        { status: withCondition('NamesAccepted', 'False') },
        'failed',
        'its names are taken: NamesAccepted says so',
      ],
    ],
  },
  APIService: {
    apiVersion: 'apiregistration.k8s.io/v1',
    rows: [
      ['it is available', { status: withCondition('Available', 'True') }, 'ready', 'is available'],
      [
        'it is not',
        { status: withCondition('Available', 'False') },
        'progressing',
        'Available says so',
      ],
    ],
  },
  PodDisruptionBudget: {
    apiVersion: 'policy/v1',
    rows: [
      ['nobody counts', {}, 'ready', 'its budget is met'],
      [
        'its budget is not met',
        { status: { ...seen, desiredHealthy: 2, currentHealthy: 1 } },
        'progressing',
        '1 of 2 pods are healthy',
      ],
    ],
  },
  Database: {
    apiVersion: 'example.com/v1',
    rows: [
      ['nobody has said anything', {}, 'ready', 'is there'],
      [
        'its controller is behind',
        { status: { observedGeneration: 1, ...withCondition('Ready', 'True') } },
        'progressing',
        unheard,
      ],
      [
        'the condition is of the spec before',
        { status: withCondition('Ready', 'True', { observedGeneration: 1 }) },
        'progressing',
        unheard,
      ],
      [
        'it is ready',
        { status: { ...seen, ...withCondition('Ready', 'True') } },
        'ready',
        'is ready',
      ],
      [
        'it is not',
        { status: { ...seen, ...withCondition('Ready', 'False') } },
        'progressing',
        'Ready says so',
      ],
      [
        'it is worked on',
        { status: withCondition('Reconciling', 'True') },
        'progressing',
        'Reconciling says so',
      ],
      ['it is stuck', { status: withCondition('Stalled', 'True') }, 'failed', 'Stalled says so'],
    ],
  },
}

const one = suite('assessObject()')
for (const [kind, { apiVersion, rows }] of Object.entries(kinds))
  for (const [situation, part, verdict, why] of rows)
    one(`calls a ${kind} ${verdict} when ${situation}`, () => {
      assert.equal(assessObject(liveObject(kind, apiVersion, part)), { verdict, why })
    })
one.run()

const all = suite('assessRelease()')
const ref = (kind: string, apiVersion: string) => ({
  apiVersion,
  kind,
  namespace: 'shop',
  name: 'web',
})
const map = { ref: ref('ConfigMap', 'v1'), live: undefined }
const slow = {
  ref: ref('Deployment', 'apps/v1'),
  live: liveObject('Deployment', 'apps/v1', {
    spec: three,
    status: { ...seen, ...full, readyReplicas: 1 },
  }),
}
const gone = { ref: ref('Service', 'v1'), live: undefined }
const broken = {
  ref: ref('Pod', 'v1'),
  live: liveObject('Pod', 'v1', { status: { phase: 'Failed' } }),
}
const job = { ref: ref('Job', 'batch/v1'), live: liveObject('Job', 'batch/v1', {}) }
const asHelm = { waitForJobs: false }

all('says what it waits for in one sentence', () => {
  assert.equal(assessRelease([map, slow, gone], asHelm), {
    verdict: 'progressing',
    ready: 1,
    total: 3,
    waitingFor: ['Deployment/shop/web', 'Service/shop/web'],
    why: 'Deployment/shop/web: 1 of 3 replicas are ready',
  })
})
all('has failed as soon as one object has', () => {
  const { verdict, why } = assessRelease([slow, broken], asHelm)
  assert.is(`${verdict} ${why}`, 'failed Pod/shop/web: failed: a container ended badly')
})
all('is ready without any object', () => {
  assert.is(assessRelease([], asHelm).verdict, 'ready')
})
all('waits for Jobs only when told so', () => {
  assert.is(assessRelease([job], asHelm).verdict, 'ready')
  assert.is(assessRelease([job], { waitForJobs: true }).verdict, 'progressing')
})
all('takes a Job that is gone for one that was cleaned up', () => {
  assert.is(assessRelease([{ ...job, live: undefined }], { waitForJobs: true }).verdict, 'ready')
})
all.run()
