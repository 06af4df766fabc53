// What a Deployment's status says of its rollout: counts, and the conditions Available, Progressing and ReplicaFailure.
import { limitsOf, sum } from './rollout.ts'
import type { Condition, Deployment, ReplicaSet } from './shapes.ts'
import { since, stamp, withConditions, writeStatus, type World } from './world.ts'

type Counts = { replicas: number; updated: number; ready: number; available: number }

/** Writes the status; answers in how many sandbox milliseconds the progress deadline is over, while it runs. */
export function deploymentStatus(
  world: World,
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  sets: readonly ReplicaSet[],
  made: boolean,
): number | undefined {
  const counts = countPods(fresh, sets)
  const { replicas, updated, ready, available } = counts
  const desired = deployment.spec.replicas ?? 1
  const progressing = progress(world, deployment, fresh, counts, made)
  const refused = sets
    .flatMap((set) => set.status?.conditions ?? [])
    .filter(({ type }) => type === 'ReplicaFailure')
  const before = deployment.status?.conditions?.filter(({ type }) => type !== 'ReplicaFailure')
  const changed = [
    availability(world, deployment, available),
    ...(progressing ? [progressing] : []),
  ]
  const conditions = withConditions(world, before, ...changed, ...refused.slice(0, 1))
  const unavailable = Math.max(0, Math.max(replicas, desired) - available)
  writeStatus(world, 'deployments.apps', deployment, {
    observedGeneration: deployment.metadata.generation,
    ...(replicas > 0 ? { replicas } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    ...(unavailable > 0 ? { unavailableReplicas: unavailable } : {}),
    conditions: conditions.map((one) => ({
      ...one,
      lastUpdateTime: one.lastUpdateTime ?? stamp(world),
    })),
  })
  return progressing?.status === 'True' && progressing.reason !== 'NewReplicaSetAvailable'
    ? deadlineMs(deployment) - since(world, progressing.lastUpdateTime ?? '')
    : undefined
}

function countPods(fresh: ReplicaSet | undefined, sets: readonly ReplicaSet[]): Counts {
  const total = (pick: (set: ReplicaSet) => number | undefined): number =>
    sum(sets.map((set) => pick(set) ?? 0))
  return {
    replicas: total(({ status }) => status?.replicas),
    updated: fresh?.status?.replicas ?? 0,
    ready: total(({ status }) => status?.readyReplicas),
    available: total(({ status }) => status?.availableReplicas),
  }
}

function availability(world: World, deployment: Deployment, available: number): Condition {
  const least = (deployment.spec.replicas ?? 1) - limitsOf(deployment).maxUnavailable
  const [status, reason, message] =
    available >= least
      ? ['True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.']
      : ['False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.']
  return updated(world, deployment, {
    type: 'Available',
    status: status!,
    reason: reason!,
    message: message!,
  })
}

// Progress is whatever changes the counts; the deadline runs from the last change.
function progress(
  world: World,
  deployment: Deployment,
  fresh: ReplicaSet | undefined,
  counts: Counts,
  made: boolean,
): Condition | undefined {
  const before = deployment.status?.conditions?.find(({ type }) => type === 'Progressing')
  if (deployment.spec.paused) {
    const message = 'Deployment is paused'
    return updated(world, deployment, {
      type: 'Progressing',
      status: 'Unknown',
      reason: 'DeploymentPaused',
      message,
    })
  }
  if (!fresh) return before
  const name = fresh.metadata.name
  const is = (status: string, reason: string, message: string): Condition =>
    updated(world, deployment, { type: 'Progressing', status, reason, message })
  if (isComplete(deployment, counts))
    return is('True', 'NewReplicaSetAvailable', `ReplicaSet "${name}" has successfully progressed.`)
  if (made) return is('True', 'NewReplicaSetCreated', `Created new replica set "${name}"`)
  if (
    before?.reason === 'NewReplicaSetAvailable' &&
    before.message?.includes(`"${name}"`) &&
    !hasOld(counts)
  )
    // Pods of a finished rollout come and go without starting a new deadline.
    return before
  const moved = hasMoved(deployment, counts)
  if (before && !moved && isLate(world, deployment, before)) {
    const message = `ReplicaSet "${name}" has timed out progressing.`
    return is('False', 'ProgressDeadlineExceeded', message)
  }
  if (!moved && before?.reason === 'NewReplicaSetCreated' && before.message?.includes(`"${name}"`))
    return before
  const next = is('True', 'ReplicaSetUpdated', `ReplicaSet "${name}" is progressing.`)
  return moved ? { ...next, lastUpdateTime: stamp(world) } : next
}

function isComplete(
  { spec }: Deployment,
  { replicas, updated: fresh, available }: Counts,
): boolean {
  const desired = spec.replicas ?? 1
  return fresh === desired && replicas === desired && available === desired
}

function hasOld({ replicas, updated: fresh }: Counts): boolean {
  return replicas > fresh
}

function hasMoved({ status }: Deployment, counts: Counts): boolean {
  const number = (field: string): number => Number(status?.[field] ?? 0)
  return (
    counts.updated > number('updatedReplicas') ||
    counts.ready > number('readyReplicas') ||
    counts.available > number('availableReplicas') ||
    counts.replicas - counts.updated < number('replicas') - number('updatedReplicas')
  )
}

function isLate(world: World, deployment: Deployment, before: Condition): boolean {
  if (before.reason === 'ProgressDeadlineExceeded') return true
  if (before.reason === 'NewReplicaSetAvailable') return false
  return since(world, before.lastUpdateTime ?? '') >= deadlineMs(deployment)
}

function deadlineMs({ spec }: Deployment): number {
  return (spec.progressDeadlineSeconds ?? 600) * 1000
}

// A condition that says the same as before keeps its time.
function updated(world: World, { status }: Deployment, condition: Condition): Condition {
  const before = status?.conditions?.find(({ type }) => type === condition.type)
  const same = before?.reason === condition.reason && before?.message === condition.message
  return { ...condition, lastUpdateTime: (same && before?.lastUpdateTime) || stamp(world) }
}
