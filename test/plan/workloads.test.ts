import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Readiness } from '../../lib/model/rollout.ts'
import { assessObject } from '../../lib/plan/readiness.ts'
import { full, liveObject, type Part, seen, three, withCondition } from '../helpers/kube.ts'

const everywhere = {
  desiredNumberScheduled: 2,
  updatedNumberScheduled: 2,
  numberReady: 2,
  numberAvailable: 2,
}
const unheard = 'its controller has not seen the change yet'
const partition = { ...three, updateStrategy: { rollingUpdate: { partition: 2 } } }
const twoRevisions = { currentRevision: 'a', updateRevision: 'b' }

type Row = [situation: string, part: Part, verdict: Readiness['verdict'], why: string]
const kinds: Record<string, { apiVersion: string; rows: Row[] }> = {
  Deployment: {
    apiVersion: 'apps/v1',
    rows: [
      ['nobody has looked at it', { spec: three }, 'progressing', unheard],
      [
        'its status is of the spec before',
        { spec: three, status: { ...full, observedGeneration: 1 } },
        'progressing',
        unheard,
      ],
      [
        'too few replicas are new',
        { spec: three, status: { ...seen, ...full, updatedReplicas: 1 } },
        'progressing',
        '1 of 3 replicas are updated',
      ],
      [
        'old replicas still run',
        { spec: three, status: { ...seen, ...full, replicas: 4, availableReplicas: 4 } },
        'progressing',
        '1 old replica still to be stopped',
      ],
      [
        'old replicas run until new ones are available',
        { spec: three, status: { ...seen, ...full, replicas: 4, availableReplicas: 3 } },
        'progressing',
        '2 of 3 new replicas are available',
      ],
      [
        'too few are ready',
        { spec: three, status: { ...seen, ...full, readyReplicas: 1 } },
        'progressing',
        '1 of 3 replicas are ready',
      ],
      [
        'they are not ready for long enough',
        { spec: three, status: { ...seen, ...full, availableReplicas: 2 } },
        'progressing',
        '2 of 3 replicas are available',
      ],
      [
        'all are there',
        { spec: three, status: { ...seen, ...full } },
        'ready',
        '3 of 3 replicas are ready',
      ],
      [
        'none is wanted',
        { spec: { replicas: 0 }, status: seen },
        'ready',
        '0 of 0 replicas are ready',
      ],
      [
        'it is paused with old replicas',
        { spec: { ...three, paused: true }, status: { ...seen, ...full, updatedReplicas: 0 } },
        'ready',
        '3 of 3 replicas are ready',
      ],
      [
        'its progress deadline is over',
        {
          spec: three,
          status: {
            ...seen,
            ...withCondition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded' }),
          },
        },
        'failed',
        'gave up after its progress deadline: Progressing says so',
      ],
      [
        'it is being deleted',
        { metadata: { deletionTimestamp: 'now' }, spec: three, status: { ...seen, ...full } },
        'progressing',
        'is being deleted',
      ],
    ],
  },
  StatefulSet: {
    apiVersion: 'apps/v1',
    rows: [
      [
        'too few are ready',
        { spec: three, status: { ...seen, ...full, readyReplicas: 2 } },
        'progressing',
        '2 of 3 replicas are ready',
      ],
      [
        'some are of the revision before',
        { spec: three, status: { ...seen, ...full, updatedReplicas: 1, ...twoRevisions } },
        'progressing',
        '1 of 3 replicas are updated',
      ],
      [
        'all are new',
        { spec: three, status: { ...seen, ...full } },
        'ready',
        '3 of 3 replicas are ready',
      ],
      [
        'all are new, and those that are new are not counted any more',
        { spec: three, status: { ...seen, ...full, updatedReplicas: undefined } },
        'ready',
        '3 of 3 replicas are ready',
      ],
      [
        'all are new, and the revision before is still named',
        { spec: three, status: { ...seen, ...full, ...twoRevisions } },
        'ready',
        '3 of 3 replicas are ready',
      ],
      [
        'all beyond the partition are new',
        { spec: partition, status: { ...seen, ...full, updatedReplicas: 1, ...twoRevisions } },
        'ready',
        '3 of 3 replicas are ready',
      ],
      [
        'one beyond the partition is old',
        { spec: partition, status: { ...seen, ...full, updatedReplicas: 0, ...twoRevisions } },
        'progressing',
        '0 of 1 replica is updated',
      ],
      [
        'pods are replaced by hand',
        { spec: { ...three, updateStrategy: { type: 'OnDelete' } }, status: seen },
        'ready',
        'pods are updated when they are deleted',
      ],
    ],
  },
  DaemonSet: {
    apiVersion: 'apps/v1',
    rows: [
      [
        'some pods are old',
        { status: { ...seen, ...everywhere, updatedNumberScheduled: 1 } },
        'progressing',
        '1 of 2 pods are updated',
      ],
      [
        'old pods are replaced by hand',
        {
          spec: { updateStrategy: { type: 'OnDelete' } },
          status: { ...seen, ...everywhere, updatedNumberScheduled: 0 },
        },
        'ready',
        '2 of 2 pods are ready',
      ],
      [
        'some pods are not ready',
        { status: { ...seen, ...everywhere, numberReady: 0 } },
        'progressing',
        '0 of 2 pods are ready',
      ],
      [
        'every node has one',
        { status: { ...seen, ...everywhere } },
        'ready',
        '2 of 2 pods are ready',
      ],
      [
        'no node wants one',
        { status: { ...seen, desiredNumberScheduled: 0 } },
        'ready',
        '0 of 0 pods are ready',
      ],
    ],
  },
  ReplicaSet: {
    apiVersion: 'apps/v1',
    rows: [
      [
        'pods are refused',
        { spec: three, status: { ...seen, ...withCondition('ReplicaFailure', 'True') } },
        'progressing',
        'ReplicaFailure says so',
      ],
      [
        'all are there',
        { spec: three, status: { ...seen, ...full } },
        'ready',
        '3 of 3 replicas are ready',
      ],
    ],
  },
  Pod: {
    apiVersion: 'v1',
    rows: [
      ['it is new', {}, 'progressing', 'is not scheduled yet'],
      ['it is pending', { status: { phase: 'Pending' } }, 'progressing', 'is pending'],
      [
        'it runs but is not ready',
        { status: { phase: 'Running', ...withCondition('Ready', 'False') } },
        'progressing',
        'runs but is not ready',
      ],
      [
        'it is ready',
        { status: { phase: 'Running', ...withCondition('Ready', 'True') } },
        'ready',
        'is ready',
      ],
      ['it has run to its end', { status: { phase: 'Succeeded' } }, 'ready', 'ran to its end'],
      [
        'it failed',
        { status: { phase: 'Failed', reason: 'Evicted' } },
        'failed',
        'failed: Evicted',
      ],
    ],
  },
  Job: {
    apiVersion: 'batch/v1',
    rows: [
      ['it is new', {}, 'progressing', 'has not started'],
      [
        'it runs',
        { spec: { completions: 3 }, status: { startTime: 'now', succeeded: 1 } },
        'progressing',
        '1 of 3 completions reached',
      ],
      ['it is complete', { status: withCondition('Complete', 'True') }, 'ready', 'is complete'],
      [
        'it failed',
        { status: withCondition('Failed', 'True') },
        'failed',
        'failed: Failed says so',
      ],
      ['it is suspended', { spec: { suspend: true } }, 'ready', 'is suspended'],
    ],
  },
}

const test = suite('assessObject() of workloads')
for (const [kind, { apiVersion, rows }] of Object.entries(kinds))
  for (const [situation, part, verdict, why] of rows)
    test(`calls a ${kind} ${verdict} when ${situation}`, () => {
      assert.equal(assessObject(liveObject(kind, apiVersion, part)), { verdict, why })
    })
test.run()
