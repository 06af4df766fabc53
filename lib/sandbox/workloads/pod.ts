// Scheduler and kubelet in one: places pods on the node, lets their containers live as they say, and buries them.
import type { Obj } from '../types.ts'
import { tell } from './events.ts'
import { followPod, type PodProgress } from './podlife.ts'
import { podStatus } from './podstatus.ts'
import { createPodAddresses, type PodAddresses } from './podaddress.ts'
import { unconfigurable, unmountable, unschedulable } from './placement.ts'
import type { Pod } from './shapes.ts'
import {
  stamp,
  unlessGone,
  withConditions,
  writeStatus,
  type Controller,
  type World,
} from './world.ts'

export const nodeName = 'sandbox'
export const nodeIP = '172.18.0.2'

// Since when the pod lives as it is now; begins anew when its images or what keeps them from starting change.
type Life = { startedAt: number; signature: string; toldMs: number }
type Kubelet = { lives: Map<string, Life>; addresses: PodAddresses }

// Real containers get 30 s to end; these end at once, but not before a watch has seen them go.
const killMs = 30
const remountMs = 30_000

/** The controller of pods; it remembers since when each of them lives. */
export function createPodController(): Controller {
  const kubelet: Kubelet = { lives: new Map(), addresses: createPodAddresses() }
  const dying = new Set<string>()
  return {
    resource: 'pods',
    reconcile(world, object) {
      const pod = object as Pod
      const uid = pod.metadata.uid ?? ''
      if (pod.metadata.deletionTimestamp !== undefined) {
        if (dying.has(uid)) return bury(world, pod)
        dying.add(uid)
        return kill(world, pod)
      }
      if (isOver(pod)) return undefined
      const placed = pod.spec.nodeName ? pod : schedule(world, pod)
      return placed?.spec.nodeName === nodeName ? live(world, kubelet, placed) : undefined
    },
    gone(_, { metadata }) {
      dying.delete(metadata.uid ?? '')
      kubelet.lives.delete(metadata.uid ?? '')
      kubelet.addresses.free(metadata.uid ?? '')
    },
  }
}

/** Succeeded or Failed: nothing more happens to it. */
export function isOver(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

export function isReady(pod: Pod): boolean {
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready')
  return ready?.status === 'True' && pod.metadata.deletionTimestamp === undefined
}

function kill(world: World, pod: Pod): number {
  if (pod.status?.phase === 'Running')
    for (const { name } of pod.spec.containers)
      kubeletTells(world, pod, 'Normal', 'Killing', `Stopping container ${name}`)
  return killMs
}

function bury(world: World, { metadata }: Pod): undefined {
  const preconditions = { uid: metadata.uid ?? '' }
  const options = { gracePeriodSeconds: 0, preconditions }
  unlessGone(() => world.api.delete('pods', metadata.namespace, metadata.name, options))
}

function schedule(world: World, pod: Pod): Pod | undefined {
  if (pod.spec.schedulingGates?.length) return undefined
  const why = unschedulable(world, pod, world.api.get('nodes', undefined, nodeName))
  const component = 'default-scheduler'
  if (why !== undefined) {
    const scheduled = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: why,
    }
    const before = pod.status?.conditions
    const known = before?.some(({ type, message }) => type === 'PodScheduled' && message === why)
    const conditions = withConditions(world, before, scheduled)
    writeStatus(world, 'pods', pod, { ...pod.status, phase: 'Pending', conditions })
    if (!known)
      tell(world, pod, { type: 'Warning', reason: 'FailedScheduling', message: why, component })
    return undefined
  }
  const placed = world.api.update(
    'pods',
    { ...pod, spec: { ...pod.spec, nodeName } },
    'binding',
  ) as Pod
  const message = `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${nodeName}`
  tell(world, pod, { type: 'Normal', reason: 'Scheduled', message, component })
  return placed
}

function live(world: World, kubelet: Kubelet, pod: Pod): number | undefined {
  const blocked = unmountable(world, pod)
  const problems = new Map(
    [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((container) => [
      container,
      unconfigurable(world, pod.metadata.namespace, container),
    ]),
  )
  const signature = [...problems]
    .map(([{ image }, problem]) => `${image} ${problem ?? ''}`)
    .join('\n')
  const life = lifeOf(world, kubelet, pod, blocked ?? signature)
  const nowMs = (world.clock.now() - life.startedAt) * world.speed
  const progress =
    blocked === undefined ? followPod(pod, nowMs, (one) => problems.get(one)) : stalled(pod)
  report(world, kubelet, pod, life, progress)
  if (blocked !== undefined) {
    if (life.toldMs < 0 || nowMs - life.toldMs >= remountMs) {
      kubeletTells(world, pod, 'Warning', 'FailedMount', blocked)
      life.toldMs = nowMs
    }
    return remountMs
  }
  for (const { atMs, type, reason, message } of progress.notes)
    if (atMs > life.toldMs) kubeletTells(world, pod, type, reason, message)
  life.toldMs = nowMs
  return progress.nextAtMs === undefined ? undefined : progress.nextAtMs - nowMs
}

function lifeOf(world: World, { lives }: Kubelet, pod: Pod, signature: string): Life {
  const uid = pod.metadata.uid ?? ''
  const known = lives.get(uid)
  if (known?.signature === signature) return known
  const life = { startedAt: world.clock.now(), signature, toldMs: -1 }
  lives.set(uid, life)
  return life
}

function stalled(pod: Pod): PodProgress {
  const init = (pod.spec.initContainers ?? []).map((container) => ({
    container,
    sidecar: container.restartPolicy === 'Always',
  }))
  const main = pod.spec.containers.map((container) => ({ container, sidecar: false }))
  return { phase: 'Pending', init, main, initialized: init.length === 0, notes: [] }
}

function report(
  world: World,
  { addresses }: Kubelet,
  pod: Pod,
  life: Life,
  progress: PodProgress,
): void {
  const uid = pod.metadata.uid ?? ''
  const status = podStatus(pod, progress, {
    podIP: addresses.of(uid, pod.status?.podIP),
    hostIP: nodeIP,
    startTime: (pod.status?.['startTime'] as string | undefined) ?? stamp(world),
    timeAt: (ms) => stamp(world, (world.clock.now() - life.startedAt) * world.speed - ms),
  })
  const generation = pod.metadata.generation
  writeStatus(world, 'pods', pod, {
    ...pod.status,
    ...status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    conditions: withConditions(world, pod.status?.conditions, ...(status.conditions ?? [])),
  })
}

function kubeletTells(
  world: World,
  pod: Obj,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  tell(world, pod, { type, reason, message, component: 'kubelet' })
}
