// The pods that a chart's tests run in: why they failed, and what is left of them when the tests run again.
import type { KubeObject } from '../model/json.ts'
import type { ObjectRef } from '../model/key.ts'
import type { ResourceType } from '../model/ports.ts'
import type { HelmRelease, History, Release } from '../model/release.ts'
import { diagnosePod } from '../plan/diagnosepod.ts'
import { listAt, numberAt, textAt } from '../plan/fields.ts'
import type { Deps } from './deps.ts'

const pods: ResourceType = { group: '', version: 'v1', plural: 'pods', namespaced: true }
const jobs: ResourceType = { group: 'batch', version: 'v1', plural: 'jobs', namespaced: true }

// One sentence comes of it: the first pod that failed, and the end of what it printed.
const mostPods = 10
const lastLines = 5
const maxLogBytes = 4_096
// A condition's message must be readable in a terminal.
const longestLog = 500

/**
 * What the tests of this revision failed of: the container, its exit code and the last lines of its log. Undefined when no pod
 * tells. What cannot be read is left out: the failure itself is known without it.
 */
export async function explainFailedTests(
  deps: Deps,
  { testHooks }: Release,
): Promise<string | undefined> {
  try {
    for (const pod of await readTestPods(deps, testHooks)) {
      const why = diagnosePod(pod, [])
      if (why !== undefined) return why + (await endOfLog(deps, pod))
    }
  } catch (error) {
    deps.log.warn('cannot read the pods of a failed test', { error })
  }
  return undefined
}

async function readTestPods(deps: Deps, hooks: readonly ObjectRef[]): Promise<KubeObject[]> {
  const found = await Promise.all(
    hooks.slice(0, mostPods).map(async ({ kind, name, namespace = '' }) => {
      if (kind === 'Pod') return [await deps.cluster.get(pods, name, namespace)]
      const labelSelector = `batch.kubernetes.io/job-name=${name}`
      return (await deps.cluster.list(pods, { namespace, labelSelector })).items
    }),
  )
  return found.flat().filter((pod) => pod !== undefined)
}

async function endOfLog(deps: Deps, pod: KubeObject): Promise<string> {
  const { name, namespace = '' } = pod.metadata
  const failed = listAt(pod, 'status', 'containerStatuses').find(
    (one) => (numberAt(one, 'state', 'terminated', 'exitCode') ?? 0) !== 0,
  )
  if (failed === undefined) return ''
  const options = { container: textAt(failed, 'name'), lines: lastLines, maxBytes: maxLogBytes }
  const lines = await deps.cluster.logs({ name, namespace }, options)
  return lines.length === 0 ? '' : `; its log ends with: ${readable(lines.join(' / '))}`
}

// Programs print colours and much else that a terminal would take for commands.
function readable(text: string): string {
  const plain = text.replace(/\u001b\[[0-9;]*m/g, '').replace(/\p{Cc}+/gu, ' ')
  return plain.length > longestLog ? `…${plain.slice(-longestLog)}` : plain
}

/**
 * Deletes the pods of tests of earlier revisions that have failed. Helm deletes a hook only before it creates one of the same
 * name, so that charts which make names up would leave one pod at every try.
 */
export async function removeFailedTests(
  deps: Deps,
  { memory, test }: HelmRelease,
  history: History,
): Promise<void> {
  if (!test.cleanup) return
  const failed = memory.history.filter(({ tested }) => tested === 'failed')
  for (const { revision, uid } of failed) {
    const stored = history.find((one) => one.revision === revision && one.secret.uid === uid)
    const opened = stored && (await deps.storage.open(stored))
    for (const hook of opened?.testHooks ?? []) await removeEnded(deps, hook)
  }
}

async function removeEnded(deps: Deps, { kind, name, namespace = '' }: ObjectRef): Promise<void> {
  const type = kind === 'Pod' ? pods : jobs
  try {
    const live = await deps.cluster.get(type, name, namespace)
    const { uid } = live?.metadata ?? {}
    if (live === undefined || uid === undefined || !hasEnded(live)) return
    await deps.cluster.remove(type, { name, namespace, uid })
  } catch (error) {
    deps.log.warn('cannot remove what is left of a failed test', { kind, name, namespace, error })
  }
}

function hasEnded(live: KubeObject): boolean {
  if (live.kind === 'Pod') return ['Failed', 'Succeeded'].includes(textAt(live, 'status', 'phase'))
  return listAt(live, 'status', 'conditions').some(
    (one) =>
      ['Failed', 'Complete'].includes(textAt(one, 'type')) && textAt(one, 'status') === 'True',
  )
}
