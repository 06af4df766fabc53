// How far each ReplicaSet of a Deployment may be scaled now. Pure arithmetic of a rolling update.
import type { Deployment } from './shapes.ts'

export type Sizes = {
  desired: number
  // What the template's own ReplicaSet wants, and how many of its pods are available.
  fresh: { replicas: number; available: number }
  // The others, oldest first.
  old: readonly { replicas: number; available: number }[]
}
export type Limits = { maxSurge: number; maxUnavailable: number }

/** The strategy's limits in pods: surge rounds up, unavailability down, and not both are 0. */
export function limitsOf({ spec }: Deployment): Limits {
  const desired = spec.replicas ?? 1
  if (spec.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 }
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy?.rollingUpdate ?? {}
  const surge = scaled(maxSurge, desired, Math.ceil)
  const unavailable = scaled(maxUnavailable, desired, Math.floor)
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** A number of pods, given as one or as a percentage of `whole`. */
export function scaled(
  value: number | string,
  whole: number,
  round: (n: number) => number,
): number {
  const percent = /^(\d+)%$/.exec(String(value))?.[1]
  return percent === undefined ? Number(value) : round((whole * Number(percent)) / 100)
}

/** The next step of a rolling update: the sizes to give to the new and to the old ReplicaSets. */
export function nextSizes(sizes: Sizes, limits: Limits): { fresh: number; old: number[] } {
  const { desired, fresh, old } = sizes
  const total = fresh.replicas + sum(old.map(({ replicas }) => replicas))
  const room = Math.max(0, desired + limits.maxSurge - total)
  const grown = fresh.replicas >= desired ? desired : Math.min(desired, fresh.replicas + room)
  return { fresh: grown, old: shrink(sizes, limits) }
}

// First the pods that do not work anyway, then working ones as far as availability allows; oldest first.
function shrink({ desired, fresh, old }: Sizes, limits: Limits): number[] {
  const least = desired - limits.maxUnavailable
  const total = fresh.replicas + sum(old.map(({ replicas }) => replicas))
  let mayGo = Math.max(0, total - least - (fresh.replicas - fresh.available))
  const next = old.map(({ replicas, available }) => {
    const broken = Math.min(replicas - Math.min(replicas, available), mayGo)
    mayGo -= broken
    return replicas - broken
  })
  const working =
    fresh.available + sum(old.map(({ replicas, available }) => Math.min(replicas, available)))
  let spare = Math.min(mayGo, Math.max(0, working - least))
  return next.map((replicas) => {
    const gone = Math.min(replicas, spare)
    spare -= gone
    return replicas - gone
  })
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0)
}
