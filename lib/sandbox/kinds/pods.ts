// Pods and all that is in them but volumes. How to read it: shorthand.ts.

export const podTypes = `
package io.k8s.api.core.v1
Affinity = podAffinity:PodAffinity nodeAffinity:NodeAffinity podAntiAffinity:PodAntiAffinity
AppArmorProfile = localhostProfile* type!:Localhost|RuntimeDefault|Unconfined
Capabilities = add:[string] drop:[string]
ConfigMapEnvSource = name optional*:bool
ConfigMapKeySelector atomic = key! name optional*:bool
Container = image name! restartPolicy* terminationMessagePath workingDir stdin:bool
  stdinOnce:bool tty:bool livenessProbe:Probe readinessProbe:Probe startupProbe:Probe
  args:[string] command:[string] lifecycle:Lifecycle envFrom:[EnvFromSource]
  securityContext:SecurityContext env:[EnvVar]/by=name resources:ResourceRequirements/struct
  restartPolicyRules:[ContainerRestartRule] resizePolicy:[ContainerResizePolicy]
  imagePullPolicy:Always|IfNotPresent|Never terminationMessagePolicy:FallbackToLogsOnError|File
  volumeMounts:[VolumeMount]/by=mountPath volumeDevices:[VolumeDevice]/by=devicePath
  ports:[ContainerPort]/by=containerPort,protocol
ContainerExtendedResourceRequest = containerName! requestName! resourceName!
ContainerPort = hostIP name containerPort!:int32 hostPort:int32 protocol:SCTP|TCP|UDP/default=TCP
ContainerResizePolicy = resourceName! restartPolicy!
ContainerRestartRule = action! exitCodes:ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes = operator! values:[int32]/set
ContainerState = running:ContainerStateRunning waiting:ContainerStateWaiting
  terminated:ContainerStateTerminated
ContainerStateRunning = startedAt:time
ContainerStateTerminated = containerID message reason finishedAt:time startedAt:time
  exitCode!:int32 signal:int32
ContainerStateWaiting = message reason
ContainerStatus = containerID image! imageID! name! ready!:bool started*:bool restartCount!:int32
  allocatedResources:{quantity} user:ContainerUser lastState:ContainerState/struct
  state:ContainerState/struct resources:ResourceRequirements
  allocatedResourcesStatus:[ResourceStatus]/by=name volumeMounts:[VolumeMountStatus]/by=mountPath
  stopSignal*
ContainerUser = linux:LinuxContainerUser
EnvFromSource = prefix secretRef:SecretEnvSource configMapRef:ConfigMapEnvSource
EnvVar = name! value valueFrom:EnvVarSource
EnvVarSource = fileKeyRef:FileKeySelector secretKeyRef:SecretKeySelector
  fieldRef:ObjectFieldSelector configMapKeyRef:ConfigMapKeySelector
  resourceFieldRef:ResourceFieldSelector
EphemeralContainer = ..Container targetContainerName
ExecAction = command:[string]
FileKeySelector atomic = key! path! volumeName! optional*:bool
GRPCAction = service* port!:int32
HTTPGetAction = host path port!:intstr scheme:HTTP|HTTPS httpHeaders:[HTTPHeader]
HTTPHeader = name! value!
HostAlias = ip! hostnames:[string]
HostIP = ip!
ImageVolumeStatus = imageRef!
Lifecycle = postStart:LifecycleHandler preStop:LifecycleHandler stopSignal*
LifecycleHandler = exec:ExecAction sleep:SleepAction httpGet:HTTPGetAction
  tcpSocket:TCPSocketAction
LinuxContainerUser = gid!:int64 uid!:int64 supplementalGroups:[int64]
NodeAffinity = requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
  preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm]
NodeAllocatableResourceClaimStatus = resourceClaimName! resources!:{quantity}
  containers:[string]/set
Pod = spec:PodSpec/struct status:PodStatus/struct
PodAffinity = requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]
  preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
PodAffinityTerm = topologyKey! matchLabelKeys:[string] mismatchLabelKeys:[string]
  namespaces:[string] labelSelector:LabelSelector namespaceSelector:LabelSelector
PodAntiAffinity = requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]
  preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
PodCondition = message reason status! type! lastProbeTime:time lastTransitionTime:time
  observedGeneration:int64
PodDNSConfig = nameservers:[string] searches:[string] options:[PodDNSConfigOption]
PodDNSConfigOption = name value*
PodExtendedResourceClaimStatus = resourceClaimName!
  requestMappings!:[ContainerExtendedResourceRequest]
PodIP = ip!
PodOS = name!
PodReadinessGate = conditionType!
PodResourceClaim = name! resourceClaimName* resourceClaimTemplateName*
PodResourceClaimStatus = name! resourceClaimName*
PodSchedulingGate = name!
PodSchedulingGroup = podGroupName*
PodSecurityContext = seLinuxChangePolicy* runAsNonRoot*:bool fsGroup*:int64 runAsGroup*:int64
  runAsUser*:int64 supplementalGroups:[int64] sysctls:[Sysctl]
  supplementalGroupsPolicy*:Merge|Strict seLinuxOptions:SELinuxOptions
  seccompProfile:SeccompProfile appArmorProfile:AppArmorProfile
  fsGroupChangePolicy*:Always|OnRootMismatch windowsOptions:WindowsSecurityContextOptions
PodSpec = hostname hostnameOverride* nodeName priorityClassName runtimeClassName* schedulerName
  serviceAccount serviceAccountName subdomain automountServiceAccountToken*:bool
  enableServiceLinks*:bool hostIPC:bool hostNetwork:bool hostPID:bool hostUsers*:bool
  setHostnameAsFQDN*:bool shareProcessNamespace*:bool activeDeadlineSeconds*:int64
  terminationGracePeriodSeconds*:int64 os:PodOS priority*:int32 affinity:Affinity
  overhead:{quantity} dnsConfig:PodDNSConfig tolerations:[Toleration]
  nodeSelector:{string}/atomic hostAliases:[HostAlias]/by=ip readinessGates:[PodReadinessGate]
  schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext
  containers!:[Container]/by=name initContainers:[Container]/by=name
  resources:ResourceRequirements restartPolicy:Always|Never|OnFailure
  volumes:[Volume]/retain=name preemptionPolicy*:Never|PreemptLowerPriority
  schedulingGates:[PodSchedulingGate]/by=name ephemeralContainers:[EphemeralContainer]/by=name
  imagePullSecrets:[LocalObjectReference]/by=name resourceClaims:[PodResourceClaim]/retain=name
  dnsPolicy:ClusterFirst|ClusterFirstWithHostNet|Default|None
  topologySpreadConstraints:[TopologySpreadConstraint]/by=topologyKey,whenUnsatisfiable
PodStatus = hostIP message nominatedNodeName podIP reason resize startTime:time
  observedGeneration:int64 allocatedResources:{quantity} podIPs:[PodIP]/by=ip
  containerStatuses:[ContainerStatus] ephemeralContainerStatuses:[ContainerStatus]
  initContainerStatuses:[ContainerStatus] hostIPs:[HostIP]/merge=ip
  resources:ResourceRequirements conditions:[PodCondition]/by=type
  extendedResourceClaimStatus:PodExtendedResourceClaimStatus
  qosClass:BestEffort|Burstable|Guaranteed
  nodeAllocatableResourceClaimStatuses:[NodeAllocatableResourceClaimStatus]
  resourceClaimStatuses:[PodResourceClaimStatus]/retain=name
  phase:Failed|Pending|Running|Succeeded|Unknown
PodTemplate = template:PodTemplateSpec/struct
PodTemplateSpec = spec:PodSpec/struct metadata:ObjectMeta/struct
PreferredSchedulingTerm = weight!:int32 preference!:NodeSelectorTerm/struct
Probe = failureThreshold:int32 initialDelaySeconds:int32 periodSeconds:int32
  successThreshold:int32 timeoutSeconds:int32 terminationGracePeriodSeconds*:int64
  exec:ExecAction grpc:GRPCAction httpGet:HTTPGetAction tcpSocket:TCPSocketAction
ReplicationController = spec:ReplicationControllerSpec/struct
  status:ReplicationControllerStatus/struct
ReplicationControllerCondition = message reason status! type! lastTransitionTime:time
ReplicationControllerSpec = minReadySeconds:int32 replicas*:int32/default=1
  selector:{string}/atomic template:PodTemplateSpec
ReplicationControllerStatus = availableReplicas:int32 fullyLabeledReplicas:int32
  readyReplicas:int32 replicas!:int32 observedGeneration:int64
  conditions:[ReplicationControllerCondition]/by=type
ResourceClaim = name! request
ResourceHealth = health message* resourceID!
ResourceRequirements = limits:{quantity} requests:{quantity} claims:[ResourceClaim]/keyed=name
ResourceStatus = name! resources:[ResourceHealth]/keyed=resourceID
SELinuxOptions = level role type user
SeccompProfile = localhostProfile* type!:Localhost|RuntimeDefault|Unconfined
SecretEnvSource = name optional*:bool
SecretKeySelector atomic = key! name optional*:bool
SecurityContext = allowPrivilegeEscalation*:bool privileged*:bool readOnlyRootFilesystem*:bool
  runAsNonRoot*:bool runAsGroup*:int64 runAsUser*:int64 capabilities:Capabilities
  seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile appArmorProfile:AppArmorProfile
  procMount*:Default|Unmasked windowsOptions:WindowsSecurityContextOptions
SleepAction = seconds!:int64
Sysctl = name! value!
TCPSocketAction = host port!:intstr
Toleration = key value tolerationSeconds*:int64 operator:Equal|Exists|Gt|Lt
  effect:NoExecute|NoSchedule|PreferNoSchedule
TopologySpreadConstraint = topologyKey! maxSkew!:int32 minDomains*:int32 matchLabelKeys:[string]
  nodeAffinityPolicy*:Honor|Ignore nodeTaintsPolicy*:Honor|Ignore labelSelector:LabelSelector
  whenUnsatisfiable!:DoNotSchedule|ScheduleAnyway
VolumeDevice = devicePath! name!
VolumeMount = mountPath! name! recursiveReadOnly* subPath subPathExpr readOnly:bool
  mountPropagation*:Bidirectional|HostToContainer|None
VolumeMountStatus = mountPath! name! recursiveReadOnly* readOnly:bool volumeStatus:VolumeStatus
VolumeStatus = image:ImageVolumeStatus
WeightedPodAffinityTerm = weight!:int32 podAffinityTerm!:PodAffinityTerm/struct
WindowsSecurityContextOptions = gmsaCredentialSpec* gmsaCredentialSpecName* runAsUserName*
  hostProcess*:bool
`
