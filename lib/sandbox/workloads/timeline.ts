// What becomes of one container, as a function of time: where it stands so many sandbox milliseconds after its pod was
// placed, what it said on the way, and when it changes next. Pure: the same container lives the same life every time.
import type { Behaviour } from './convention.ts'
import type { Container } from './shapes.ts'

export type Ended = { code: number; reason: string; startedAtMs: number; endedAtMs: number }
export type ContainerState =
  | { kind: 'waiting'; reason: string; message?: string }
  | { kind: 'running'; startedAtMs: number; started: boolean; ready: boolean }
  | { kind: 'terminated'; ended: Ended }

export type Note = { atMs: number; type: 'Normal' | 'Warning'; reason: string; message: string }
export type Step = {
  atMs: number
  state: ContainerState
  restarts: number
  // How the run before this one ended.
  last?: Ended
  notes: Note[]
}
export type Progress = {
  step: Step
  // When something changes next; absent when nothing will.
  nextAtMs?: number
  // Set once it will never run again.
  done?: Ended
  notes: Note[]
}

export type Life = {
  container: Container
  behaviour: Behaviour
  restart: 'always' | 'onFailure' | 'never'
  // "web-abc_shop(0f3…)", as kubelet's messages name a pod.
  podLabel: string
}

// A real kubelet waits 10 s before the second restart and doubles to 5 minutes; here a twentieth, up to 30 s.
const firstBackoffMs = 500
const longestBackoffMs = 30_000
// Shorter than any real pull, long enough to be seen in a watch.
const pullMs = 40
const readyMs = 80
const pullRetryMs = 1000
// A real probe gives up after failureThreshold * periodSeconds, 30 s by default.
const probeGivesUpMs = 2000
const probeRepeatMs = 10_000

/** Follows a container that may start at `fromMs` up to `nowMs`, both counted from when its pod was placed. */
export function follow(life: Life, fromMs: number, nowMs: number): Progress {
  const notes: Note[] = []
  let current: Step | undefined
  for (const step of steps(life, fromMs)) {
    if (current && step.atMs > nowMs) return { step: current, nextAtMs: step.atMs, notes }
    notes.push(...step.notes)
    current = step
  }
  const done = current!.state.kind === 'terminated' ? current!.state.ended : undefined
  return { step: current!, notes, ...(done ? { done } : {}) }
}

function* steps(life: Life, fromMs: number): Generator<Step> {
  const { behaviour, container } = life
  const image = container.image ?? ''
  const creating = waiting('ContainerCreating')
  if (behaviour.misconfigured !== undefined) {
    yield step(fromMs, creating)
    return yield* misconfigured(behaviour.misconfigured, fromMs + pullMs)
  }
  if (behaviour.image === 'missing') return yield* unpullable(image, fromMs)
  const pulls = behaviour.image === 'pulled'
  yield step(fromMs, creating, pulls ? [note(fromMs, 'Pulling', `Pulling image "${image}"`)] : [])
  const atMs = fromMs + pullMs
  const took = `${pullMs}ms (${pullMs}ms including waiting)`
  const pulled = pulls
    ? `Successfully pulled image "${image}" in ${took}. Image size: 12345678 bytes.`
    : `Container image "${image}" already present on machine`
  yield* runs(life, atMs, note(atMs, 'Pulled', pulled))
}

function* misconfigured(message: string, atMs: number): Generator<Step> {
  const notes = [warning(atMs, 'Failed', `Error: ${message}`)]
  yield step(atMs, waiting('CreateContainerConfigError', message), notes)
}

function* unpullable(image: string, fromMs: number): Generator<Step> {
  const error = `failed to pull and unpack image "${image}": not found`
  const pulling = (atMs: number): Note[] => [
    note(atMs, 'Pulling', `Pulling image "${image}"`),
    warning(atMs, 'Failed', `Failed to pull image "${image}": ${error}`),
    warning(atMs, 'Failed', 'Error: ErrImagePull'),
  ]
  yield step(fromMs, waiting('ContainerCreating'))
  let atMs = fromMs + pullMs
  yield step(atMs, waiting('ErrImagePull', error), pulling(atMs))
  const message = `Back-off pulling image "${image}": ErrImagePull: ${error}`
  for (let delay = pullRetryMs; ; delay = Math.min(delay * 2, longestBackoffMs)) {
    atMs += delay
    const backsOff = [
      note(atMs, 'BackOff', `Back-off pulling image "${image}"`),
      warning(atMs, 'Failed', 'Error: ImagePullBackOff'),
    ]
    yield step(atMs, waiting('ImagePullBackOff', message), backsOff)
  }
}

function* runs(life: Life, fromMs: number, pulled: Note): Generator<Step> {
  const { container, podLabel } = life
  let atMs = fromMs
  let last: Ended | undefined
  for (let restarts = 0; ; restarts += 1) {
    const ended: Ended | undefined = yield* oneRun(life, atMs, restarts, last, pulled)
    if (!ended) return
    if (life.restart === 'never' || (life.restart === 'onFailure' && ended.code === 0)) return
    atMs = ended.endedAtMs + readyMs
    // The first restart is immediate; waiting begins with the second.
    if (restarts > 0) {
      const delayMs = Math.min(firstBackoffMs * 2 ** (restarts - 1), longestBackoffMs)
      const which = `restarting failed container=${container.name} pod=${podLabel}`
      const message = `back-off ${Math.ceil(delayMs / 1000)}s ${which}`
      const text = `Back-off restarting failed container ${container.name} in pod ${podLabel}`
      const state = waiting('CrashLoopBackOff', message)
      const notes = [warning(atMs, 'BackOff', text)]
      yield { atMs, state, restarts, last: ended, notes }
      atMs += delayMs
    }
    last = ended
  }
}

// Yields one run of the process and answers how it ended; nothing when it never does.
function* oneRun(
  life: Life,
  atMs: number,
  restarts: number,
  last: Ended | undefined,
  pulled: Note,
): Generator<Step, Ended | undefined> {
  const { behaviour, container } = life
  const past = { restarts, ...(last ? { last } : {}) }
  const endsAtMs = atMs + lifetime(behaviour)
  const started = behaviour.unstarted === undefined
  const run = (ready: boolean): ContainerState => ({
    kind: 'running',
    startedAtMs: atMs,
    started,
    ready,
  })
  const notes = [
    { ...pulled, atMs },
    note(atMs, 'Created', `Container created: ${container.name}`),
    note(atMs, 'Started', `Container started: ${container.name}`),
  ]
  const probed = container.readinessProbe ?? container.startupProbe
  yield { atMs, state: run(!probed && isReady(behaviour)), ...past, notes }
  for (const { state, atMs: at, notes: heard } of probing(
    behaviour,
    atMs,
    endsAtMs,
    run,
    Boolean(probed),
  ))
    yield { atMs: at, state, ...past, notes: heard }
  if (endsAtMs === Infinity) return undefined
  const { code, reason, notes: said } = ending(life, endsAtMs)
  const ended = { code, reason, startedAtMs: atMs, endedAtMs: endsAtMs }
  yield { atMs: endsAtMs, state: { kind: 'terminated', ended }, ...past, notes: said }
  return ended
}

// A container whose probes kill it is told so; any other ends as its process does.
function ending(
  { behaviour, container }: Life,
  atMs: number,
): { code: number; reason: string; notes: Note[] } {
  const { dead, unstarted, exit } = behaviour
  const failure = unstarted ?? dead
  if (failure === undefined) return { ...exit, notes: [] }
  const probe = unstarted === undefined ? 'Liveness' : 'Startup'
  const killing = `Container ${container.name} failed ${probe.toLowerCase()} probe, will be restarted`
  const notes = [
    warning(atMs, 'Unhealthy', `${probe} probe failed: ${failure}`),
    note(atMs, 'Killing', killing),
  ]
  return { code: 137, reason: 'Error', notes }
}

// Readiness comes after a moment, or its probe fails again and again.
function* probing(
  behaviour: Behaviour,
  startedAtMs: number,
  endsAtMs: number,
  run: (ready: boolean) => ContainerState,
  probed: boolean,
): Generator<{ atMs: number; state: ContainerState; notes: Note[] }> {
  if (probed && isReady(behaviour) && startedAtMs + readyMs < endsAtMs)
    yield { atMs: startedAtMs + readyMs, state: run(true), notes: [] }
  if (behaviour.unready === undefined || behaviour.unstarted !== undefined) return
  for (let atMs = startedAtMs + readyMs; atMs < endsAtMs; atMs += probeRepeatMs) {
    const notes = [warning(atMs, 'Unhealthy', `Readiness probe failed: ${behaviour.unready}`)]
    yield { atMs, state: run(false), notes }
  }
}

// A process that dies at once never counts as ready, or a crash loop would look available now and then.
function isReady({ unready, unstarted, runsForMs, exit }: Behaviour): boolean {
  const dies = exit.code !== 0 && runsForMs < 1000
  return unready === undefined && unstarted === undefined && !dies
}

function lifetime({ dead, unstarted, runsForMs }: Behaviour): number {
  return dead !== undefined || unstarted !== undefined
    ? Math.min(probeGivesUpMs, runsForMs)
    : runsForMs
}

function waiting(reason: string, message?: string): ContainerState {
  return { kind: 'waiting', reason, ...(message === undefined ? {} : { message }) }
}

function step(atMs: number, state: ContainerState, notes: Note[] = []): Step {
  return { atMs, state, restarts: 0, notes }
}

function note(atMs: number, reason: string, message: string): Note {
  return { atMs, type: 'Normal', reason, message }
}

function warning(atMs: number, reason: string, message: string): Note {
  return { atMs, type: 'Warning', reason, message }
}
