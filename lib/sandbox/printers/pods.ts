// What kubectl shows of pods: which one word says how a pod is, and how often its containers were started again.
import { isMap, type JsonMap } from '../schema.ts'
import type { Obj } from '../types.ts'
import {
  age,
  containers,
  labelsText,
  name,
  printer,
  sinceText,
  text,
  type Printer,
} from './printer.ts'
import { at, mapsAt, numberAt, textAt } from '../reading.ts'

export const podPrinters: Record<string, Printer> = {
  Pod: printer(
    'Name|Ready|Status|Restarts|Age|IP*|Node*|Nominated Node*|Readiness Gates*',
    name,
    (pod) => readyText(pod),
    (pod) => describePod(pod).status,
    (pod, now) => restartsText(pod, now),
    age,
    (pod) =>
      textAt(mapsAt(pod, 'status.podIPs')[0], 'ip') || textAt(pod, 'status.podIP') || '<none>',
    text('spec.nodeName', '<none>'),
    text('status.nominatedNodeName', '<none>'),
    (pod) => gatesText(pod),
  ),
  PodTemplate: printer(
    'Name|Containers|Images|Pod Labels',
    name,
    containers('template.spec', 'name'),
    containers('template.spec', 'image'),
    (template) => labelsText(at(template, 'template.metadata.labels')),
  ),
}

type Description = { status: string; ready: number; restarts: number; lastRestart: string }

/** How a pod is, in the word that kubectl has for it. */
function describePod(pod: Obj): Description {
  const phase = textAt(pod, 'status.reason') || textAt(pod, 'status.phase')
  const gated = condition(pod, 'PodScheduled')?.['reason'] === 'SchedulingGated'
  const start = {
    status: gated ? 'SchedulingGated' : phase,
    ready: 0,
    restarts: 0,
    lastRestart: '',
  }
  const initial = describeInit(pod, start)
  const isInitialized = condition(pod, 'Initialized')?.['status'] === 'True'
  const described =
    initial.isDone || isInitialized ? describeMain(pod, initial.sidecars) : initial.description
  return { ...described, status: endingStatus(pod, described.status) }
}

function endingStatus(pod: Obj, status: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return status
  if (textAt(pod, 'status.reason') === 'NodeLost') return 'Unknown'
  return ['Succeeded', 'Failed'].includes(textAt(pod, 'status.phase')) ? status : 'Terminating'
}

function describeInit(
  pod: Obj,
  start: Description,
): { description: Description; sidecars: Description; isDone: boolean } {
  let description = start
  let sidecars = start
  const statuses = mapsAt(pod, 'status.initContainerStatuses')
  for (const [index, status] of statuses.entries()) {
    const isSidecar = sidecarNames(pod).includes(textAt(status, 'name'))
    description = withRestarts(description, status)
    if (isSidecar) sidecars = withRestarts(sidecars, status)
    const terminated = at(status, 'state.terminated')
    if (isMap(terminated) && numberAt(terminated, 'exitCode') === 0) continue
    if (isSidecar && status['started'] === true) {
      if (status['ready'] === true) sidecars = { ...sidecars, ready: sidecars.ready + 1 }
      continue
    }
    const shown = `Init:${initText(pod, status, index)}`
    return {
      description: { ...description, status: shown, ready: sidecars.ready },
      sidecars,
      isDone: false,
    }
  }
  return { description, sidecars, isDone: true }
}

function initText(pod: Obj, status: JsonMap, index: number): string {
  const terminated = at(status, 'state.terminated')
  if (isMap(terminated)) return textAt(terminated, 'reason') || exitText(terminated)
  const waiting = textAt(status, 'state.waiting.reason')
  if (waiting !== '' && waiting !== 'PodInitializing') return waiting
  return `${index}/${mapsAt(pod, 'spec.initContainers').length}`
}

function exitText(terminated: JsonMap): string {
  const signal = numberAt(terminated, 'signal')
  return signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode')}` : `Signal:${signal}`
}

// The first container that has something to say wins; kubectl looks at them from the last to the first.
function describeMain(pod: Obj, start: Description): Description {
  let description = start
  let { status } = start
  let isRunning = false
  for (const one of mapsAt(pod, 'status.containerStatuses').reverse()) {
    description = withRestarts(description, one)
    const waiting = textAt(one, 'state.waiting.reason')
    const terminated = at(one, 'state.terminated')
    if (waiting !== '') status = waiting
    else if (isMap(terminated)) status = textAt(terminated, 'reason') || exitText(terminated)
    else if (one['ready'] === true && at(one, 'state.running') !== undefined) {
      isRunning = true
      description = { ...description, ready: description.ready + 1 }
    }
  }
  if (status === 'Completed' && isRunning)
    status = condition(pod, 'Ready')?.['status'] === 'True' ? 'Running' : 'NotReady'
  return { ...description, status }
}

function withRestarts(description: Description, status: JsonMap): Description {
  const finishedAt = textAt(status, 'lastState.terminated.finishedAt')
  return {
    ...description,
    restarts: description.restarts + numberAt(status, 'restartCount'),
    lastRestart: finishedAt > description.lastRestart ? finishedAt : description.lastRestart,
  }
}

function readyText(pod: Obj): string {
  const total = mapsAt(pod, 'spec.containers').length + sidecarNames(pod).length
  return `${describePod(pod).ready}/${total}`
}

function restartsText(pod: Obj, now: number): string {
  const { restarts, lastRestart } = describePod(pod)
  if (restarts === 0 || lastRestart === '') return String(restarts)
  return `${restarts} (${sinceText(lastRestart, now)} ago)`
}

function gatesText(pod: Obj): string {
  const gates = mapsAt(pod, 'spec.readinessGates').map((gate) => textAt(gate, 'conditionType'))
  const open = gates.filter((gate) => condition(pod, gate)?.['status'] === 'True')
  return gates.length === 0 ? '<none>' : `${open.length}/${gates.length}`
}

function condition(pod: Obj, type: string): JsonMap | undefined {
  return mapsAt(pod, 'status.conditions').find((one) => one['type'] === type)
}

function sidecarNames(pod: Obj): string[] {
  return mapsAt(pod, 'spec.initContainers')
    .filter((container) => container['restartPolicy'] === 'Always')
    .map((container) => textAt(container, 'name'))
}
