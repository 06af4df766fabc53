// Volumes, claims, and the references that pods and volumes share. How to read it:
// shorthand.ts. Volume plugins that left Kubernetes' tree are open: nobody writes them any more.

export const volumeTypes = `
package io.k8s.api.core.v1
CSIPersistentVolumeSource = driver! fsType volumeHandle! readOnly:bool volumeAttributes:{string}
  controllerExpandSecretRef:SecretReference controllerPublishSecretRef:SecretReference
  nodeExpandSecretRef:SecretReference nodePublishSecretRef:SecretReference
  nodeStageSecretRef:SecretReference
CSIVolumeSource = driver! fsType* readOnly*:bool volumeAttributes:{string}
  nodePublishSecretRef:LocalObjectReference
ClusterTrustBundleProjection = name* path! signerName* optional*:bool labelSelector:LabelSelector
ConfigMapProjection = name optional*:bool items:[KeyToPath]
ConfigMapVolumeSource = name optional*:bool defaultMode*:int32 items:[KeyToPath]
DownwardAPIProjection = items:[DownwardAPIVolumeFile]
DownwardAPIVolumeFile = path! mode*:int32 fieldRef:ObjectFieldSelector
  resourceFieldRef:ResourceFieldSelector
DownwardAPIVolumeSource = defaultMode*:int32 items:[DownwardAPIVolumeFile]
EmptyDirVolumeSource = medium sizeLimit:quantity
EphemeralVolumeSource = volumeClaimTemplate:PersistentVolumeClaimTemplate
HostPathVolumeSource = path!
  type*:|BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket
ImageVolumeSource = reference pullPolicy:Always|IfNotPresent|Never
KeyToPath = key! path! mode*:int32
LocalObjectReference atomic = name
LocalVolumeSource = fsType* path!
ModifyVolumeStatus = targetVolumeAttributesClassName status!:InProgress|Infeasible|Pending
NFSVolumeSource = path! server! readOnly:bool
NodeSelector atomic = nodeSelectorTerms!:[NodeSelectorTerm]
NodeSelectorRequirement = key! values:[string] operator!:DoesNotExist|Exists|Gt|In|Lt|NotIn
NodeSelectorTerm atomic = matchExpressions:[NodeSelectorRequirement]
  matchFields:[NodeSelectorRequirement]
ObjectFieldSelector atomic = apiVersion fieldPath!
ObjectReference atomic = apiVersion fieldPath kind name namespace resourceVersion uid
PersistentVolume = spec:PersistentVolumeSpec/struct status:PersistentVolumeStatus/struct
PersistentVolumeClaim = spec:PersistentVolumeClaimSpec/struct
  status:PersistentVolumeClaimStatus/struct
PersistentVolumeClaimCondition = message reason status! type! lastProbeTime:time
  lastTransitionTime:time
PersistentVolumeClaimSpec = storageClassName* volumeAttributesClassName* volumeName
  selector:LabelSelector volumeMode*:Block|Filesystem dataSourceRef:TypedObjectReference
  dataSource:TypedLocalObjectReference resources:VolumeResourceRequirements/struct
  accessModes:[ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod]
PersistentVolumeClaimStatus = currentVolumeAttributesClassName* allocatedResources:{quantity}
  capacity:{quantity} modifyVolumeStatus:ModifyVolumeStatus phase:Bound|Lost|Pending
  conditions:[PersistentVolumeClaimCondition]/by=type
  accessModes:[ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod]
  allocatedResourceStatuses:{string}
PersistentVolumeClaimTemplate = metadata:ObjectMeta/struct spec!:PersistentVolumeClaimSpec/struct
PersistentVolumeClaimVolumeSource = claimName! readOnly:bool
PersistentVolumeSpec = storageClassName volumeAttributesClassName* mountOptions:[string]
  capacity:{quantity} fc:any claimRef:ObjectReference nfs:NFSVolumeSource
  volumeMode*:Block|Filesystem local:LocalVolumeSource nodeAffinity:VolumeNodeAffinity
  flocker:any quobyte:any hostPath:HostPathVolumeSource portworxVolume:any azureDisk:any
  persistentVolumeReclaimPolicy:Delete|Recycle|Retain csi:CSIPersistentVolumeSource rbd:any
  flexVolume:any iscsi:any cephfs:any cinder:any gcePersistentDisk:any scaleIO:any
  vsphereVolume:any azureFile:any glusterfs:any storageos:any awsElasticBlockStore:any
  photonPersistentDisk:any
  accessModes:[ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod]
PersistentVolumeStatus = message reason lastPhaseTransitionTime:time
  phase:Available|Bound|Failed|Pending|Released
PodCertificateProjection = certificateChainPath credentialBundlePath keyPath keyType! signerName!
  maxExpirationSeconds*:int32 userAnnotations:{string}
ProjectedVolumeSource = defaultMode*:int32 sources*:[VolumeProjection]
ResourceFieldSelector atomic = containerName resource! divisor:quantity
SecretProjection = name optional*:bool items:[KeyToPath]
SecretReference atomic = name namespace
SecretVolumeSource = secretName optional*:bool defaultMode*:int32 items:[KeyToPath]
ServiceAccountTokenProjection = audience path! expirationSeconds*:int64
TypedLocalObjectReference atomic = apiGroup* kind! name!
TypedObjectReference = apiGroup* kind! name! namespace*
Volume = name! fc:any csi:CSIVolumeSource nfs:NFSVolumeSource rbd:any flexVolume:any
  image:ImageVolumeSource iscsi:any cephfs:any cinder:any secret:SecretVolumeSource flocker:any
  gitRepo:any quobyte:any scaleIO:any emptyDir:EmptyDirVolumeSource hostPath:HostPathVolumeSource
  portworxVolume:any azureDisk:any azureFile:any configMap:ConfigMapVolumeSource
  ephemeral:EphemeralVolumeSource glusterfs:any projected:ProjectedVolumeSource storageos:any
  downwardAPI:DownwardAPIVolumeSource gcePersistentDisk:any vsphereVolume:any
  awsElasticBlockStore:any photonPersistentDisk:any
  persistentVolumeClaim:PersistentVolumeClaimVolumeSource
VolumeNodeAffinity = required:NodeSelector
VolumeProjection = secret:SecretProjection configMap:ConfigMapProjection
  downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection
  clusterTrustBundle:ClusterTrustBundleProjection
  serviceAccountToken:ServiceAccountTokenProjection
VolumeResourceRequirements = limits:{quantity} requests:{quantity}
`
