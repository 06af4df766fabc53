// Where a whole pod stands at a moment: init containers one after the other, sidecars beside them, then the rest at once.
import { readBehaviour } from './convention.ts'
import type { Container, Pod } from './shapes.ts'
import { follow, type Life, type Note, type Progress } from './timeline.ts'

export type ContainerProgress = { container: Container; sidecar: boolean; progress?: Progress }
export type PodProgress = {
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed'
  init: ContainerProgress[]
  main: ContainerProgress[]
  initialized: boolean
  nextAtMs?: number
  notes: Note[]
}
/** Why a container's environment cannot be made, or undefined. */
export type Misconfigured = (container: Container) => string | undefined

/** Where the pod stands `nowMs` sandbox milliseconds after it was placed and its volumes were there. */
export function followPod(pod: Pod, nowMs: number, misconfigured: Misconfigured): PodProgress {
  const init: ContainerProgress[] = []
  let fromMs: number | undefined = 0
  for (const container of pod.spec.initContainers ?? []) {
    const sidecar = container.restartPolicy === 'Always'
    if (fromMs === undefined) {
      init.push({ container, sidecar })
      continue
    }
    const progress = follow(lifeOf(pod, container, true, misconfigured), fromMs, nowMs)
    init.push({ container, sidecar, progress })
    fromMs = continuesAt(progress, sidecar)
  }
  const main = pod.spec.containers.map((container): ContainerProgress => {
    if (fromMs === undefined) return { container, sidecar: false }
    const progress = follow(lifeOf(pod, container, false, misconfigured), fromMs, nowMs)
    return { container, sidecar: false, progress }
  })
  const all = [...init, ...main].flatMap(({ progress }) => (progress ? [progress] : []))
  const phase = phaseOf(init, main, fromMs !== undefined)
  const next = Math.min(...all.map(({ nextAtMs }) => nextAtMs ?? Infinity))
  const over = phase === 'Succeeded' || phase === 'Failed'
  return {
    phase,
    init,
    main,
    initialized: fromMs !== undefined,
    notes: all.flatMap(({ notes }) => notes).sort((a, b) => a.atMs - b.atMs),
    ...(next === Infinity || over ? {} : { nextAtMs: next }),
  }
}

function lifeOf(pod: Pod, container: Container, init: boolean, misconfigured: Misconfigured): Life {
  const policy = pod.spec.restartPolicy ?? 'Always'
  const always = init ? container.restartPolicy === 'Always' : policy === 'Always'
  const behaviour = readBehaviour(container, always)
  const problem = misconfigured(container)
  const { name, namespace, uid } = pod.metadata
  return {
    container,
    behaviour: problem === undefined ? behaviour : { ...behaviour, misconfigured: problem },
    restart: always ? 'always' : policy === 'Never' ? 'never' : 'onFailure',
    podLabel: `${name}_${namespace}(${uid})`,
  }
}

// The next container starts when this one is through, or, after a sidecar, when it runs.
function continuesAt({ done, step }: Progress, sidecar: boolean): number | undefined {
  if (sidecar) return step.state.kind === 'running' ? step.state.startedAtMs : undefined
  return done?.code === 0 ? done.endedAtMs : undefined
}

function phaseOf(
  init: readonly ContainerProgress[],
  main: readonly ContainerProgress[],
  initialized: boolean,
): PodProgress['phase'] {
  const lost = init.some(({ progress, sidecar }) => !sidecar && (progress?.done?.code ?? 0) !== 0)
  if (lost) return 'Failed'
  if (!initialized) return 'Pending'
  const ends = main.map(({ progress }) => progress?.done)
  if (ends.every((done) => done !== undefined))
    return ends.every(({ code }) => code === 0) ? 'Succeeded' : 'Failed'
  const unborn = main.some(
    ({ progress }) => progress?.step.state.kind === 'waiting' && progress.step.last === undefined,
  )
  return unborn ? 'Pending' : 'Running'
}
