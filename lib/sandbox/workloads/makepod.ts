// How controllers make and unmake pods, and tell about it.
import { StatusError, type Obj } from '../types.ts'
import { tell } from './events.ts'
import { isOver, isReady } from './pod.ts'
import type { Pod, PodTemplate } from './shapes.ts'
import { controlledBy, isEnding, ownerReference, since, unlessGone, type World } from './world.ts'

export type PodExtra = {
  // Absent: the server makes one of the owner's.
  name?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  spec?: Partial<Pod['spec']>
  component: string
  words?: Words
}
// What the events say.
export type Words = { made: (name: string) => string; refused: (why: string) => string }
// No problem although nothing was made: the namespace ends, and the owner with it.
export type Making = { made: boolean; problem?: string }

const usualWords: Words = {
  made: (name) => `Created pod: ${name}`,
  refused: (why) => `Error creating: ${why}`,
}

/** Makes a pod of the owner's template; answers what went wrong when the API refuses it. */
export function makePod(world: World, owner: Obj, template: PodTemplate, extra: PodExtra): Making {
  const { component, words = usualWords, name = '' } = extra
  const annotations = { ...template.metadata?.annotations, ...extra.annotations }
  try {
    const pod = world.api.create('pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        generateName: `${owner.metadata.name}-`,
        namespace: owner.metadata.namespace ?? '',
        labels: { ...template.metadata?.labels, ...extra.labels },
        ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
        ownerReferences: [ownerReference(owner)],
      },
      spec: { ...template.spec, ...extra.spec },
    })
    const message = words.made(pod.metadata.name)
    tell(world, owner, { type: 'Normal', reason: 'SuccessfulCreate', message, component })
    return { made: true }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    if (isEnding(error)) return { made: false }
    const message = words.refused(error.message)
    tell(world, owner, { type: 'Warning', reason: 'FailedCreate', message, component })
    return { made: false, problem: error.message }
  }
}

/** Deletes a pod; kubelet takes it from there. */
export function unmakePod(world: World, owner: Obj, { metadata }: Pod, component: string): void {
  const { namespace, name } = metadata
  unlessGone(() => {
    world.api.delete('pods', namespace, name)
    const message = `Deleted pod: ${name}`
    tell(world, owner, { type: 'Normal', reason: 'SuccessfulDelete', message, component })
  })
}

/** The owner's pods that run or will: neither over nor being deleted. */
export function activePods(world: World, owner: Obj): Pod[] {
  return controlledBy<Pod>(world, 'pods', owner).filter(
    (pod) => !isOver(pod) && pod.metadata.deletionTimestamp === undefined,
  )
}

/** Ready for at least so many seconds; answers how many sandbox milliseconds are missing, Infinity if it is not ready. */
export function untilAvailable(world: World, pod: Pod, minReadySeconds = 0): number {
  if (!isReady(pod)) return Infinity
  if (minReadySeconds === 0) return 0
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')
  return Math.max(0, minReadySeconds * 1000 - since(world, ready?.lastTransitionTime ?? ''))
}

/** Counts the available ones, and says when to count again because a pod is about to be. */
export function countAvailable(
  world: World,
  pods: readonly Pod[],
  minReadySeconds: number | undefined,
): { available: number; again?: number } {
  const waits = pods.map((pod) => untilAvailable(world, pod, minReadySeconds))
  const soonest = Math.min(...waits.filter((ms) => ms > 0))
  const available = waits.filter((ms) => ms === 0).length
  return { available, ...(soonest === Infinity ? {} : { again: soonest }) }
}
