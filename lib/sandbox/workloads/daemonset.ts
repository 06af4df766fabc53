// One pod on the one node, if the node fits; renewed when the template changes.
import { templateGeneration } from '../daemonsets.ts'
import { adoptOrphans } from './adopt.ts'
import { activePods, countAvailable, makePod, unmakePod } from './makepod.ts'
import { admits } from './placement.ts'
import { isReady, nodeName } from './pod.ts'
import { currentRevision } from './revisions.ts'
import type { DaemonSet } from './shapes.ts'
import { controlledBy, writeStatus, type Controller, type World } from './world.ts'

const component = 'daemonset-controller'
const hashLabel = 'controller-revision-hash'

export const daemonSets: Controller = {
  resource: 'daemonsets.apps',
  reconcile(world, object) {
    const set = object as DaemonSet
    if (set.metadata.deletionTimestamp !== undefined) return undefined
    adoptOrphans(world, 'pods', set)
    const { hash } = currentRevision(world, set, hashLabel)
    const wanted = isWanted(world, set)
    const problem = arrange(world, set, hash, wanted)
    const again = count(world, set, hash, wanted ? 1 : 0)
    return problem === undefined ? again : 'retry'
  },
}

function isWanted(world: World, { spec }: DaemonSet): boolean {
  const node = world.api.get('nodes', undefined, nodeName)
  return node !== undefined && admits(spec.template.spec, node.metadata.labels ?? {})
}

// Says why the pod that should be there could not be made.
function arrange(world: World, set: DaemonSet, hash: string, wanted: boolean): string | undefined {
  const present = controlledBy(world, 'pods', set).length
  const pods = activePods(world, set)
  const rolls = (set.spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate'
  for (const [index, pod] of pods.entries()) {
    const outdated = rolls && pod.metadata.labels?.[hashLabel] !== hash
    if (!wanted || index > 0 || outdated) unmakePod(world, set, pod, component)
  }
  if (!wanted || present > 0) return undefined
  const labels = {
    [hashLabel]: hash,
    'pod-template-generation': set.metadata.annotations?.[templateGeneration] ?? '1',
  }
  return makePod(world, set, set.spec.template, { labels, component }).problem
}

function count(world: World, set: DaemonSet, hash: string, desired: number): number | undefined {
  const pods = activePods(world, set)
  const { available, again } = countAvailable(world, pods, set.spec.minReadySeconds)
  const fresh = pods.filter(({ metadata }) => metadata.labels?.[hashLabel] === hash).length
  const some = (field: string, n: number): object => (n > 0 ? { [field]: n } : {})
  writeStatus(world, 'daemonsets.apps', set, {
    currentNumberScheduled: Math.min(pods.length, desired),
    numberMisscheduled: Math.max(0, pods.length - desired),
    desiredNumberScheduled: desired,
    numberReady: pods.filter(isReady).length,
    observedGeneration: set.metadata.generation,
    ...some('updatedNumberScheduled', fresh),
    ...some('numberAvailable', available),
    ...some('numberUnavailable', Math.max(0, desired - available)),
  })
  return again
}
