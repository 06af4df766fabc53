// What keeps one pod from being ready? Its own status says most of it, its events the rest.
import type { KubeObject } from '../model/json.ts'
import { conditionOf, listAt, numberAt, textAt, valueAt } from './fields.ts'

const pullFailures = [
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]
// What the pod refers to does not exist or lacks a key; or the runtime refuses what it asks for.
const startFailures = [
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreStartHookError',
  'PostStartHookError',
]
const mountFailures = ['FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox']

/** One sentence about a pod that is in trouble; undefined for one that merely takes its time. */
export function diagnosePod(pod: KubeObject, events: readonly KubeObject[]): string | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined
  const name = `pod "${pod.metadata.name}"`
  const scheduled = conditionOf(pod, 'PodScheduled')
  if (scheduled?.status === 'False' && scheduled.message)
    return `${name} cannot be scheduled: ${scheduled.message}`
  const containers = [
    ...listAt(pod, 'status', 'initContainerStatuses'),
    ...listAt(pod, 'status', 'containerStatuses'),
  ]
  for (const container of containers) {
    const found = diagnoseContainer(name, container)
    if (found !== undefined) return found
  }
  return (
    diagnoseEvents(name, containers, events) ??
    (textAt(pod, 'status', 'phase') === 'Failed' ? `${name} ${failureOf(pod)}` : undefined)
  )
}

function failureOf(pod: KubeObject): string {
  const why = textAt(pod, 'status', 'message') || textAt(pod, 'status', 'reason')
  return why ? `failed: ${why}` : 'failed'
}

function diagnoseContainer(pod: string, container: unknown): string | undefined {
  const name = `container "${textAt(container, 'name')}" of ${pod}`
  const reason = textAt(container, 'state', 'waiting', 'reason')
  const message = textAt(container, 'state', 'waiting', 'message')
  if (pullFailures.includes(reason)) {
    const image = textAt(container, 'image')
    const why = reason === 'ImagePullBackOff' ? pullReason(message) : message
    return `${name} cannot pull image "${image}"${why ? `: ${why}` : ''}`
  }
  if (startFailures.includes(reason))
    return `${name} cannot start: ${message || `the reason given is ${reason}`}`
  return diagnoseEnd(name, container)
}

// Newer kubelets put the registry's answer behind the back-off's own words.
function pullReason(message: string): string {
  const [, answer = ''] = /^Back-off pulling image "[^"]*": \w+: (.*)$/s.exec(message) ?? []
  return answer
}

function diagnoseEnd(name: string, container: unknown): string | undefined {
  const ended =
    valueAt(container, 'state', 'terminated') ?? valueAt(container, 'lastState', 'terminated')
  const exitCode = numberAt(ended, 'exitCode')
  const isBackingOff = textAt(container, 'state', 'waiting', 'reason') === 'CrashLoopBackOff'
  const isReady = valueAt(container, 'ready') === true
  if (ended === undefined) return isBackingOff ? `${name} keeps crashing` : undefined
  if (isReady || (exitCode === 0 && !isBackingOff)) return undefined
  const times = restarts(numberAt(container, 'restartCount') ?? 0)
  if (textAt(ended, 'reason') === 'OOMKilled') return `${name} ran out of memory${times}`
  return `${name} ${isBackingOff ? 'keeps crashing' : 'ended'} with exit code ${exitCode}${times}`
}

function restarts(count: number): string {
  if (count === 0) return ''
  return count === 1 ? ' and was restarted once' : ` and was restarted ${count} times`
}

function diagnoseEvents(
  pod: string,
  containers: readonly unknown[],
  events: readonly KubeObject[],
): string | undefined {
  const find = (...reasons: readonly string[]): string =>
    textAt(
      events.findLast((event) => reasons.includes(textAt(event, 'reason'))),
      'message',
    )
  const running = containers.find(
    (one) => valueAt(one, 'state', 'running') !== undefined && valueAt(one, 'ready') !== true,
  )
  if (running !== undefined) {
    const probe = find('Unhealthy')
    return probe
      ? `container "${textAt(running, 'name')}" of ${pod} fails its probe: ${probe}`
      : undefined
  }
  const mount = find(...mountFailures)
  return mount ? `${pod} cannot be set up: ${mount}` : undefined
}
