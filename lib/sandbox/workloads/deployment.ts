// Rolls a Deployment out: one ReplicaSet per template, scaled step by step; old ones are kept for rolling back.
import { adoptOrphans } from './adopt.ts'
import { hashTemplate, isSame } from './hash.ts'
import { deploymentStatus } from './deploymentstatus.ts'
import { tell } from './events.ts'
import { limitsOf, nextSizes, sum } from './rollout.ts'
import type { Deployment, ReplicaSet } from './shapes.ts'
import { controlledBy, ownerReference, unlessGone, type Controller, type World } from './world.ts'

const component = 'deployment-controller'
const hashLabel = 'pod-template-hash'
const revisionKey = 'deployment.kubernetes.io/revision'
const historyKey = 'deployment.kubernetes.io/revision-history'
// What a ReplicaSet does not take over from its Deployment's annotations.
const ownAnnotations = [revisionKey, historyKey, 'kubectl.kubernetes.io/last-applied-configuration']

export const deployments: Controller = {
  resource: 'deployments.apps',
  reconcile(world, object) {
    const deployment = object as Deployment
    if (deployment.metadata.deletionTimestamp !== undefined) return undefined
    adoptOrphans(world, 'replicasets.apps', deployment)
    const { paused = false } = deployment.spec
    const found = freshSet(world, deployment)
    const fresh =
      found ?? (paused || waitsForOldPods(world, deployment) ? undefined : make(world, deployment))
    const current = fresh ? mark(world, deployment, fresh) : deployment
    if (paused) resize(world, current)
    else if (fresh) roll(world, current, fresh)
    const made = found === undefined && fresh !== undefined
    const again = deploymentStatus(
      world,
      current,
      freshSet(world, current),
      setsOf(world, current),
      made,
    )
    if (!paused) clearHistory(world, current)
    return again
  },
}

/** The Deployment's ReplicaSets, the oldest revision first. */
export function setsOf(world: World, deployment: Deployment): ReplicaSet[] {
  return controlledBy<ReplicaSet>(world, 'replicasets.apps', deployment)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .sort((a, b) => revisionOf(a) - revisionOf(b))
}

function revisionOf({ metadata }: { metadata: Deployment['metadata'] }): number {
  return Number(metadata.annotations?.[revisionKey] ?? 0)
}

// Of several with this template, which only adoption brings about, the oldest: by revisions it would be another one each time.
function freshSet(world: World, deployment: Deployment): ReplicaSet | undefined {
  const oldest = setsOf(world, deployment).sort((a, b) => (bornBefore(a, b) ? -1 : 1))
  return oldest.find(({ spec }) => {
    const { [hashLabel]: _, ...labels } = spec.template.metadata?.labels ?? {}
    const metadata = { ...spec.template.metadata, labels }
    return isSame({ ...spec.template, metadata }, deployment.spec.template)
  })
}

function bornBefore({ metadata: a }: ReplicaSet, { metadata: b }: ReplicaSet): boolean {
  const [first = '', second = ''] = [a.creationTimestamp, b.creationTimestamp]
  return first === second ? a.name < b.name : first < second
}

function isRecreate({ spec }: Deployment): boolean {
  return spec.strategy?.type === 'Recreate'
}

// Recreate: no new pod before the last old one is gone.
function waitsForOldPods(world: World, deployment: Deployment): boolean {
  if (!isRecreate(deployment)) return false
  const old = setsOf(world, deployment)
  for (const set of old) resizeSet(world, deployment, set, 0)
  return old.some((set) => controlledBy(world, 'pods', set).length > 0)
}

function make(world: World, deployment: Deployment): ReplicaSet | undefined {
  const { metadata, spec } = deployment
  const hash = hashTemplate(spec.template)
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash }
  return unlessGone(() =>
    world.api.create('replicasets.apps', {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${metadata.name}-${hash}`,
        namespace: metadata.namespace ?? '',
        labels,
        ownerReferences: [ownerReference(deployment)],
      },
      spec: {
        replicas: 0,
        ...(spec.minReadySeconds ? { minReadySeconds: spec.minReadySeconds } : {}),
        selector: {
          ...spec.selector,
          matchLabels: { ...spec.selector?.matchLabels, [hashLabel]: hash },
        },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      },
    }),
  ) as ReplicaSet | undefined
}

// Gives the ReplicaSet in use the highest revision, also when it is an old one that was rolled back to.
function mark(world: World, deployment: Deployment, fresh: ReplicaSet): Deployment {
  const others = setsOf(world, deployment).filter(
    ({ metadata }) => metadata.uid !== fresh.metadata.uid,
  )
  const highest = Math.max(0, ...others.map(revisionOf))
  const before = revisionOf(fresh)
  const revision = String(before > highest ? before : highest + 1)
  const history = fresh.metadata.annotations?.[historyKey]
  const past =
    before > 0 && String(before) !== revision
      ? { [historyKey]: [history, before].filter((part) => part).join(',') }
      : {}
  const taken = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([key]) => !ownAnnotations.includes(key),
  )
  annotate(world, 'replicasets.apps', fresh, {
    ...Object.fromEntries(taken),
    ...past,
    [revisionKey]: revision,
  })
  return annotate(world, 'deployments.apps', deployment, { [revisionKey]: revision })
}

function annotate<T extends Deployment | ReplicaSet>(
  world: World,
  resource: string,
  object: T,
  annotations: Record<string, string>,
): T {
  const before = object.metadata.annotations ?? {}
  const after = { ...before, ...annotations }
  if (isSame(before, after)) return object
  const metadata = { ...object.metadata, annotations: after }
  return world.api.update(resource, { ...object, metadata }) as T
}

function roll(world: World, deployment: Deployment, fresh: ReplicaSet): void {
  const desired = deployment.spec.replicas ?? 1
  const sets = setsOf(world, deployment)
  const current = sets.find(({ metadata }) => metadata.uid === fresh.metadata.uid)
  const old = sets.filter((set) => set !== current)
  if (!current) return
  if (isRecreate(deployment)) {
    for (const set of old) resizeSet(world, deployment, set, 0)
    const busy = old.some((set) => controlledBy(world, 'pods', set).length > 0)
    return busy ? undefined : resizeSet(world, deployment, current, desired)
  }
  const next = nextSizes(
    { desired, fresh: sizeOf(current), old: old.map(sizeOf) },
    limitsOf(deployment),
  )
  resizeSet(world, deployment, current, next.fresh)
  for (const [index, set] of old.entries()) resizeSet(world, deployment, set, next.old[index]!)
}

// A paused Deployment does not change its template, but it may still be scaled.
function resize(world: World, deployment: Deployment): void {
  const sets = setsOf(world, deployment)
  const newest = sets.findLast(({ spec }) => (spec.replicas ?? 0) > 0) ?? sets.at(-1)
  if (!newest) return
  const others = sum(sets.filter((set) => set !== newest).map(({ spec }) => spec.replicas ?? 0))
  resizeSet(world, deployment, newest, Math.max(0, (deployment.spec.replicas ?? 1) - others))
}

function sizeOf({ spec, status }: ReplicaSet): { replicas: number; available: number } {
  return { replicas: spec.replicas ?? 0, available: status?.availableReplicas ?? 0 }
}

function resizeSet(world: World, deployment: Deployment, set: ReplicaSet, replicas: number): void {
  const before = set.spec.replicas ?? 0
  const desired = deployment.spec.replicas ?? 1
  const annotations = {
    ...set.metadata.annotations,
    'deployment.kubernetes.io/desired-replicas': String(desired),
    'deployment.kubernetes.io/max-replicas': String(desired + limitsOf(deployment).maxSurge),
  }
  const same = before === replicas && isSame(annotations, set.metadata.annotations)
  if (same) return
  const next = {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, replicas },
  }
  if (!unlessGone(() => world.api.update('replicasets.apps', next)) || before === replicas) return
  const verb = replicas > before ? 'up' : 'down'
  const message = `Scaled ${verb} replica set ${set.metadata.name} from ${before} to ${replicas}`
  tell(world, deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message, component })
}

// Keeps revisionHistoryLimit old ReplicaSets once the rollout is over.
function clearHistory(world: World, deployment: Deployment): void {
  const sets = setsOf(world, deployment)
  const idle = sets
    .slice(0, -1)
    .filter(({ spec, status }) => (spec.replicas ?? 0) === 0 && (status?.replicas ?? 0) === 0)
  const keep = deployment.spec.revisionHistoryLimit ?? 10
  for (const { metadata } of idle.slice(0, Math.max(0, idle.length - keep)))
    unlessGone(() => world.api.delete('replicasets.apps', metadata.namespace, metadata.name))
}
