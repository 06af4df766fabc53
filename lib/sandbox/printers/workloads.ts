// What kubectl shows of the controllers of pods.
import type { Json, Obj } from '../types.ts'
import {
  age,
  containers,
  firstOf,
  humanDuration,
  labelsText,
  name,
  number,
  printer,
  selectorText,
  sinceText,
  text,
  type Cell,
  type Printer,
} from './printer.ts'
import { at, mapsAt, numberAt, textAt } from '../reading.ts'

const templateNames = containers('spec.template.spec', 'name')
const templateImages = containers('spec.template.spec', 'image')
const selector: Cell = (object) => selectorText(at(object, 'spec.selector'))
const ready: Cell = (object) =>
  `${numberAt(object, 'status.readyReplicas')}/${numberAt(object, 'spec.replicas')}`
const replicas = [
  number('spec.replicas'),
  number('status.replicas'),
  number('status.readyReplicas'),
]

export const workloadPrinters: Record<string, Printer> = {
  ReplicationController: printer(
    'Name|Desired#|Current#|Ready#|Age|Containers*|Images*|Selector*',
    name,
    ...replicas,
    age,
    templateNames,
    templateImages,
    (object) => labelsText(at(object, 'spec.selector')),
  ),
  'ReplicaSet.apps': printer(
    'Name|Desired#|Current#|Ready#|Age|Containers*|Images*|Selector*',
    name,
    ...replicas,
    age,
    templateNames,
    templateImages,
    selector,
  ),
  'Deployment.apps': printer(
    'Name|Ready|Up-to-date|Available|Age|Containers*|Images*|Selector*',
    name,
    ready,
    number('status.updatedReplicas'),
    number('status.availableReplicas'),
    age,
    templateNames,
    templateImages,
    selector,
  ),
  'StatefulSet.apps': printer(
    'Name|Ready|Age|Containers*|Images*',
    name,
    ready,
    age,
    templateNames,
    templateImages,
  ),
  'DaemonSet.apps': printer(
    'Name|Desired#|Current#|Ready#|Up-to-date#|Available#|Node Selector|Age|Containers*|Images*|Selector*',
    name,
    number('status.desiredNumberScheduled'),
    number('status.currentNumberScheduled'),
    number('status.numberReady'),
    number('status.updatedNumberScheduled'),
    number('status.numberAvailable'),
    (object) => labelsText(at(object, 'spec.template.spec.nodeSelector')),
    age,
    templateNames,
    templateImages,
    selector,
  ),
  'ControllerRevision.apps': printer(
    'Name|Controller|Revision|Age',
    name,
    controllerText,
    number('revision'),
    age,
  ),
  'Job.batch': printer(
    'Name|Status|Completions|Duration|Age|Containers*|Images*|Selector*',
    name,
    jobStatus,
    completions,
    jobDuration,
    age,
    templateNames,
    templateImages,
    selector,
  ),
  'CronJob.batch': printer(
    'Name|Schedule|Timezone|Suspend?|Active#|Last Schedule|Age|Containers*|Images*|Selector*',
    name,
    text('spec.schedule'),
    text('spec.timeZone', '<none>'),
    (object) => (at(object, 'spec.suspend') === true ? 'True' : 'False'),
    (object) => mapsAt(object, 'status.active').length,
    (object, now) => {
      const last = at(object, 'status.lastScheduleTime')
      return typeof last === 'string' ? sinceText(last, now) : '<none>'
    },
    age,
    containers('spec.jobTemplate.spec.template.spec', 'name'),
    containers('spec.jobTemplate.spec.template.spec', 'image'),
    (object) => selectorText(at(object, 'spec.jobTemplate.spec.selector')),
  ),
  'HorizontalPodAutoscaler.autoscaling': printer(
    'Name|Reference|Targets|MinPods|MaxPods|Replicas|Age',
    name,
    (object) =>
      `${textAt(object, 'spec.scaleTargetRef.kind')}/${textAt(object, 'spec.scaleTargetRef.name')}`,
    metricsText,
    text('spec.minReplicas', '<unset>'),
    number('spec.maxReplicas'),
    number('status.currentReplicas'),
    age,
  ),
  'PodDisruptionBudget.policy': printer(
    'Name|Min Available|Max Unavailable|Allowed Disruptions#|Age',
    name,
    text('spec.minAvailable', 'N/A'),
    text('spec.maxUnavailable', 'N/A'),
    number('status.disruptionsAllowed'),
    age,
  ),
}

function controllerText({ metadata }: Obj): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)
  if (owner === undefined) return '<none>'
  const slash = owner.apiVersion.indexOf('/')
  const group = slash < 0 ? '' : `.${owner.apiVersion.slice(0, slash)}`
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`
}

function jobStatus(job: Obj): string {
  const isTrue = (type: string): boolean =>
    mapsAt(job, 'status.conditions').some((one) => one['type'] === type && one['status'] === 'True')
  if (isTrue('Complete')) return 'Complete'
  if (isTrue('Failed')) return 'Failed'
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating'
  const others = ['Suspended', 'FailureTarget', 'SuccessCriteriaMet']
  return others.find(isTrue) ?? 'Running'
}

function completions(job: Obj): string {
  const succeeded = numberAt(job, 'status.succeeded')
  const wanted = at(job, 'spec.completions')
  if (typeof wanted === 'number') return `${succeeded}/${wanted}`
  const parallelism = numberAt(job, 'spec.parallelism')
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function jobDuration(job: Obj, now: number): string {
  const start = Date.parse(textAt(job, 'status.startTime'))
  if (Number.isNaN(start)) return ''
  const end = Date.parse(textAt(job, 'status.completionTime'))
  return humanDuration((Number.isNaN(end) ? now : end) - start)
}

function metricsText(scaler: Obj): Json {
  const current = mapsAt(scaler, 'status.currentMetrics')
  const specs = mapsAt(scaler, 'spec.metrics')
  if (specs.length === 0) return firstVersionText(scaler)
  return firstOf(
    specs.map((spec, index) => metricText(spec, current[index])),
    2,
    ', ',
  )
}

function firstVersionText(scaler: Obj): string {
  const target = at(scaler, 'spec.targetCPUUtilizationPercentage')
  if (typeof target !== 'number') return '<none>'
  const current = at(scaler, 'status.currentCPUUtilizationPercentage')
  return `cpu: ${typeof current === 'number' ? `${current}%` : '<unknown>'}/${target}%`
}

function metricText(spec: unknown, status: unknown): string {
  const type = textAt(spec, 'type')
  const field = type.charAt(0).toLowerCase() + type.slice(1)
  const isResource = field === 'resource' || field === 'containerResource'
  const value = (of: unknown, path: string): string | undefined => {
    const utilization = at(of, `${path}.averageUtilization`)
    if (isResource && typeof utilization === 'number') return `${utilization}%`
    return textAt(of, `${path}.averageValue`) || textAt(of, `${path}.value`) || undefined
  }
  const current = value(status, `${field}.current`) ?? '<unknown>'
  const shown = `${current}/${value(spec, `${field}.target`) ?? '<auto>'}`
  if (isResource) return `${textAt(spec, `${field}.name`)}: ${shown}`
  const isAverage = field !== 'pods' && textAt(spec, `${field}.target.averageValue`) !== ''
  return isAverage ? `${shown} (avg)` : shown
}
