// Which hollow controller looks at what, and when: every change of an object has the objects looked at that depend on it.
import {
  StatusError,
  type ChangeEvent,
  type Obj,
  type SandboxApi,
  type SandboxClock,
} from '../types.ts'
import { backoffMs } from '../../util/backoff.ts'
import { claims } from './claim.ts'
import { daemonSets } from './daemonset.ts'
import { deployments } from './deployment.ts'
import { eventsLastMs, forgetEvents, tell } from './events.ts'
import { layGround } from './ground.ts'
import { ingresses } from './ingress.ts'
import { jobs } from './job.ts'
import { createPodController } from './pod.ts'
import { createDueQueue } from './queue.ts'
import { replicaSets } from './replicaset.ts'
import { autoscalers, budgets } from './scaling.ts'
import { services } from './service.ts'
import { statefulSets } from './statefulset.ts'
import { controllerOf, isEnding, type Again, type Controller, type World } from './world.ts'

export type WorkloadOptions = {
  api: SandboxApi
  clock: SandboxClock
  random: () => number
  // Sandbox seconds per second of the clock, 1 by default: 60 lets a 10-minute deadline pass in 10 s.
  speed?: number
}

type Key = { resource: string; namespace: string | undefined; name: string }

// What was refused is tried again, as by real controllers, but these give up hope after 1000 s only; here a hundredth.
const retries = { firstMs: 5, maxMs: 10_000 }

const resourceOfOwner: Record<string, string> = {
  Deployment: 'deployments.apps',
  ReplicaSet: 'replicasets.apps',
  StatefulSet: 'statefulsets.apps',
  DaemonSet: 'daemonsets.apps',
  Job: 'jobs.batch',
  Service: 'services',
}

/** Lets workloads live on the API until the returned function is called. Simulates scheduler, kubelet and controllers. */
export function startWorkloads({ api, clock, random, speed = 1 }: WorkloadOptions): () => void {
  const world: World = { api, clock, random, speed, events: new Map() }
  const controllers = new Map(allControllers().map((one) => [one.resource, one]))
  const tries = new Map<string, number>()
  const queue = createDueQueue(clock, (text) => {
    const again = look(world, controllers, JSON.parse(text) as Key)
    const failed = tries.get(text) ?? 0
    if (again === 'retry') tries.set(text, failed + 1)
    else tries.delete(text)
    const ms = again === 'retry' ? backoffMs(failed, retries, () => 1) : again
    if (ms !== undefined) queue.add(text, Math.max(1, ms / speed))
  })
  const enqueue = (key: Key): void => {
    if (controllers.has(key.resource)) queue.add(JSON.stringify(key), 0)
  }
  const unsubscribe = api.subscribe((event) => {
    const resource = resourceOf(event)
    if (event.type === 'DELETED') controllers.get(resource)?.gone?.(world, event.object)
    for (const key of touched(world, resource, event)) enqueue(key)
  })
  layGround(world)
  for (const { resource } of controllers.values())
    for (const object of api.list(resource)) enqueue(keyOf(resource, object))
  const endSweeping = sweep(world)
  return () => {
    unsubscribe()
    endSweeping()
    queue.stop()
  }
}

function allControllers(): Controller[] {
  return [
    createPodController(),
    replicaSets,
    deployments,
    statefulSets,
    daemonSets,
    jobs,
    claims,
    services,
    ingresses,
    autoscalers,
    budgets,
  ]
}

function look(world: World, controllers: ReadonlyMap<string, Controller>, key: Key): Again {
  const object = world.api.get(key.resource, key.namespace, key.name)
  if (!object) return undefined
  try {
    return controllers.get(key.resource)?.reconcile(world, object)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    if (isEnding(error)) return undefined
    // Somebody wrote first: look again.
    if (error.code === 404 || error.code === 409) return 'retry'
    const told = { type: 'Warning', reason: 'FailedSync', message: error.message } as const
    tell(world, object, { ...told, component: 'sandbox' })
    return 'retry'
  }
}

// Whom a change concerns: the object itself, its owner, and whoever selects, mounts or scales it.
function touched(world: World, resource: string, { type, object, before }: ChangeEvent): Key[] {
  const { namespace } = object.metadata
  const keys = [keyOf(resource, object)]
  // The Deployment above a ReplicaSet waits for its last pod to go.
  const owner = ownerKey(object)
  const above =
    owner && type === 'DELETED' ? world.api.get(owner.resource, namespace, owner.name) : undefined
  for (const key of [owner, above && ownerKey(above)]) if (key) keys.push(key)
  const also = (other: string, which: (one: Obj) => boolean = () => true): void => {
    for (const one of world.api.list(other, namespace)) if (which(one)) keys.push(keyOf(other, one))
  }
  const pending = ({ status }: Obj & { status?: { phase?: string } }): boolean =>
    status?.phase === undefined || status.phase === 'Pending' || status.phase === 'Running'
  switch (resource) {
    case 'pods':
      if (type === 'MODIFIED' && !matters(object, before)) break
      also('services')
      also('poddisruptionbudgets.policy')
      break
    case 'secrets':
    case 'configmaps':
    case 'persistentvolumeclaims':
      also('pods', (one) => pending(one))
      break
    case 'nodes':
      also('pods', (one) => pending(one))
      also('daemonsets.apps')
      break
    case 'storageclasses.storage.k8s.io':
      also('persistentvolumeclaims')
      break
    case 'deployments.apps':
    case 'statefulsets.apps':
      also('horizontalpodautoscalers.autoscaling')
      break
  }
  return keys
}

function ownerKey(object: Obj): Key | undefined {
  const owner = controllerOf(object)
  const resource = owner && resourceOfOwner[owner.kind]
  return resource ? { resource, namespace: object.metadata.namespace, name: owner.name } : undefined
}

// A pod matters to those who count it when it comes, goes, moves or changes its readiness or labels.
function matters(object: Obj, before: Obj | undefined): boolean {
  const facts = (one: Obj | undefined): string => {
    const { podIP, conditions = [] } = (one?.['status'] ?? {}) as {
      podIP?: string
      conditions?: { type: string; status: string }[]
    }
    const ready = conditions.find(({ type }) => type === 'Ready')?.status
    return JSON.stringify([one?.metadata.labels, one?.metadata.deletionTimestamp, podIP, ready])
  }
  return !before || facts(object) !== facts(before)
}

function resourceOf({ definition: { plural, group } }: ChangeEvent): string {
  return group === '' ? plural : `${plural}.${group}`
}

function keyOf(resource: string, { metadata }: Obj): Key {
  return { resource, namespace: metadata.namespace, name: metadata.name }
}

function sweep(world: World): () => void {
  let cancel = world.clock.after(eventsLastMs / 6, function again() {
    forgetEvents(world)
    cancel = world.clock.after(eventsLastMs / 6, again)
  })
  return () => cancel()
}
