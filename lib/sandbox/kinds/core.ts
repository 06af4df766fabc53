// The rest of the core group: services, nodes, namespaces, configuration, quota. How to read it: shorthand.ts.

export const coreTypes = `
package io.k8s.api.core.v1
AttachedVolume = devicePath! name!
ClientIPConfig = timeoutSeconds*:int32
ConfigMap = immutable*:bool binaryData:{bytes} data:{string}
ContainerImage = sizeBytes:int64 names*:[string]
DaemonEndpoint = Port!:int32
EndpointAddress atomic = hostname ip! nodeName* targetRef:ObjectReference
EndpointPort atomic = appProtocol* name port!:int32 protocol:SCTP|TCP|UDP
EndpointSubset = ports:[EndpointPort] addresses:[EndpointAddress]
  notReadyAddresses:[EndpointAddress]
Endpoints = subsets:[EndpointSubset]
Event = action message reason reportingComponent reportingInstance type firstTimestamp:time
  lastTimestamp:time count:int32 eventTime:microtime series:EventSeries source:EventSource/struct
  involvedObject!:ObjectReference/struct related:ObjectReference
EventSeries = count:int32 lastObservedTime:microtime
EventSource = component host
LimitRange = spec:LimitRangeSpec/struct
LimitRangeItem = type! default:{quantity} defaultRequest:{quantity} max:{quantity}
  maxLimitRequestRatio:{quantity} min:{quantity}
LimitRangeSpec = limits!:[LimitRangeItem]
LoadBalancerIngress = hostname ip ipMode* ports:[PortStatus]
LoadBalancerStatus = ingress:[LoadBalancerIngress]
Namespace = spec:NamespaceSpec/struct status:NamespaceStatus/struct
NamespaceCondition = message reason status! type! lastTransitionTime:time
NamespaceSpec = finalizers:[string]
NamespaceStatus = phase:Active|Terminating conditions:[NamespaceCondition]/by=type
Node = spec:NodeSpec/struct status:NodeStatus/struct
NodeAddress = address! type!
NodeCondition = message reason status! type! lastHeartbeatTime:time lastTransitionTime:time
NodeDaemonEndpoints = kubeletEndpoint:DaemonEndpoint/struct
NodeFeatures = supplementalGroupsPolicy*:bool
NodeRuntimeHandler = name features:NodeRuntimeHandlerFeatures
NodeRuntimeHandlerFeatures = recursiveReadOnlyMounts*:bool userNamespaces*:bool
NodeSpec = externalID podCIDR providerID unschedulable:bool taints:[Taint]
  podCIDRs:[string]/mergeset configSource:any
NodeStatus = declaredFeatures:[string] volumesInUse:[string] allocatable:{quantity}
  capacity:{quantity} features:NodeFeatures nodeInfo:NodeSystemInfo/struct config:any
  images:[ContainerImage] volumesAttached:[AttachedVolume]
  daemonEndpoints:NodeDaemonEndpoints/struct runtimeHandlers:[NodeRuntimeHandler]
  addresses:[NodeAddress]/by=type conditions:[NodeCondition]/by=type
  phase:Pending|Running|Terminated
NodeSwapStatus = capacity*:int64
NodeSystemInfo = architecture! bootID! containerRuntimeVersion! kernelVersion! kubeProxyVersion!
  kubeletVersion! machineID! operatingSystem! osImage! systemUUID! swap:NodeSwapStatus
PortStatus = error* port!:int32 protocol!:SCTP|TCP|UDP
ResourceQuota = spec:ResourceQuotaSpec/struct status:ResourceQuotaStatus/struct
ResourceQuotaSpec = hard:{quantity} scopeSelector:ScopeSelector scopes:[string]
ResourceQuotaStatus = hard:{quantity} used:{quantity}
ScopeSelector atomic = matchExpressions:[ScopedResourceSelectorRequirement]
ScopedResourceSelectorRequirement = values:[string] operator!:DoesNotExist|Exists|In|NotIn
  scopeName!
Secret = type immutable*:bool data:{bytes} stringData:{string}
Service = spec:ServiceSpec/struct status:ServiceStatus/struct
ServiceAccount = automountServiceAccountToken*:bool imagePullSecrets:[LocalObjectReference]
  secrets:[ObjectReference]/by=name
ServicePort = appProtocol* name nodePort:int32 port!:int32 targetPort:intstr
  protocol:SCTP|TCP|UDP/default=TCP
ServiceSpec = clusterIP externalName loadBalancerClass* loadBalancerIP trafficDistribution*
  allocateLoadBalancerNodePorts*:bool publishNotReadyAddresses:bool healthCheckNodePort:int32
  clusterIPs:[string] externalIPs:[string] loadBalancerSourceRanges:[string]
  ipFamilies:[|IPv4|IPv6] externalTrafficPolicy:Cluster|Local
  internalTrafficPolicy*:Cluster|Local sessionAffinity:ClientIP|None selector:{string}/atomic
  sessionAffinityConfig:SessionAffinityConfig ports:[ServicePort]/by=port,protocol
  ipFamilyPolicy*:PreferDualStack|RequireDualStack|SingleStack
  type:ClusterIP|ExternalName|LoadBalancer|NodePort
ServiceStatus = loadBalancer:LoadBalancerStatus/struct conditions:[Condition]/by=type
SessionAffinityConfig = clientIP:ClientIPConfig
Taint = key! value timeAdded:time effect!:NoExecute|NoSchedule|PreferNoSchedule
TopologySelectorLabelRequirement = key! values!:[string]
TopologySelectorTerm atomic = matchLabelExpressions:[TopologySelectorLabelRequirement]
`
