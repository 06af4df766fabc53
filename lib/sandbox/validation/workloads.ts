// What is wrong with a controller of pods: its numbers, its selector, its template?
import { forbiddenValue, invalidValue, requiredValue, unsupportedValue } from '../causes.ts'
import { at, mapsAt, numberAt, textAt } from '../reading.ts'
import { isMap, type JsonMap } from '../schema.ts'
import type { Cause } from '../status.ts'
import type { Obj } from '../types.ts'
import { claimCauses } from './core.ts'
import { podCauses } from './pods.ts'
import { labelCauses, selectorCauses } from './selectors.ts'
import { selects } from '../workloads/labels.ts'
import type { LabelSelector } from '../workloads/shapes.ts'
import { atLeast, countOrPercentCauses } from './syntax.ts'

type Validator = (object: Obj, before: Obj | undefined) => Cause[]

export const workloadValidators: Record<string, Validator> = {
  Pod: (pod) => podCauses(specOf(pod), 'spec'),
  ReplicationController: (controller) => [
    ...numbers(controller, ['replicas', 'minReadySeconds']),
    ...templateCauses(controller),
  ],
  'ReplicaSet.apps': (set) => controllerCauses(set, ['replicas', 'minReadySeconds']),
  'Deployment.apps': (deployment) => [
    ...controllerCauses(deployment, [
      'replicas',
      'minReadySeconds',
      'revisionHistoryLimit',
      'progressDeadlineSeconds',
    ]),
    ...deadlineCauses(deployment),
    ...strategyCauses(deployment),
  ],
  'StatefulSet.apps': (set) => [
    ...controllerCauses(set, ['replicas', 'minReadySeconds', 'revisionHistoryLimit']),
    ...mapsAt(set, 'spec.volumeClaimTemplates').flatMap((claim, index) =>
      claimCauses(claim, `spec.volumeClaimTemplates[${index}].spec`),
    ),
  ],
  'DaemonSet.apps': (set) => [
    ...controllerCauses(set, ['minReadySeconds', 'revisionHistoryLimit']),
    ...daemonStrategyCauses(set),
  ],
  'Job.batch': jobCauses,
  'CronJob.batch': cronJobCauses,
  'HorizontalPodAutoscaler.autoscaling': autoscalerCauses,
  'PodDisruptionBudget.policy': budgetCauses,
}

function specOf(object: Obj): JsonMap {
  return isMap(object['spec']) ? object['spec'] : {}
}

function numbers(object: Obj, fields: readonly string[]): Cause[] {
  return fields.flatMap((field) => atLeast(`spec.${field}`, at(object, `spec.${field}`), 0))
}

function controllerCauses(object: Obj, fields: readonly string[]): Cause[] {
  const selector = at(object, 'spec.selector')
  const malformed = selectorCauses(selector, 'spec.selector')
  if (malformed.length > 0)
    malformed.push(invalidValue('spec.selector', selector, 'invalid label selector'))
  const isEmpty = isMap(selector) && Object.keys(selector).length === 0
  const kind = object.kind.toLowerCase()
  return [
    ...numbers(object, fields),
    ...malformed,
    ...(isEmpty
      ? [invalidValue('spec.selector', selector, `empty selector is invalid for ${kind}`)]
      : []),
    ...(malformed.length > 0 || isEmpty ? [] : chosenCauses(object)),
    ...templateCauses(object),
  ]
}

function chosenCauses(object: Obj): Cause[] {
  const selector = at(object, 'spec.selector') as LabelSelector | undefined
  const labels = at(object, 'spec.template.metadata.labels') as Record<string, string> | undefined
  if (selects(selector, labels)) return []
  const detail = '`selector` does not match template `labels`'
  return [invalidValue('spec.template.metadata.labels', labels ?? null, detail)]
}

function templateCauses(object: Obj): Cause[] {
  const spec = at(object, 'spec.template.spec')
  if (!isMap(spec)) return []
  const policy = textAt(spec, 'restartPolicy')
  const causes = labelCauses(at(object, 'spec.template.metadata.labels'), 'spec.template.labels')
  if (['OnFailure', 'Never'].includes(policy))
    causes.push(unsupportedValue('spec.template.spec.restartPolicy', policy, ['Always']))
  if (at(spec, 'activeDeadlineSeconds') !== undefined)
    causes.push(
      forbiddenValue(
        'spec.template.spec.activeDeadlineSeconds',
        'activeDeadlineSeconds in ReplicaSet is not Supported',
      ),
    )
  const claimed = mapsAt(object, 'spec.volumeClaimTemplates').map((one) =>
    textAt(one, 'metadata.name'),
  )
  return [...causes, ...podCauses(spec, 'spec.template.spec', claimed)]
}

function deadlineCauses(deployment: Obj): Cause[] {
  const deadline = at(deployment, 'spec.progressDeadlineSeconds')
  if (typeof deadline !== 'number' || deadline > numberAt(deployment, 'spec.minReadySeconds'))
    return []
  const detail = 'must be greater than minReadySeconds'
  return [invalidValue('spec.progressDeadlineSeconds', deadline, detail)]
}

function strategyCauses(deployment: Obj): Cause[] {
  const field = 'spec.strategy.rollingUpdate'
  const rolling = at(deployment, field)
  if (!isMap(rolling)) return []
  if (textAt(deployment, 'spec.strategy.type') === 'Recreate') {
    const detail = "may not be specified when strategy `type` is 'Recreate'"
    return [forbiddenValue(field, detail)]
  }
  const { maxSurge, maxUnavailable } = rolling
  const causes = [
    ...countOrPercentCauses(`${field}.maxUnavailable`, maxUnavailable),
    ...countOrPercentCauses(`${field}.maxSurge`, maxSurge),
  ]
  if (causes.length === 0 && isNone(maxSurge) && isNone(maxUnavailable)) {
    const detail = 'may not be 0 when `maxSurge` is 0'
    causes.push(invalidValue(`${field}.maxUnavailable`, maxUnavailable, detail))
  }
  return causes
}

function isNone(value: unknown): boolean {
  return value === 0 || value === '0%' || value === undefined
}

function daemonStrategyCauses(set: Obj): Cause[] {
  const field = 'spec.updateStrategy.rollingUpdate'
  const rolling = at(set, field)
  if (!isMap(rolling) || !isNone(rolling['maxSurge']) || !isNone(rolling['maxUnavailable']))
    return []
  return [requiredValue(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0')]
}

function jobCauses(job: Obj, before: Obj | undefined): Cause[] {
  return [...jobSpecCauses(job, 'spec'), ...(before === undefined ? ownSelectorCauses(job) : [])]
}

function jobSpecCauses(holder: unknown, path: string): Cause[] {
  const fields = [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
  ]
  const spec = at(holder, `${path}.template.spec`)
  const template = `${path}.template.spec`
  const causes = fields.flatMap((name) => {
    const field = `${path}.${name}`
    return atLeast(field, at(holder, field), 0)
  })
  if (!isMap(spec)) return causes
  if (!['OnFailure', 'Never'].includes(textAt(spec, 'restartPolicy')))
    causes.push(requiredValue(`${template}.restartPolicy`, 'valid values: "OnFailure", "Never"'))
  return [...causes, ...podCauses(spec, template)]
}

const ownLabel = 'batch.kubernetes.io/controller-uid'

function ownSelectorCauses(job: Obj): Cause[] {
  const selector = at(job, 'spec.selector')
  const labels = at(selector, 'matchLabels')
  const isOwn = isMap(labels) && Object.keys(labels).every((key) => key === ownLabel)
  if (selector === undefined || isOwn || at(job, 'spec.manualSelector') === true) return []
  return [invalidValue('spec.selector', selector, '`selector` not auto-generated')]
}

// The controller adds a time to the name of each job that it makes.
const longestCronJobName = 52

function cronJobCauses(job: Obj, before: Obj | undefined): Cause[] {
  const { name } = job.metadata
  const schedule = textAt(job, 'spec.schedule')
  const causes = numbers(job, ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'])
  if (before === undefined && name.length > longestCronJobName) {
    const detail = `must be no more than ${longestCronJobName} characters`
    causes.push(invalidValue('metadata.name', name, detail))
  }
  const fields = schedule.trim().split(/\s+/)
  if (schedule !== '' && !schedule.startsWith('@') && fields.length !== 5) {
    const detail = `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`
    causes.push(invalidValue('spec.schedule', schedule, detail))
  }
  const zone = textAt(job, 'spec.timeZone')
  if (zone !== '' && !isTimeZone(zone))
    causes.push(invalidValue('spec.timeZone', zone, `unknown time zone ${zone}`))
  return [...causes, ...jobSpecCauses(job, 'spec.jobTemplate.spec')]
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function autoscalerCauses(scaler: Obj): Cause[] {
  const [least, most] = [numberAt(scaler, 'spec.minReplicas'), numberAt(scaler, 'spec.maxReplicas')]
  const causes = atLeast('spec.minReplicas', least, 1)
  if (most < 1) causes.push(requiredValue('spec.maxReplicas', 'must be set and greater than 0'))
  if (most < least) {
    const detail = 'must be greater than or equal to `minReplicas`'
    causes.push(invalidValue('spec.maxReplicas', most, detail))
  }
  if (!textAt(scaler, 'spec.scaleTargetRef.apiVersion').includes('/')) {
    const given = textAt(scaler, 'spec.scaleTargetRef.apiVersion')
    const detail = 'apiVersion must specify API group'
    causes.push(invalidValue('spec.scaleTargetRef.apiVersion', given, detail))
  }
  return [...causes, ...mapsAt(scaler, 'spec.metrics').flatMap(metricCauses)]
}

const metricTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']

function metricCauses(metric: JsonMap, index: number): Cause[] {
  const field = `spec.metrics[${index}]`
  const type = textAt(metric, 'type')
  if (!metricTypes.includes(type)) return [unsupportedValue(`${field}.type`, type, metricTypes)]
  const source = type.charAt(0).toLowerCase() + type.slice(1)
  if (isMap(metric[source])) return []
  const detail = 'must populate information for the given metric source'
  return [requiredValue(`${field}.${source}`, detail)]
}

function budgetCauses(budget: Obj): Cause[] {
  const [least, most] = [at(budget, 'spec.minAvailable'), at(budget, 'spec.maxUnavailable')]
  const causes = [
    ...countOrPercentCauses('spec.minAvailable', least),
    ...countOrPercentCauses('spec.maxUnavailable', most),
    ...selectorCauses(at(budget, 'spec.selector'), 'spec.selector'),
  ]
  if (least !== undefined && most !== undefined) {
    const detail = 'minAvailable and maxUnavailable cannot be both set'
    causes.push(invalidValue('spec', budget['spec'], detail))
  }
  return causes
}
