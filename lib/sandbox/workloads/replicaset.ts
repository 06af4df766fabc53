// Keeps as many pods of a ReplicaSet as it wants, and counts them.
import { adoptOrphans } from './adopt.ts'
import { activePods, countAvailable, makePod, unmakePod } from './makepod.ts'
import { isReady } from './pod.ts'
import type { Condition, Pod, ReplicaSet } from './shapes.ts'
import { withConditions, writeStatus, type Controller, type World } from './world.ts'

const component = 'replicaset-controller'
export const replicaSets: Controller = {
  resource: 'replicasets.apps',
  reconcile(world, object) {
    const set = object as ReplicaSet
    let problem: string | undefined
    if (set.metadata.deletionTimestamp === undefined) {
      adoptOrphans(world, 'pods', set)
      problem = scale(world, set)
    }
    const again = count(world, set, problem)
    return problem === undefined ? again : 'retry'
  },
}

function scale(world: World, set: ReplicaSet): string | undefined {
  const pods = activePods(world, set)
  const missing = (set.spec.replicas ?? 1) - pods.length
  for (const pod of [...pods].sort(leastWanted).slice(0, Math.max(0, -missing)))
    unmakePod(world, set, pod, component)
  for (let n = 0; n < missing; n += 1) {
    const { made, problem } = makePod(world, set, set.spec.template, { component })
    if (!made) return problem
  }
  return undefined
}

/** Which pod goes first: one that is nowhere yet, then one that is not ready, then the youngest. */
export function leastWanted(a: Pod, b: Pod): number {
  const rank = (pod: Pod): number => (pod.spec.nodeName ? 1 : 0) + (isReady(pod) ? 2 : 0)
  const age = (pod: Pod): string => pod.metadata.creationTimestamp ?? ''
  return rank(a) - rank(b) || age(b).localeCompare(age(a))
}

function count(world: World, set: ReplicaSet, problem: string | undefined): number | undefined {
  const pods = activePods(world, set)
  const { available, again } = countAvailable(world, pods, set.spec.minReadySeconds)
  const ready = pods.filter(isReady).length
  const conditions = failure(world, set, problem)
  writeStatus(world, 'replicasets.apps', set, {
    replicas: pods.length,
    ...(pods.length > 0 ? { fullyLabeledReplicas: pods.length } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    observedGeneration: set.metadata.generation,
    ...(conditions.length > 0 ? { conditions } : {}),
  })
  return again
}

// Says what went wrong first, until something goes well: words that change would have everybody look again.
function failure(world: World, set: ReplicaSet, problem: string | undefined): Condition[] {
  if (problem === undefined) return []
  const known = set.status?.conditions?.filter(({ type }) => type === 'ReplicaFailure') ?? []
  if (known.length > 0) return known
  const refused = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: problem,
  }
  return withConditions(world, set.status?.conditions, refused)
}
