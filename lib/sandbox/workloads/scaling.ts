// The two that watch over a workload's size: HorizontalPodAutoscalers, which keep it within bounds (there is no load to
// measure), and PodDisruptionBudgets, which count.
import type { Obj } from '../types.ts'
import { tell } from './events.ts'
import { selects } from './labels.ts'
import { isOver, isReady } from './pod.ts'
import { scaled } from './rollout.ts'
import type { Condition, LabelSelector, Pod, Workload } from './shapes.ts'
import { withConditions, writeStatus, type Controller, type World } from './world.ts'

type Autoscaler = Obj & {
  spec: {
    minReplicas?: number
    maxReplicas: number
    scaleTargetRef: { kind: string; name: string }
  }
  status?: { conditions?: Condition[] }
}
type Budget = Obj & {
  spec: {
    minAvailable?: number | string
    maxUnavailable?: number | string
    selector?: LabelSelector
  }
  status?: { conditions?: Condition[] }
}

const scalable: Record<string, string> = {
  Deployment: 'deployments.apps',
  ReplicaSet: 'replicasets.apps',
  StatefulSet: 'statefulsets.apps',
}

export const autoscalers: Controller = {
  resource: 'horizontalpodautoscalers.autoscaling',
  reconcile(world, object) {
    const scaler = object as Autoscaler
    const { scaleTargetRef: ref, minReplicas = 1, maxReplicas } = scaler.spec
    const resource = scalable[ref.kind]
    const target = resource && world.api.get(resource, scaler.metadata.namespace, ref.name)
    if (!target) return missTarget(world, scaler)
    const { spec } = target as Workload
    const current = spec.replicas ?? 1
    const desired = Math.min(Math.max(current, minReplicas), maxReplicas)
    if (desired !== current) {
      world.api.update(resource, { ...target, spec: { ...spec, replicas: desired } })
      const why =
        desired > current
          ? 'Current number of replicas below Spec.MinReplicas'
          : 'Current number of replicas above Spec.MaxReplicas'
      const message = `New size: ${desired}; reason: ${why}`
      tell(world, scaler, {
        type: 'Normal',
        reason: 'SuccessfulRescale',
        message,
        component: 'horizontal-pod-autoscaler',
      })
    }
    const conditions = withConditions(
      world,
      scaler.status?.conditions,
      condition('AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size'),
      condition(
        'ScalingActive',
        'True',
        'ValidMetricFound',
        'the HPA was able to successfully calculate a replica count',
      ),
      condition(
        'ScalingLimited',
        'False',
        'DesiredWithinRange',
        'the desired count is within the acceptable range',
      ),
    )
    writeStatus(world, 'horizontalpodautoscalers.autoscaling', scaler, {
      currentReplicas: current,
      desiredReplicas: desired,
      conditions,
    })
    return undefined
  },
}

function missTarget(world: World, scaler: Autoscaler): undefined {
  const { kind, name } = scaler.spec.scaleTargetRef
  const plural = `${kind.toLowerCase()}s.apps "${name}" not found`
  const message = `the HPA controller was unable to get the target's current scale: ${plural}`
  const conditions = withConditions(
    world,
    scaler.status?.conditions,
    condition('AbleToScale', 'False', 'FailedGetScale', message),
  )
  const status = { currentReplicas: 0, desiredReplicas: 0, conditions }
  writeStatus(world, 'horizontalpodautoscalers.autoscaling', scaler, status)
}

export const budgets: Controller = {
  resource: 'poddisruptionbudgets.policy',
  reconcile(world, object) {
    const budget = object as Budget
    const { minAvailable, maxUnavailable, selector } = budget.spec
    const { namespace } = budget.metadata
    const candidates = world.relations.podsLike(namespace, selector?.matchLabels ?? {})
    const pods = (candidates as Pod[]).filter(
      (pod) => selects(selector, pod.metadata.labels) && !isOver(pod),
    )
    const expected = pods.length
    const healthy = pods.filter(isReady).length
    const desired =
      minAvailable === undefined
        ? Math.max(0, expected - scaled(maxUnavailable ?? 0, expected, Math.ceil))
        : scaled(minAvailable, expected, Math.ceil)
    const allowed = Math.max(0, healthy - desired)
    const enough = allowed > 0
    writeStatus(world, 'poddisruptionbudgets.policy', budget, {
      conditions: withConditions(world, budget.status?.conditions, {
        ...condition(
          'DisruptionAllowed',
          enough ? 'True' : 'False',
          enough ? 'SufficientPods' : 'InsufficientPods',
          '',
        ),
        observedGeneration: budget.metadata.generation,
      }),
      currentHealthy: healthy,
      desiredHealthy: desired,
      disruptionsAllowed: allowed,
      expectedPods: expected,
      observedGeneration: budget.metadata.generation,
    })
    return undefined
  },
}

function condition(type: string, status: string, reason: string, message: string): Condition {
  return { type, status, reason, message }
}
