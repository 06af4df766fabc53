// What the hollow controllers read of the objects they look after: the fields they use, nothing more.
import type { Json, Obj } from '../types.ts'

export type LabelSelector = {
  matchLabels?: Record<string, string>
  matchExpressions?: Requirement[]
}
export type Requirement = { key: string; operator: string; values?: string[] }

export type Probe = {
  exec?: { command?: string[] }
  httpGet?: { path?: string; port?: number | string }
  tcpSocket?: { port?: number | string }
  grpc?: { port?: number; service?: string }
}
export type Reference = { name?: string; optional?: boolean }
export type Container = {
  name: string
  image?: string
  imagePullPolicy?: string
  command?: string[]
  args?: string[]
  ports?: { name?: string; containerPort: number; protocol?: string }[]
  env?: {
    name: string
    value?: string
    valueFrom?: {
      secretKeyRef?: Reference & { key: string }
      configMapKeyRef?: Reference & { key: string }
    }
  }[]
  envFrom?: { secretRef?: Reference; configMapRef?: Reference }[]
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> }
  readinessProbe?: Probe
  livenessProbe?: Probe
  startupProbe?: Probe
  // 'Always' makes an init container a sidecar.
  restartPolicy?: string
}
export type Volume = {
  name: string
  secret?: { secretName?: string; optional?: boolean }
  configMap?: Reference
  persistentVolumeClaim?: { claimName: string }
  projected?: { sources?: { secret?: Reference; configMap?: Reference }[] }
}
export type PodSpec = {
  containers: Container[]
  initContainers?: Container[]
  volumes?: Volume[]
  nodeName?: string
  nodeSelector?: Record<string, string>
  affinity?: {
    nodeAffinity?: {
      requiredDuringSchedulingIgnoredDuringExecution?: {
        nodeSelectorTerms?: { matchExpressions?: Requirement[] }[]
      }
    }
  }
  restartPolicy?: string
  schedulingGates?: unknown[]
  hostname?: string
  subdomain?: string
  [field: string]: unknown
}
export type PodTemplate = {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }
  spec: PodSpec
}
export type Condition = {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string
  lastUpdateTime?: string
  [field: string]: unknown
}

export type ContainerStatus = {
  name: string
  state: {
    waiting?: { reason: string; message?: string }
    running?: { startedAt: string }
    terminated?: Terminated
  }
  lastState: { terminated?: Terminated }
  restartCount: number
  ready: boolean
  [field: string]: unknown
}
export type Terminated = {
  exitCode: number
  reason: string
  startedAt: string
  finishedAt: string
  [field: string]: unknown
}
export type PodStatus = {
  phase?: string
  podIP?: string
  conditions?: Condition[]
  containerStatuses?: ContainerStatus[]
  initContainerStatuses?: ContainerStatus[]
  [field: string]: unknown
}
export type Pod = Obj & { spec: PodSpec; status?: PodStatus }

// Deployments, ReplicaSets, StatefulSets and DaemonSets, as far as they are alike.
export type Workload<Spec = object, Status = object> = Obj & {
  spec: {
    replicas?: number
    selector?: LabelSelector
    template: PodTemplate
    minReadySeconds?: number
    revisionHistoryLimit?: number
  } & Spec
  status?: { conditions?: Condition[]; [field: string]: unknown } & Status
}
export type ReplicaSet = Workload<
  object,
  { replicas?: number; readyReplicas?: number; availableReplicas?: number }
>
export type Deployment = Workload<{
  paused?: boolean
  progressDeadlineSeconds?: number
  strategy?: {
    type?: string
    rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string }
  }
}>
export type StatefulSet = Workload<
  {
    serviceName?: string
    podManagementPolicy?: string
    ordinals?: { start?: number }
    updateStrategy?: { type?: string; rollingUpdate?: { partition?: number } }
    volumeClaimTemplates?: { metadata: { name: string; [field: string]: unknown }; spec: Json }[]
  },
  { currentRevision?: string }
>
export type DaemonSet = Workload<{ updateStrategy?: { type?: string } }>
