// May this pod be asked to go? Eviction is deletion that respects disruption budgets.
import { numberAt } from './reading.ts'
import { deleteObject } from './remove.ts'
import { StatusError, type DeleteOptions, type Obj } from './types.ts'
import { selects } from './workloads/labels.ts'
import type { LabelSelector } from './workloads/shapes.ts'
import type { World } from './world.ts'

/** Deletes the pod as the Eviction says; throws StatusError 429 when a budget does not allow it now. */
export function evictPod(world: World, pod: Obj, eviction: Obj, dryRun: boolean): void {
  const pods = world.registry.resolve('pods')!
  const { namespace, name } = pod.metadata
  const phase = (pod['status'] as { phase?: string } | undefined)?.phase
  const ended = phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending'
  const budget = ended ? undefined : exhaustedBudget(world, pod)
  if (budget !== undefined)
    throw new StatusError(
      429,
      'TooManyRequests',
      `Cannot evict pod as it would violate the pod's disruption budget.`,
      {
        causes: [
          {
            reason: 'DisruptionBudget',
            message: `The disruption budget ${budget.metadata.name} needs ${numberAt(budget, 'status.desiredHealthy')} healthy pods and has ${numberAt(budget, 'status.currentHealthy')} currently`,
          },
        ],
      },
    )
  const options = (eviction['deleteOptions'] ?? {}) as DeleteOptions
  deleteObject(world, { definition: pods, namespace, name }, { ...options, dryRun })
}

function exhaustedBudget({ registry, store }: World, pod: Obj): Obj | undefined {
  const definition = registry.resolve('poddisruptionbudgets.policy')
  if (definition === undefined) return undefined
  const collection = store.collection(definition)
  return collection
    .keys(pod.metadata.namespace)
    .map((key) => collection.at(key)!)
    .find((budget) => {
      const { selector } = (budget['spec'] ?? {}) as { selector?: LabelSelector }
      const { disruptionsAllowed = 0 } = (budget['status'] ?? {}) as { disruptionsAllowed?: number }
      return disruptionsAllowed === 0 && selects(selector, pod.metadata.labels)
    })
}
