// Runs a Job's pods until enough have succeeded or too many have failed.
import type { Obj } from '../types.ts'
import { tell } from './events.ts'
import { makePod, unmakePod } from './makepod.ts'
import { isOver, isReady } from './pod.ts'
import type { Condition, Pod, PodTemplate } from './shapes.ts'
import {
  controlledBy,
  since,
  stamp,
  unlessGone,
  withConditions,
  writeStatus,
  type Again,
  type Controller,
  type World,
} from './world.ts'

type Job = Obj & {
  spec: {
    template: PodTemplate
    parallelism?: number
    completions?: number
    backoffLimit?: number
    activeDeadlineSeconds?: number
    ttlSecondsAfterFinished?: number
    suspend?: boolean
    completionMode?: string
  }
  status?: {
    startTime?: string
    completionTime?: string
    conditions?: Condition[]
    succeeded?: number
    failed?: number
  }
}
type Verdict = { type: 'Complete' | 'Failed'; reason: string; message: string }

const component = 'job-controller'
const indexKey = 'batch.kubernetes.io/job-completion-index'
// A real cluster waits 10 s after the first failed pod and doubles to 6 minutes; here a hundredth.
const firstBackoffMs = 100
const longestBackoffMs = 3600

export const jobs: Controller = {
  resource: 'jobs.batch',
  reconcile(world, object) {
    const job = object as Job
    if (job.metadata.deletionTimestamp !== undefined) return undefined
    const finished = finishedAt(job)
    if (finished !== undefined) return expire(world, job, finished)
    if (job.spec.suspend) return suspend(world, job)
    const pods = controlledBy<Pod>(world, 'pods', job)
    const verdict = judge(world, job, pods)
    if (verdict) return finish(world, job, pods, verdict)
    const waitMs = arrange(world, job, pods)
    count(world, job, resumed(world, job))
    if (waitMs === 'retry') return waitMs
    const deadline = job.spec.activeDeadlineSeconds
    const left = deadline === undefined ? Infinity : deadline * 1000 - age(world, job)
    const soonest = Math.min(waitMs ?? Infinity, Math.max(left, 1))
    return soonest === Infinity ? undefined : soonest
  },
}

function finishedAt({ status }: Job): string | undefined {
  const ends = ['Complete', 'Failed']
  return status?.conditions?.find(({ type, status: is }) => ends.includes(type) && is === 'True')
    ?.lastTransitionTime
}

function expire(world: World, { metadata, spec }: Job, finished: string): number | undefined {
  if (spec.ttlSecondsAfterFinished === undefined) return undefined
  const left = spec.ttlSecondsAfterFinished * 1000 - since(world, finished)
  if (left > 0) return left
  const options = { propagationPolicy: 'Background' as const }
  unlessGone(() => world.api.delete('jobs.batch', metadata.namespace, metadata.name, options))
  return undefined
}

function suspend(world: World, job: Job): undefined {
  for (const pod of controlledBy<Pod>(world, 'pods', job))
    if (!isOver(pod)) unmakePod(world, job, pod, component)
  const { startTime: _, ...status } = job.status ?? {}
  const message = 'Job suspended'
  const suspended = { type: 'Suspended', status: 'True', reason: 'JobSuspended', message }
  const conditions = withConditions(world, status.conditions, suspended)
  writeStatus(world, 'jobs.batch', job, { ...status, conditions })
}

function resumed(world: World, { status }: Job): object {
  const before = status?.conditions
  if (!before?.some(({ type, status: is }) => type === 'Suspended' && is === 'True')) return {}
  const resumption = {
    type: 'Suspended',
    status: 'False',
    reason: 'JobResumed',
    message: 'Job resumed',
  }
  return { conditions: withConditions(world, before, resumption) }
}

function judge(world: World, job: Job, pods: readonly Pod[]): Verdict | undefined {
  const { completions, backoffLimit = 6, activeDeadlineSeconds } = job.spec
  if (activeDeadlineSeconds !== undefined && age(world, job) >= activeDeadlineSeconds * 1000)
    return {
      type: 'Failed',
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    }
  if (failures(job, pods) > backoffLimit) {
    const message = 'Job has reached the specified backoff limit'
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message }
  }
  const succeeded = inPhase(pods, 'Succeeded')
  // Without completions any success is the signal that the work is done, once the others have ended.
  const idle = pods.every(isOver)
  const done = completions === undefined ? succeeded > 0 && idle : succeeded >= completions
  const message = 'Reached expected number of succeeded pods'
  return done ? { type: 'Complete', reason: 'CompletionsReached', message } : undefined
}

// Failed pods, and restarts within pods that are restarted in place.
function failures(job: Job, pods: readonly Pod[]): number {
  const inPlace = job.spec.template.spec.restartPolicy === 'OnFailure'
  const restarts = pods.flatMap(({ status }) => status?.containerStatuses ?? [])
  const restarted = restarts.reduce((sum, { restartCount }) => sum + restartCount, 0)
  return inPhase(pods, 'Failed') + (inPlace ? restarted : 0)
}

function inPhase(pods: readonly Pod[], phase: string): number {
  return pods.filter(({ status }) => status?.phase === phase).length
}

function age(world: World, { status }: Job): number {
  return status?.startTime === undefined ? 0 : since(world, status.startTime)
}

function finish(
  world: World,
  job: Job,
  pods: readonly Pod[],
  verdict: Verdict,
): number | undefined {
  for (const pod of pods) if (!isOver(pod)) unmakePod(world, job, pod, component)
  const { type, reason, message } = verdict
  // Since 1.31 the outcome is announced before the last pods are gone, then confirmed.
  const announced = type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget'
  const conditions = [announced, type].map((one) => ({
    type: one,
    status: 'True',
    reason,
    message,
    lastProbeTime: stamp(world),
  }))
  count(world, job, {
    conditions: withConditions(world, job.status?.conditions, ...conditions),
    ...(type === 'Complete' ? { completionTime: stamp(world) } : {}),
  })
  if (type === 'Complete')
    tell(world, job, { type: 'Normal', reason: 'Completed', message: 'Job completed', component })
  else tell(world, job, { type: 'Warning', reason, message, component })
  const left = job.spec.ttlSecondsAfterFinished
  return left === undefined ? undefined : left * 1000
}

// Makes the pods that are missing; answers how long it waits after a failure.
function arrange(world: World, job: Job, pods: readonly Pod[]): Again {
  const { parallelism = 1, completions, completionMode } = job.spec
  const active = pods.filter((pod) => !isOver(pod))
  const succeeded = inPhase(pods, 'Succeeded')
  const wanted =
    completions === undefined ? (succeeded > 0 ? 0 : parallelism) : completions - succeeded
  const missing = Math.min(parallelism, wanted) - active.length
  for (const pod of active.slice(active.length + Math.min(0, missing)))
    unmakePod(world, job, pod, component)
  const waitMs = backoff(world, pods)
  if (missing <= 0) return undefined
  if (waitMs > 0) return waitMs
  for (let n = 0; n < missing; n += 1) {
    const index =
      completionMode === 'Indexed' ? freeIndex(controlledBy<Pod>(world, 'pods', job)) : undefined
    const extra = { ...identity(job, index), component }
    const { made, problem } = makePod(world, job, job.spec.template, extra)
    if (!made) return problem === undefined ? undefined : 'retry'
  }
  return undefined
}

function backoff(world: World, pods: readonly Pod[]): number {
  const failed = pods.filter(({ status }) => status?.phase === 'Failed')
  if (failed.length === 0) return 0
  const ends = failed.flatMap(({ status }) => status?.containerStatuses ?? [])
  const latest = Math.max(
    ...ends.map(({ state }) => Date.parse(state.terminated?.finishedAt ?? '') || 0),
  )
  const delayMs = Math.min(firstBackoffMs * 2 ** (failed.length - 1), longestBackoffMs)
  return delayMs - (world.clock.now() - latest) * world.speed
}

function freeIndex(pods: readonly Pod[]): string {
  const used = new Set(
    pods
      .filter(({ status }) => status?.phase !== 'Failed')
      .map(({ metadata }) => metadata.annotations?.[indexKey]),
  )
  let index = 0
  while (used.has(String(index))) index += 1
  return String(index)
}

function identity(
  job: Job,
  index: string | undefined,
): { labels: Record<string, string>; annotations?: Record<string, string> } {
  const { name, uid = '' } = job.metadata
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  }
  if (index === undefined) return { labels }
  return { labels: { ...labels, [indexKey]: index }, annotations: { [indexKey]: index } }
}

function count(world: World, job: Job, more: object): void {
  const pods = controlledBy<Pod>(world, 'pods', job)
  const active = pods.filter((pod) => !isOver(pod) && pod.metadata.deletionTimestamp === undefined)
  // Pods that were counted stay counted when they are deleted.
  const succeeded = Math.max(inPhase(pods, 'Succeeded'), job.status?.succeeded ?? 0)
  const failed = Math.max(inPhase(pods, 'Failed'), job.status?.failed ?? 0)
  const { active: _, ...before } = (job.status ?? {}) as { active?: number }
  writeStatus(world, 'jobs.batch', job, {
    ...before,
    startTime: job.status?.startTime ?? stamp(world),
    ...(active.length > 0 ? { active: active.length } : {}),
    ready: active.filter(isReady).length,
    ...(succeeded > 0 ? { succeeded } : {}),
    ...(failed > 0 ? { failed } : {}),
    terminating: pods.filter((pod) => !isOver(pod)).length - active.length,
    uncountedTerminatedPods: {},
    ...more,
  })
}
