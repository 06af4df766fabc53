// Pods with names and places: made in order, replaced from the last to the first, each with its own claims.
import type { Obj } from '../types.ts'
import { adoptOrphans } from './adopt.ts'
import {
  activePods,
  countAvailable,
  makePod,
  unmakePod,
  untilAvailable,
  type Words,
} from './makepod.ts'
import { isOver, isReady } from './pod.ts'
import { currentRevision } from './revisions.ts'
import type { Pod, StatefulSet } from './shapes.ts'
import {
  controlledBy,
  unlessGone,
  writeStatus,
  type Again,
  type Controller,
  type World,
} from './world.ts'

const component = 'statefulset-controller'
const revisionLabel = 'controller-revision-hash'

export const statefulSets: Controller = {
  resource: 'statefulsets.apps',
  reconcile(world, object) {
    const set = object as StatefulSet
    if (set.metadata.deletionTimestamp !== undefined) return undefined
    adoptOrphans(world, 'pods', set)
    const update = currentRevision(world, set, 'controller.kubernetes.io/hash').name
    const current = (set.status?.currentRevision as string | undefined) ?? update
    const waits = arrange(world, set, current, update)
    const again = count(world, set, current, update)
    if (waits === 'retry') return waits
    const soonest = Math.min(waits ?? Infinity, again ?? Infinity)
    return soonest === Infinity ? undefined : soonest
  },
}

// One move at a time: make what is missing in order, take away what is too much, then renew from the end.
function arrange(world: World, set: StatefulSet, current: string, update: string): Again {
  const { replicas = 1, podManagementPolicy, ordinals } = set.spec
  const start = ordinals?.start ?? 0
  const pods = controlledBy<Pod>(world, 'pods', set).sort((a, b) => ordinalOf(a) - ordinalOf(b))
  const parallel = podManagementPolicy === 'Parallel'
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0
  for (let ordinal = start; ordinal < start + replicas; ordinal += 1) {
    const pod = pods.find((one) => ordinalOf(one) === ordinal)
    if (!pod) {
      const revision = ordinal - start >= partition ? update : current
      if (!makeMember(world, set, ordinal, revision)) return 'retry'
      if (!parallel) return undefined
      continue
    }
    if (isOver(pod)) unmakePod(world, set, pod, component)
    const waits = untilAvailable(world, pod, set.spec.minReadySeconds)
    if (waits > 0 && !parallel) return waits
  }
  const surplus = pods.filter((one) => ordinalOf(one) >= start + replicas || ordinalOf(one) < start)
  const leaving = surplus.some(({ metadata }) => metadata.deletionTimestamp !== undefined)
  for (const pod of parallel ? surplus : leaving ? [] : surplus.slice(-1))
    unmakePod(world, set, pod, component)
  if (surplus.length === 0) renew(world, set, pods, update)
  return undefined
}

function renew(world: World, set: StatefulSet, pods: readonly Pod[], update: string): void {
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {}
  if (type !== 'RollingUpdate') return
  const first = (set.spec.ordinals?.start ?? 0) + (rollingUpdate?.partition ?? 0)
  for (const pod of pods.toReversed()) {
    if (ordinalOf(pod) < first || pod.metadata.deletionTimestamp !== undefined) return
    if (pod.metadata.labels?.[revisionLabel] !== update)
      return unmakePod(world, set, pod, component)
    if (untilAvailable(world, pod, set.spec.minReadySeconds) > 0) return
  }
}

// Says whether nothing went wrong.
function makeMember(world: World, set: StatefulSet, ordinal: number, revision: string): boolean {
  const { name: owner } = set.metadata
  const name = `${owner}-${ordinal}`
  const template = templateOf(world, set, revision)
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim) => {
    const claimName = `${claim.metadata.name}-${name}`
    makeClaim(world, set, claim, claimName)
    return { name: claim.metadata.name, persistentVolumeClaim: { claimName } }
  })
  const volumes = (template.spec.volumes ?? []).filter(
    (one) => !claims.some((claim) => claim.name === one.name),
  )
  const labels = {
    'apps.kubernetes.io/pod-index': String(ordinal),
    'statefulset.kubernetes.io/pod-name': name,
    [revisionLabel]: revision,
  }
  const spec = {
    hostname: name,
    ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
    ...(claims.length + volumes.length > 0 ? { volumes: [...claims, ...volumes] } : {}),
  }
  const done = `Create Pod ${name} in StatefulSet ${owner}`
  const words: Words = {
    made: () => `${done} successful`,
    refused: (why) => `${done} failed error: ${why}`,
  }
  const { problem } = makePod(world, set, template, { name, labels, spec, component, words })
  return problem === undefined
}

function templateOf(
  world: World,
  set: StatefulSet,
  revision: string,
): StatefulSet['spec']['template'] {
  const stored = world.api.get('controllerrevisions.apps', set.metadata.namespace, revision)
  const data = stored?.['data'] as
    { spec?: { template?: StatefulSet['spec']['template'] } } | undefined
  const { $patch: _, ...template } = { $patch: '', ...(data?.spec?.template ?? set.spec.template) }
  return template
}

function makeClaim(
  world: World,
  set: StatefulSet,
  claim: NonNullable<StatefulSet['spec']['volumeClaimTemplates']>[number],
  name: string,
): void {
  const { namespace } = set.metadata
  if (world.api.get('persistentvolumeclaims', namespace, name)) return
  const labels = {
    ...(claim.metadata['labels'] as object | undefined),
    ...set.spec.selector?.matchLabels,
  }
  unlessGone(() =>
    world.api.create('persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: namespace ?? '', labels },
      spec: claim.spec,
    }),
  )
}

function count(
  world: World,
  set: StatefulSet,
  current: string,
  update: string,
): number | undefined {
  const pods = activePods(world, set)
  const of = (revision: string): number =>
    pods.filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision).length
  const replicas = set.spec.replicas ?? 1
  const { available, again } = countAvailable(world, pods, set.spec.minReadySeconds)
  const ready = pods.filter(isReady).length
  // Once all pods are of the new revision and ready, it is the current one.
  const through = of(update) === replicas && pods.length === replicas && ready === replicas
  const now = through ? update : current
  const some = (field: string, n: number): object => (n > 0 ? { [field]: n } : {})
  writeStatus(world, 'statefulsets.apps', set, {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    ...some('readyReplicas', ready),
    ...some('currentReplicas', of(now)),
    ...some('updatedReplicas', of(update)),
    availableReplicas: available,
    currentRevision: now,
    updateRevision: update,
    collisionCount: 0,
  })
  return again
}

function ordinalOf({ metadata }: Obj): number {
  return Number(/-(\d+)$/.exec(metadata.name)?.[1] ?? -1)
}
