// What keeps a pod from running: the node does not fit, a claim is not bound, a Secret or ConfigMap is missing.
import { amountOf } from '../../util/quantity.ts'
import type { Obj } from '../types.ts'
import { satisfies } from './labels.ts'
import type { Container, Pod, Reference } from './shapes.ts'
import type { World } from './world.ts'

/** Why the scheduler finds no place for the pod, in its words; undefined when it fits on the node. */
export function unschedulable(world: World, pod: Pod, node: Obj | undefined): string | undefined {
  if (!node) return 'no nodes available to schedule pods'
  const reason = unclaimed(world, pod) ?? unfit(pod, node)
  if (reason === undefined) return undefined
  const helpless = '1 Preemption is not helpful for scheduling'
  return `0/1 nodes are available: ${reason}. preemption: 0/1 nodes are available: ${helpless}.`
}

function unclaimed(world: World, { metadata, spec }: Pod): string | undefined {
  for (const { persistentVolumeClaim } of spec.volumes ?? []) {
    if (!persistentVolumeClaim) continue
    const { claimName } = persistentVolumeClaim
    const claim = world.api.get('persistentvolumeclaims', metadata.namespace, claimName)
    if (!claim) return `persistentvolumeclaim "${claimName}" not found`
    const bound = (claim['status'] as { phase?: string } | undefined)?.phase === 'Bound'
    if (!bound) return 'pod has unbound immediate PersistentVolumeClaims'
  }
  return undefined
}

function unfit({ spec }: Pod, node: Obj): string | undefined {
  const { unschedulable: cordoned } = (node['spec'] ?? {}) as { unschedulable?: boolean }
  if (cordoned) return '1 node(s) were unschedulable'
  if (!admits(spec, node.metadata.labels ?? {}))
    return "1 node(s) didn't match Pod's node affinity/selector"
  const { allocatable = {} } = (node['status'] ?? {}) as { allocatable?: Record<string, string> }
  const short = ['cpu', 'memory'].find((key) => {
    const most = amountOf(allocatable[key] ?? '')
    return most !== undefined && requested(spec.containers, key) > most
  })
  return short && `1 Insufficient ${short}`
}

/** Whether node selector and required node affinity let the pod onto a node with these labels. */
export function admits(spec: Pod['spec'], labels: Record<string, string>): boolean {
  const { nodeSelector = {}, affinity } = spec
  if (Object.entries(nodeSelector).some(([key, value]) => labels[key] !== value)) return false
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const terms = required?.nodeSelectorTerms
  return (
    !terms ||
    terms.some(({ matchExpressions = [] }) =>
      matchExpressions.every((one) => satisfies(one, labels)),
    )
  )
}

function requested(containers: readonly Container[], key: string): bigint {
  const amounts = containers.map(({ resources }) =>
    amountOf(resources?.requests?.[key] ?? resources?.limits?.[key] ?? '0'),
  )
  return amounts.reduce<bigint>((sum, amount) => sum + (amount ?? 0n), 0n)
}

/** The volume that cannot be mounted yet and why, in kubelet's words; undefined when all can. */
export function unmountable(world: World, { metadata, spec }: Pod): string | undefined {
  for (const { name, secret, configMap, projected } of spec.volumes ?? []) {
    const parts = [
      absent(
        world,
        metadata.namespace,
        'secret',
        secret && { ...secret, name: secret.secretName ?? '' },
      ),
      absent(world, metadata.namespace, 'configmap', configMap),
      ...(projected?.sources ?? []).flatMap((source) => [
        absent(world, metadata.namespace, 'secret', source.secret),
        absent(world, metadata.namespace, 'configmap', source.configMap),
      ]),
    ]
    const missing = parts.find((part) => part !== undefined)
    if (missing) return `MountVolume.SetUp failed for volume "${name}" : ${missing}`
  }
  return undefined
}

/** The part of a container's environment that does not exist, in kubelet's words. */
export function unconfigurable(
  world: World,
  namespace: string | undefined,
  container: Container,
): string | undefined {
  const whole = (container.envFrom ?? []).flatMap(({ secretRef, configMapRef }) => [
    absent(world, namespace, 'secret', secretRef),
    absent(world, namespace, 'configmap', configMapRef),
  ])
  const keys = (container.env ?? []).flatMap(({ valueFrom }) => [
    absent(world, namespace, 'secret', valueFrom?.secretKeyRef),
    absent(world, namespace, 'configmap', valueFrom?.configMapKeyRef),
  ])
  return [...whole, ...keys].find((problem) => problem !== undefined)
}

function absent(
  world: World,
  namespace: string | undefined,
  kind: 'secret' | 'configmap',
  ref: (Reference & { key?: string }) | undefined,
): string | undefined {
  if (!ref?.name || ref.optional) return undefined
  const found = world.api.get(`${kind}s`, namespace, ref.name)
  if (!found) return `${kind} "${ref.name}" not found`
  const keys = { ...(found['data'] as object), ...(found['binaryData'] as object | undefined) }
  if (ref.key === undefined || ref.key in keys) return undefined
  const title = kind === 'secret' ? 'Secret' : 'ConfigMap'
  return `couldn't find key ${ref.key} in ${title} ${namespace}/${ref.name}`
}
