// Which fields of the controllers of pods does the API server fill in?
import { defaultPod, defaultPodSpec } from './pods.ts'
import { preset, presetAll, structAt, structsIn, type Draft } from './draft.ts'

/** Defaults by kind; all are in the groups apps, batch, autoscaling and core. */
export const workloadDefaults: Record<string, (object: Draft) => void> = {
  Pod: (pod) => withSpec(pod, defaultPod),
  PodTemplate: defaultTemplate,
  ReplicationController: defaultReplicationController,
  'ReplicaSet.apps': (set) =>
    withSpec(set, (spec) => (preset(spec, 'replicas', 1), defaultTemplate(spec))),
  'Deployment.apps': (deployment) => withSpec(deployment, defaultDeployment),
  'StatefulSet.apps': (set) => withSpec(set, defaultStatefulSet),
  'DaemonSet.apps': (set) => withSpec(set, defaultDaemonSet),
  'Job.batch': defaultJob,
  'CronJob.batch': (job) => withSpec(job, defaultCronJob),
  'HorizontalPodAutoscaler.autoscaling': (scaler) =>
    withSpec(scaler, (spec) => defaultAutoscaler(spec, scaler['apiVersion'] === 'autoscaling/v1')),
}

function withSpec(object: Draft, fill: (spec: Draft) => void): void {
  const spec = structAt(object, 'spec')
  if (spec) fill(spec)
}

function defaultTemplate(holder: Draft): void {
  const spec = structAt(holder, 'template', 'spec')
  if (spec) defaultPodSpec(spec)
}

function defaultDeployment(spec: Draft): void {
  presetAll(spec, {
    replicas: 1,
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
    strategy: {},
  })
  const strategy = structAt(spec, 'strategy')!
  preset(strategy, 'type', 'RollingUpdate')
  if (strategy['type'] === 'RollingUpdate') {
    preset(strategy, 'rollingUpdate', {})
    presetAll(structAt(strategy, 'rollingUpdate')!, { maxUnavailable: '25%', maxSurge: '25%' })
  }
  defaultTemplate(spec)
}

function defaultStatefulSet(spec: Draft): void {
  presetAll(spec, {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: {},
  })
  const retention = structAt(spec, 'persistentVolumeClaimRetentionPolicy')!
  presetAll(retention, { whenDeleted: 'Retain', whenScaled: 'Retain' })
  const strategy = structAt(spec, 'updateStrategy')!
  preset(strategy, 'type', 'RollingUpdate')
  if (strategy['type'] === 'RollingUpdate') {
    preset(strategy, 'rollingUpdate', {})
    preset(structAt(strategy, 'rollingUpdate')!, 'partition', 0)
  }
  for (const claim of structsIn(spec, 'volumeClaimTemplates')) {
    presetAll(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: {}, status: {} })
    preset(structAt(claim, 'spec')!, 'volumeMode', 'Filesystem')
    preset(structAt(claim, 'status')!, 'phase', 'Pending')
  }
  defaultTemplate(spec)
}

function defaultDaemonSet(spec: Draft): void {
  presetAll(spec, { revisionHistoryLimit: 10, updateStrategy: {} })
  const strategy = structAt(spec, 'updateStrategy')!
  preset(strategy, 'type', 'RollingUpdate')
  if (strategy['type'] === 'RollingUpdate') {
    preset(strategy, 'rollingUpdate', {})
    presetAll(structAt(strategy, 'rollingUpdate')!, { maxUnavailable: 1, maxSurge: 0 })
  }
  defaultTemplate(spec)
}

function defaultReplicationController(controller: Draft): void {
  const labels = structAt(controller, 'spec', 'template', 'metadata', 'labels')
  const metadata = structAt(controller, 'metadata')
  if (labels && metadata) preset(metadata, 'labels', { ...labels })
  withSpec(controller, (spec) => {
    preset(spec, 'replicas', 1)
    if (labels) preset(spec, 'selector', { ...labels })
    defaultTemplate(spec)
  })
}

function defaultJob(job: Draft): void {
  const spec = structAt(job, 'spec')
  if (spec === undefined) return
  if (spec['parallelism'] === undefined) preset(spec, 'completions', 1)
  presetAll(spec, {
    parallelism: 1,
    backoffLimit: spec['backoffLimitPerIndex'] === undefined ? 6 : 2_147_483_647,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: spec['podFailurePolicy'] ? 'Failed' : 'TerminatingOrFailed',
  })
  for (const rule of structsIn(structAt(spec, 'podFailurePolicy'), 'rules'))
    for (const pattern of structsIn(rule, 'onPodConditions')) preset(pattern, 'status', 'True')
  defaultTemplate(spec)
  if (spec['manualSelector'] !== true && spec['selector'] === undefined) selectOwnPods(job, spec)
}

// A job finds its pods by its own identity, unless its author insists on a selector.
function selectOwnPods(job: Draft, spec: Draft): void {
  const { uid, name } = structAt(job, 'metadata') ?? {}
  const template = structAt(spec, 'template')
  if (typeof uid !== 'string' || template === undefined) return
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  }
  preset(template, 'metadata', {})
  const metadata = structAt(template, 'metadata')!
  metadata['labels'] = { ...structAt(metadata, 'labels'), ...labels }
  preset(structAt(job, 'metadata')!, 'labels', { ...structAt(metadata, 'labels') })
  spec['selector'] = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } }
}

function defaultCronJob(spec: Draft): void {
  presetAll(spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  })
  const job = structAt(spec, 'jobTemplate', 'spec')
  if (job) defaultTemplate(job)
}

const processorAt80 = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
}

function defaultAutoscaler(spec: Draft, isFirstVersion: boolean): void {
  preset(spec, 'minReplicas', 1)
  // The first version has a field for the processor, and no metrics.
  if (isFirstVersion) preset(spec, 'targetCPUUtilizationPercentage', 80)
  else if (structsIn(spec, 'metrics').length === 0) spec['metrics'] = [processorAt80]
  const behavior = structAt(spec, 'behavior')
  if (behavior === undefined) return
  const allAtOnce = { type: 'Percent', value: 100, periodSeconds: 15 }
  const fourPods = { type: 'Pods', value: 4, periodSeconds: 15 }
  preset(behavior, 'scaleUp', {})
  presetAll(structAt(behavior, 'scaleUp')!, {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [fourPods, allAtOnce],
  })
  preset(behavior, 'scaleDown', {})
  presetAll(structAt(behavior, 'scaleDown')!, { selectPolicy: 'Max', policies: [allAtOnce] })
}
