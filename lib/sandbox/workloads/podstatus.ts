// A pod's progress as the status kubelet would write: phase, container statuses, conditions, addresses.
import { createHash } from 'node:crypto'
import type { ContainerProgress, PodProgress } from './podlife.ts'
import type { Condition, ContainerStatus, Pod, PodStatus, Terminated } from './shapes.ts'
import type { Ended } from './timeline.ts'

export type Placed = {
  podIP: string
  hostIP: string
  startTime: string
  // A Kubernetes timestamp for so many sandbox milliseconds after the pod's start.
  timeAt: (ms: number) => string
}

/** The whole status; conditions come without times, which depend on the status before. */
export function podStatus(pod: Pod, progress: PodProgress, placed: Placed): PodStatus {
  const { podIP, hostIP, startTime } = placed
  const init = progress.init.map((one) => containerStatus(pod, one, placed, true))
  const main = progress.main.map((one) => containerStatus(pod, one, placed, init.length > 0))
  const begun = progress.phase !== 'Pending' || progress.notes.length > 0
  return {
    phase: progress.phase,
    conditions: podConditions(progress, main),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(begun ? { podIP, podIPs: [{ ip: podIP }] } : {}),
    startTime,
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    containerStatuses: main,
  }
}

function containerStatus(
  pod: Pod,
  { container, sidecar, progress }: ContainerProgress,
  placed: Placed,
  afterInit: boolean,
): ContainerStatus {
  const image = container.image ?? ''
  const base = { name: container.name, image, imageID: '', lastState: {}, restartCount: 0 }
  if (!progress) {
    const reason = afterInit ? 'PodInitializing' : 'ContainerCreating'
    return { ...base, ready: false, started: false, state: { waiting: { reason } } }
  }
  const { state, restarts, last } = progress.step
  const id = `sandbox://${sha(`${pod.metadata.uid}/${container.name}/${restarts}`)}`
  const terminated = (ended: Ended): Terminated => ({
    containerID: id,
    exitCode: ended.code,
    reason: ended.reason,
    startedAt: placed.timeAt(ended.startedAtMs),
    finishedAt: placed.timeAt(ended.endedAtMs),
  })
  const ran = state.kind !== 'waiting' || last !== undefined
  const init = pod.spec.initContainers?.includes(container) === true
  const through = init && !sidecar && state.kind === 'terminated' && state.ended.code === 0
  return {
    ...base,
    ...(ran ? { imageID: `${image}@sha256:${sha(image)}`, containerID: id } : {}),
    restartCount: restarts,
    ready: through || (state.kind === 'running' && state.ready),
    started: state.kind === 'running' && state.started && (!init || sidecar),
    lastState: last ? { terminated: terminated(last) } : {},
    state:
      state.kind === 'running'
        ? { running: { startedAt: placed.timeAt(state.startedAtMs) } }
        : state.kind === 'terminated'
          ? { terminated: terminated(state.ended) }
          : {
              waiting: {
                reason: state.reason,
                ...(state.message ? { message: state.message } : {}),
              },
            },
  }
}

function podConditions(progress: PodProgress, main: readonly ContainerStatus[]): Condition[] {
  const { phase, initialized, init } = progress
  const over = phase === 'Succeeded' || phase === 'Failed'
  const late = init.filter(({ progress: one, sidecar }) => !sidecar && one?.done?.code !== 0)
  const unready = main.filter(({ ready }) => !ready).map(({ name }) => name)
  const why: Partial<Condition> = over
    ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : {
        reason: 'ContainersNotReady',
        message: `containers with unready status: [${unready.join(' ')}]`,
      }
  const incomplete = `containers with incomplete status: [${late.map((one) => one.container.name).join(' ')}]`
  const ready = !over && unready.length === 0
  return [
    condition('PodReadyToStartContainers', !over),
    condition('Initialized', initialized, {
      reason: 'ContainersNotInitialized',
      message: incomplete,
    }),
    condition('Ready', ready, why),
    condition('ContainersReady', ready, why),
    condition('PodScheduled', true),
  ]
}

function condition(type: string, value: boolean, otherwise: Partial<Condition> = {}): Condition {
  return {
    type,
    status: value ? 'True' : 'False',
    ...(value ? {} : otherwise),
  }
}

function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
