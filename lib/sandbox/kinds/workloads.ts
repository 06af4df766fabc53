// Controllers of pods: apps, batch, autoscaling, policy. How to read it: shorthand.ts.

export const workloadTypes = `
package io.k8s.api.apps.v1
ControllerRevision = data:any revision!:int64
DaemonSet = spec:DaemonSetSpec/struct status:DaemonSetStatus/struct
DaemonSetCondition = message reason status! type! lastTransitionTime:time
DaemonSetSpec = minReadySeconds:int32 revisionHistoryLimit*:int32 selector!:LabelSelector
  template!:PodTemplateSpec/struct updateStrategy:DaemonSetUpdateStrategy/struct
DaemonSetStatus = collisionCount*:int32 currentNumberScheduled!:int32
  desiredNumberScheduled!:int32 numberAvailable:int32 numberMisscheduled!:int32
  numberReady!:int32 numberUnavailable:int32 updatedNumberScheduled:int32
  observedGeneration:int64 conditions:[DaemonSetCondition]/by=type
DaemonSetUpdateStrategy = rollingUpdate:RollingUpdateDaemonSet type:OnDelete|RollingUpdate
Deployment = spec:DeploymentSpec/struct status:DeploymentStatus/struct
DeploymentCondition = message reason status! type! lastTransitionTime:time lastUpdateTime:time
DeploymentSpec = paused:bool minReadySeconds:int32 progressDeadlineSeconds*:int32 replicas*:int32
  revisionHistoryLimit*:int32 selector!:LabelSelector template!:PodTemplateSpec/struct
  strategy:DeploymentStrategy/struct/retain
DeploymentStatus = availableReplicas:int32 collisionCount*:int32 readyReplicas:int32
  replicas:int32 terminatingReplicas*:int32 unavailableReplicas:int32 updatedReplicas:int32
  observedGeneration:int64 conditions:[DeploymentCondition]/by=type
DeploymentStrategy = type:Recreate|RollingUpdate rollingUpdate:RollingUpdateDeployment
ReplicaSet = spec:ReplicaSetSpec/struct status:ReplicaSetStatus/struct
ReplicaSetCondition = message reason status! type! lastTransitionTime:time
ReplicaSetSpec = minReadySeconds:int32 replicas*:int32 selector!:LabelSelector
  template:PodTemplateSpec/struct
ReplicaSetStatus = availableReplicas:int32 fullyLabeledReplicas:int32 readyReplicas:int32
  replicas!:int32 terminatingReplicas*:int32 observedGeneration:int64
  conditions:[ReplicaSetCondition]/by=type
RollingUpdateDaemonSet = maxSurge:intstr maxUnavailable:intstr
RollingUpdateDeployment = maxSurge:intstr maxUnavailable:intstr
RollingUpdateStatefulSetStrategy = partition*:int32 maxUnavailable:intstr
StatefulSet = spec:StatefulSetSpec/struct status:StatefulSetStatus/struct
StatefulSetCondition = message reason status! type! lastTransitionTime:time
StatefulSetOrdinals = start:int32
StatefulSetPersistentVolumeClaimRetentionPolicy = whenDeleted whenScaled
StatefulSetSpec = serviceName minReadySeconds:int32 replicas*:int32 revisionHistoryLimit*:int32
  selector!:LabelSelector template!:PodTemplateSpec/struct ordinals:StatefulSetOrdinals
  podManagementPolicy:OrderedReady|Parallel volumeClaimTemplates:[PersistentVolumeClaim]
  updateStrategy:StatefulSetUpdateStrategy/struct
  persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy
StatefulSetStatus = currentRevision updateRevision availableReplicas:int32 collisionCount*:int32
  currentReplicas:int32 readyReplicas:int32 replicas!:int32 updatedReplicas:int32
  observedGeneration:int64 conditions:[StatefulSetCondition]/by=type
StatefulSetUpdateStrategy = type:OnDelete|RollingUpdate
  rollingUpdate:RollingUpdateStatefulSetStrategy
package io.k8s.api.batch.v1
CronJob = spec!:CronJobSpec/struct status:CronJobStatus/struct
CronJobSpec = schedule! timeZone* suspend*:bool failedJobsHistoryLimit*:int32
  successfulJobsHistoryLimit*:int32 startingDeadlineSeconds*:int64
  jobTemplate!:JobTemplateSpec/struct concurrencyPolicy:Allow|Forbid|Replace
CronJobStatus = lastScheduleTime:time lastSuccessfulTime:time active:[ObjectReference]
Job = spec:JobSpec/struct status:JobStatus/struct
JobCondition = message reason status! type! lastProbeTime:time lastTransitionTime:time
JobSpec = managedBy* manualSelector*:bool suspend*:bool activeDeadlineSeconds*:int64
  backoffLimit*:int32 backoffLimitPerIndex*:int32 completions*:int32 maxFailedIndexes*:int32
  parallelism*:int32 ttlSecondsAfterFinished*:int32 selector:LabelSelector
  successPolicy:SuccessPolicy template!:PodTemplateSpec/struct podFailurePolicy:PodFailurePolicy
  completionMode*:Indexed|NonIndexed podReplacementPolicy*:Failed|TerminatingOrFailed
JobStatus = completedIndexes failedIndexes* completionTime:time startTime:time active:int32
  failed:int32 ready*:int32 succeeded:int32 terminating*:int32
  uncountedTerminatedPods:UncountedTerminatedPods conditions:[JobCondition]/merge=type
JobTemplateSpec = spec:JobSpec/struct metadata:ObjectMeta/struct
PodFailurePolicy = rules!:[PodFailurePolicyRule]
PodFailurePolicyOnExitCodesRequirement = containerName* operator!:In|NotIn values!:[int32]/set
PodFailurePolicyOnPodConditionsPattern = status type!
PodFailurePolicyRule = action!:Count|FailIndex|FailJob|Ignore
  onExitCodes:PodFailurePolicyOnExitCodesRequirement
  onPodConditions:[PodFailurePolicyOnPodConditionsPattern]
SuccessPolicy = rules!:[SuccessPolicyRule]
SuccessPolicyRule = succeededIndexes* succeededCount*:int32
UncountedTerminatedPods = failed:[string]/set succeeded:[string]/set
package io.k8s.api.autoscaling.v1
CrossVersionObjectReference atomic = apiVersion kind! name!
HorizontalPodAutoscaler = spec!:HorizontalPodAutoscalerSpec/struct
  status:HorizontalPodAutoscalerStatus/struct
HorizontalPodAutoscalerSpec = maxReplicas!:int32 minReplicas*:int32
  targetCPUUtilizationPercentage*:int32 scaleTargetRef!:CrossVersionObjectReference/struct
HorizontalPodAutoscalerStatus = lastScaleTime:time currentCPUUtilizationPercentage*:int32
  currentReplicas!:int32 desiredReplicas!:int32 observedGeneration*:int64
package io.k8s.api.autoscaling.v2
ContainerResourceMetricSource = container! name! target!:MetricTarget/struct
ContainerResourceMetricStatus = container! name! current!:MetricValueStatus/struct
CrossVersionObjectReference = apiVersion kind! name!
ExternalMetricSource = target!:MetricTarget/struct metric!:MetricIdentifier/struct
ExternalMetricStatus = metric!:MetricIdentifier/struct current!:MetricValueStatus/struct
HPAScalingPolicy = type! periodSeconds!:int32 value!:int32
HPAScalingRules = selectPolicy* stabilizationWindowSeconds*:int32 tolerance:quantity
  policies:[HPAScalingPolicy]
HorizontalPodAutoscaler = spec!:HorizontalPodAutoscalerSpec/struct
  status:HorizontalPodAutoscalerStatus/struct
HorizontalPodAutoscalerBehavior = scaleDown:HPAScalingRules scaleUp:HPAScalingRules
HorizontalPodAutoscalerCondition = message reason status! type! lastTransitionTime:time
HorizontalPodAutoscalerSpec = maxReplicas!:int32 minReplicas*:int32 metrics:[MetricSpec]
  scaleTargetRef!:CrossVersionObjectReference/struct behavior:HorizontalPodAutoscalerBehavior
HorizontalPodAutoscalerStatus = lastScaleTime:time currentReplicas:int32 desiredReplicas!:int32
  observedGeneration*:int64 currentMetrics*:[MetricStatus]
  conditions:[HorizontalPodAutoscalerCondition]/by=type
MetricIdentifier = name! selector:LabelSelector
MetricSpec = type! pods:PodsMetricSource object:ObjectMetricSource external:ExternalMetricSource
  resource:ResourceMetricSource containerResource:ContainerResourceMetricSource
MetricStatus = type! pods:PodsMetricStatus object:ObjectMetricStatus
  external:ExternalMetricStatus resource:ResourceMetricStatus
  containerResource:ContainerResourceMetricStatus
MetricTarget = type! averageUtilization*:int32 averageValue:quantity value:quantity
MetricValueStatus = averageUtilization*:int32 averageValue:quantity value:quantity
ObjectMetricSource = target!:MetricTarget/struct metric!:MetricIdentifier/struct
  describedObject!:CrossVersionObjectReference/struct
ObjectMetricStatus = metric!:MetricIdentifier/struct current!:MetricValueStatus/struct
  describedObject!:CrossVersionObjectReference/struct
PodsMetricSource = target!:MetricTarget/struct metric!:MetricIdentifier/struct
PodsMetricStatus = metric!:MetricIdentifier/struct current!:MetricValueStatus/struct
ResourceMetricSource = name! target!:MetricTarget/struct
ResourceMetricStatus = name! current!:MetricValueStatus/struct
package io.k8s.api.policy.v1
PodDisruptionBudget = spec:PodDisruptionBudgetSpec/struct status:PodDisruptionBudgetStatus/struct
PodDisruptionBudgetSpec = maxUnavailable:intstr minAvailable:intstr
  selector:LabelSelector/replace unhealthyPodEvictionPolicy*:AlwaysAllow|IfHealthyBudget
PodDisruptionBudgetStatus = currentHealthy:int32 desiredHealthy:int32 disruptionsAllowed:int32
  expectedPods:int32 observedGeneration:int64 disruptedPods:{time} conditions:[Condition]/by=type
`
