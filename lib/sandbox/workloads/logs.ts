// What a container would have printed, as far as one can tell from how it is told to run.
import type { Obj } from '../types.ts'
import type { Container, ContainerStatus, Pod, Terminated } from './shapes.ts'

/** Short, plausible logs of one container; the first one unless named. Undefined if the pod has no such container. */
export function podLogs(pod: Obj, name?: string, previous = false): string | undefined {
  const { spec, status = {} } = pod as Pod
  const all = [...spec.containers, ...(spec.initContainers ?? [])]
  const container = name === undefined ? all[0] : all.find((one) => one.name === name)
  if (!container) return undefined
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
  const found = statuses.find((one) => one.name === container.name)
  const run = previous ? lastRun(found) : latestRun(found)
  if (!run.running && !run.terminated) return ''
  const said = spoken(container)
  const lines =
    said.length > 0 ? said : [`${container.image ?? 'image'}: ${commandLine(container)}`]
  const startedAt = run.running?.startedAt ?? run.terminated?.startedAt ?? ''
  return [...lines.map((line) => `${startedAt} ${line}`), ...lastWords(run.terminated)]
    .map((line) => `${line}\n`)
    .join('')
}

function lastRun(status: ContainerStatus | undefined): ContainerStatus['state'] {
  const terminated = status?.lastState.terminated
  return terminated ? { terminated } : {}
}

// A container that waits for its next start still shows what the run before said.
function latestRun(status: ContainerStatus | undefined): ContainerStatus['state'] {
  return status?.state.waiting ? lastRun(status) : (status?.state ?? {})
}

function spoken({ command = [], args = [] }: Container): string[] {
  const script = [...command, ...args].join(' ')
  return [...script.matchAll(/\becho (?:-\w+ )?(?:"([^"]*)"|'([^']*)'|([^;&|<>\n]+))/g)].map(
    (match) => (match[1] ?? match[2] ?? match[3] ?? '').trim(),
  )
}

function commandLine({ command = [], args = [] }: Container): string {
  const line = [...command, ...args].join(' ').replace(/\s+/g, ' ').trim()
  return line === '' ? 'started' : `running ${line}`
}

function lastWords(ended: Terminated | undefined): string[] {
  if (!ended) return []
  const { exitCode, reason, finishedAt } = ended
  const what = reason === 'OOMKilled' ? 'killed: out of memory' : `exited with code ${exitCode}`
  return exitCode === 0 ? [] : [`${finishedAt} ${what}`]
}
