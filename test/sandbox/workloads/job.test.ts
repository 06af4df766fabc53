import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Obj } from '../../../lib/sandbox/types.ts'
import { hollowCluster, type HollowCluster } from '../../helpers/hollow.ts'
import { job, shell } from '../../helpers/manifests.ts'

const test = suite('jobs of the sandbox')

const jobs = 'jobs.batch'

function count(cluster: HollowCluster, field: string): unknown {
  return (cluster.get<Obj & { status: Record<string, unknown> }>(jobs, 'work').status ?? {})[field]
}

test('a job completes', () => {
  const cluster = hollowCluster()
  cluster.make(job('work'))
  cluster.advance(500)
  assert.is(cluster.condition(jobs, 'work', 'SuccessCriteriaMet'), 'True CompletionsReached')
  assert.is(cluster.condition(jobs, 'work', 'Complete'), 'True CompletionsReached')
  assert.is(count(cluster, 'succeeded'), 1)
  assert.is(count(cluster, 'active'), undefined)
  assert.ok(count(cluster, 'completionTime'))
  assert.ok(cluster.events('work').includes('Normal Completed: Job completed'))
})

test('a job runs as many pods as it wants completions, no more than its parallelism at once', () => {
  const cluster = hollowCluster()
  cluster.make(job('work', shell('sleep 1'), { completions: 3, parallelism: 2 }))
  cluster.advance(500)
  assert.is(count(cluster, 'active'), 2)
  cluster.advance(3000)
  assert.is(count(cluster, 'succeeded'), 3)
  assert.is(cluster.pods('work-').length, 3)
})

test('a failing job fails after backoffLimit more tries', () => {
  const cluster = hollowCluster()
  cluster.make(job('work', shell('exit 4'), { backoffLimit: 2 }))
  cluster.advance(5000)
  assert.is(cluster.condition(jobs, 'work', 'FailureTarget'), 'True BackoffLimitExceeded')
  assert.is(cluster.condition(jobs, 'work', 'Failed'), 'True BackoffLimitExceeded')
  assert.is(count(cluster, 'failed'), 3)
  const said = cluster.events('work')
  assert.ok(
    said.includes('Warning BackoffLimitExceeded: Job has reached the specified backoff limit'),
  )
})

test('a job that restarts in place counts its restarts', () => {
  const cluster = hollowCluster()
  const template = {
    spec: {
      restartPolicy: 'OnFailure',
      containers: [{ name: 'main', image: 'app:1', ...shell('exit 1') }],
    },
  }
  cluster.make(job('work', {}, { backoffLimit: 1, template }))
  cluster.advance(3000)
  assert.is(cluster.condition(jobs, 'work', 'Failed'), 'True BackoffLimitExceeded')
})

test('a job that takes too long fails and its pod is gone', () => {
  const cluster = hollowCluster()
  cluster.make(job('work', shell('sleep 600'), { activeDeadlineSeconds: 5 }))
  cluster.advance(7000)
  assert.is(cluster.condition(jobs, 'work', 'Failed'), 'True DeadlineExceeded')
  assert.equal(cluster.pods('work-'), [])
})

test('a job with a time to live goes by itself', () => {
  const cluster = hollowCluster()
  cluster.make(job('work', {}, { ttlSecondsAfterFinished: 10 }))
  cluster.advance(1000)
  assert.ok(cluster.api.get(jobs, 'default', 'work'))
  cluster.advance(11_000)
  assert.is(cluster.api.get(jobs, 'default', 'work'), undefined)
})

test('a suspended job has no pods until it is resumed', () => {
  const cluster = hollowCluster()
  cluster.make(job('work', {}, { suspend: true }))
  cluster.advance(500)
  assert.is(cluster.condition(jobs, 'work', 'Suspended'), 'True JobSuspended')
  assert.equal(cluster.pods('work-'), [])
  const found = cluster.get<Obj & { spec: object }>(jobs, 'work')
  cluster.api.update(jobs, { ...found, spec: { ...found.spec, suspend: false } })
  cluster.advance(500)
  assert.is(cluster.condition(jobs, 'work', 'Suspended'), 'False JobResumed')
  assert.is(cluster.condition(jobs, 'work', 'Complete'), 'True CompletionsReached')
})

test('an indexed job gives each pod its index', () => {
  const cluster = hollowCluster()
  cluster.make(job('work', {}, { completions: 2, parallelism: 2, completionMode: 'Indexed' }))
  cluster.advance(500)
  const key = 'batch.kubernetes.io/job-completion-index'
  assert.equal(
    cluster
      .pods('work-')
      .map(({ metadata }) => metadata.annotations?.[key])
      .sort(),
    ['0', '1'],
  )
})

test.run()
