// Storage classes, priorities, runtimes, leases, events and aggregated APIs. How to read it: shorthand.ts.

export const clusterTypes = `
package io.k8s.api.storage.v1
CSIDriver = spec!:CSIDriverSpec/struct
CSIDriverSpec = fsGroupPolicy* attachRequired*:bool podInfoOnMount*:bool
  preventPodSchedulingIfMissing*:bool requiresRepublish*:bool seLinuxMount*:bool
  serviceAccountTokenInSecrets*:bool storageCapacity*:bool
  nodeAllocatableUpdatePeriodSeconds*:int64 volumeLifecycleModes:[string]/set
  tokenRequests:[TokenRequest]
CSINode = spec!:CSINodeSpec/struct
CSINodeDriver = name! nodeID! topologyKeys*:[string] allocatable:VolumeNodeResources
CSINodeSpec = drivers!:[CSINodeDriver]/by=name
CSIStorageCapacity = storageClassName! capacity:quantity maximumVolumeSize:quantity
  nodeTopology:LabelSelector
StorageClass = provisioner! allowVolumeExpansion*:bool mountOptions:[string] parameters:{string}
  reclaimPolicy*:Delete|Recycle|Retain allowedTopologies:[TopologySelectorTerm]
  volumeBindingMode*:Immediate|WaitForFirstConsumer
TokenRequest = audience! expirationSeconds*:int64
VolumeAttachment = spec!:VolumeAttachmentSpec/struct status:VolumeAttachmentStatus/struct
VolumeAttachmentSource = persistentVolumeName* inlineVolumeSpec:PersistentVolumeSpec
VolumeAttachmentSpec = attacher! nodeName! source!:VolumeAttachmentSource/struct
VolumeAttachmentStatus = attached!:bool attachmentMetadata:{string} attachError:VolumeError
  detachError:VolumeError
VolumeAttributesClass = driverName! parameters:{string}
VolumeError = message time:time errorCode*:int32
VolumeNodeResources = count*:int32
package io.k8s.api.scheduling.v1
PriorityClass = description globalDefault:bool value:int32
  preemptionPolicy*:Never|PreemptLowerPriority
package io.k8s.api.node.v1
Overhead = podFixed:{quantity}
RuntimeClass = handler! overhead:Overhead scheduling:Scheduling
Scheduling = tolerations:[Toleration] nodeSelector:{string}/atomic
package io.k8s.api.coordination.v1
Lease = spec:LeaseSpec/struct
LeaseSpec = holderIdentity* preferredHolder* strategy* leaseDurationSeconds*:int32
  leaseTransitions*:int32 acquireTime:microtime renewTime:microtime
package io.k8s.api.events.v1
Event = action note reason reportingController reportingInstance type
  deprecatedFirstTimestamp:time deprecatedLastTimestamp:time deprecatedCount:int32
  eventTime!:microtime deprecatedSource:EventSource/struct series:EventSeries
  regarding:ObjectReference/struct related:ObjectReference
EventSeries = count!:int32 lastObservedTime!:microtime
package io.k8s.kube-aggregator.pkg.apis.apiregistration.v1
APIService = spec:APIServiceSpec/struct status:APIServiceStatus/struct
APIServiceCondition = message reason status! type! lastTransitionTime:time
APIServiceSpec = group version insecureSkipTLSVerify:bool caBundle:bytes
  groupPriorityMinimum!:int32 versionPriority!:int32 service:ServiceReference
APIServiceStatus = conditions:[APIServiceCondition]/by=type
ServiceReference = name namespace port*:int32
`
