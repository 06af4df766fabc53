// When is a workload ready? The rules of kstatus (sigs.k8s.io/cli-utils), which kubectl's and Helm's users know.
import type { KubeObject } from '../model/json.ts'
import type { Readiness } from '../model/rollout.ts'
import { conditionOf, listAt, numberAt, textAt, valueAt, wordsOf } from './fields.ts'

type Rule = (object: KubeObject) => Readiness

const ready = (why: string): Readiness => ({ verdict: 'ready', why })
const progressing = (why: string): Readiness => ({ verdict: 'progressing', why })
const failed = (why: string): Readiness => ({ verdict: 'failed', why })

/** By "kind.group", the group left out for core. What they say is without the object's name. */
export const workloadRules: Readonly<Record<string, Rule>> = {
  'Deployment.apps': assessDeployment,
  'StatefulSet.apps': assessStatefulSet,
  'DaemonSet.apps': assessDaemonSet,
  'ReplicaSet.apps': assessReplicaSet,
  ReplicationController: assessReplicaSet,
  Pod: assessPod,
  'Job.batch': assessJob,
}

function assessDeployment(object: KubeObject): Readiness {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1
  const progress = conditionOf(object, 'Progressing')
  if (progress?.status === 'False' && progress.reason === 'ProgressDeadlineExceeded')
    return failed(`gave up after its progress deadline: ${wordsOf(progress)}`)
  const updated = count(object, 'updatedReplicas')
  // Nobody updates what is paused, and nobody would expect it.
  if (valueAt(object, 'spec', 'paused') !== true) {
    if (updated < wanted) return progressing(`${updated} of ${counted(wanted)} updated`)
    const old = count(object, 'replicas') - updated
    if (old > 0) return progressing(explainOld(object, { wanted, updated, old }))
  }
  return assessReplicas(object, wanted)
}

// Old replicas are stopped as new ones become available: where those are not, it is they that are waited for. The status
// counts both together, so that at most `old` of the available ones are old.
function explainOld(
  object: KubeObject,
  { wanted, updated, old }: { wanted: number; updated: number; old: number },
): string {
  const isAvailable = Math.max(0, count(object, 'availableReplicas') - old)
  return isAvailable < Math.min(wanted, updated)
    ? `${isAvailable} of ${wanted} new ${wanted === 1 ? 'replica is' : 'replicas are'} available`
    : `${old} old ${replicas(old)} still to be stopped`
}

function assessReplicas(object: KubeObject, wanted: number): Readiness {
  const isReady = count(object, 'readyReplicas')
  if (isReady < wanted) return progressing(`${isReady} of ${counted(wanted)} ready`)
  const available = count(object, 'availableReplicas')
  if (available < wanted) return progressing(`${available} of ${counted(wanted)} available`)
  return ready(`${isReady} of ${counted(wanted)} ready`)
}

function assessStatefulSet(object: KubeObject): Readiness {
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete')
    return ready('pods are updated when they are deleted')
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1
  const isReady = count(object, 'readyReplicas')
  if (isReady < wanted) return progressing(`${isReady} of ${counted(wanted)} ready`)
  const there = count(object, 'replicas')
  if (there > wanted)
    return progressing(`${there - wanted} ${replicas(there - wanted)} still to be stopped`)
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0
  const due = Math.max(0, wanted - partition)
  const updated = count(object, 'updatedReplicas')
  const isOld =
    textAt(object, 'status', 'currentRevision') !== textAt(object, 'status', 'updateRevision')
  // Without a partition the revision says whether all are new; the count is missing once they are.
  const isBehind = partition > 0 ? updated < due : isOld && updated < wanted
  if (isBehind) return progressing(`${updated} of ${counted(due)} updated`)
  return ready(`${isReady} of ${counted(wanted)} ready`)
}

function assessDaemonSet(object: KubeObject): Readiness {
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled')
  if (wanted === undefined) return progressing('its nodes have not been counted yet')
  const updated = count(object, 'updatedNumberScheduled')
  const replaces = textAt(object, 'spec', 'updateStrategy', 'type') !== 'OnDelete'
  if (replaces && updated < wanted) return progressing(`${updated} of ${pods(wanted)} updated`)
  const isReady = count(object, 'numberReady')
  if (isReady < wanted) return progressing(`${isReady} of ${pods(wanted)} ready`)
  const available = count(object, 'numberAvailable')
  if (available < wanted) return progressing(`${available} of ${pods(wanted)} available`)
  return ready(`${isReady} of ${pods(wanted)} ready`)
}

function assessReplicaSet(object: KubeObject): Readiness {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1
  const failure = conditionOf(object, 'ReplicaFailure')
  if (failure?.status === 'True') return progressing(wordsOf(failure))
  const there = count(object, 'replicas')
  if (there > wanted)
    return progressing(`${there - wanted} ${replicas(there - wanted)} still to be stopped`)
  return assessReplicas(object, wanted)
}

function assessPod(object: KubeObject): Readiness {
  const phase = textAt(object, 'status', 'phase')
  if (phase === 'Succeeded') return ready('ran to its end')
  if (phase === 'Failed') return failed(`failed: ${reasonOf(object) || 'a container ended badly'}`)
  const condition = conditionOf(object, 'Ready')
  if (phase === 'Running' && condition?.status === 'True') return ready('is ready')
  if (phase === 'Running') return progressing('runs but is not ready')
  return progressing(`is ${phase === '' ? 'not scheduled yet' : phase.toLowerCase()}`)
}

function reasonOf(object: KubeObject): string {
  return textAt(object, 'status', 'message') || textAt(object, 'status', 'reason')
}

function assessJob(object: KubeObject): Readiness {
  const failure = conditionOf(object, 'Failed') ?? conditionOf(object, 'FailureTarget')
  if (failure?.status === 'True') return failed(`failed: ${wordsOf(failure)}`)
  if (conditionOf(object, 'Complete')?.status === 'True') return ready('is complete')
  if (valueAt(object, 'spec', 'suspend') === true) return ready('is suspended')
  if (listAt(object, 'status', 'conditions').length === 0 && !textAt(object, 'status', 'startTime'))
    return progressing('has not started')
  const wanted = numberAt(object, 'spec', 'completions') ?? 1
  return progressing(`${count(object, 'succeeded')} of ${wanted} completions reached`)
}

function count(object: KubeObject, field: string): number {
  return numberAt(object, 'status', field) ?? 0
}

function counted(wanted: number): string {
  return wanted === 1 ? '1 replica is' : `${wanted} replicas are`
}

function pods(wanted: number): string {
  return wanted === 1 ? '1 pod is' : `${wanted} pods are`
}

function replicas(some: number): string {
  return some === 1 ? 'replica' : 'replicas'
}
