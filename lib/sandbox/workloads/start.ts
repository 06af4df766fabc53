// Which hollow controller looks at what, and when: every change of an object has the objects looked at that depend on it.
import { backoffMs } from '../../util/backoff.ts'
import { warnOfError, type ReportError } from '../failure.ts'
import { StatusError, type SandboxApi, type SandboxClock } from '../types.ts'
import { claims } from './claim.ts'
import { daemonSets } from './daemonset.ts'
import { deployments } from './deployment.ts'
import { eventsLastMs, forgetEvents, tell } from './events.ts'
import { layGround } from './ground.ts'
import { ingresses } from './ingress.ts'
import { jobs } from './job.ts'
import { createPodController } from './pod.ts'
import { createDueQueue } from './queue.ts'
import { createRelations, type Key } from './relations.ts'
import { replicaSets } from './replicaset.ts'
import { autoscalers, budgets } from './scaling.ts'
import { services } from './service.ts'
import { statefulSets } from './statefulset.ts'
import { keyOf, resourceOf, touched } from './touched.ts'
import { isEnding, type Again, type Controller, type World } from './world.ts'

export type WorkloadOptions = {
  api: SandboxApi
  clock: SandboxClock
  random: () => number
  // Sandbox seconds per second of the clock, 1 by default: 60 lets a 10-minute deadline pass in 10 s.
  speed?: number
  // Is told of errors that no controller expected; the object is left until it changes.
  report?: ReportError
}

// What was refused is tried again, as by real controllers, but these give up hope after 1000 s only; here a hundredth.
const retries = { firstMs: 5, maxMs: 10_000 }

// What belongs to somebody and is nobody's to look at.
const belongings = ['controllerrevisions.apps', 'endpointslices.discovery.k8s.io']

/** Lets workloads live on the API until the returned function is called. Simulates scheduler, kubelet and controllers. */
export function startWorkloads(options: WorkloadOptions): () => void {
  const { api, clock, random, speed = 1, report = warnOfError } = options
  const relations = createRelations(api)
  const world: World = { api, clock, random, speed, report, events: new Map(), relations }
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
    const { type, object } = event
    const resource = resourceOf(event)
    relations.note(resource, object.metadata.uid ?? '', type === 'DELETED' ? undefined : object)
    if (type === 'DELETED') controllers.get(resource)?.gone?.(world, object)
    for (const key of touched(world, event)) enqueue(key)
  })
  layGround(world)
  for (const resource of [...controllers.keys(), ...belongings])
    for (const object of api.list(resource)) {
      relations.note(resource, object.metadata.uid ?? '', object)
      enqueue(keyOf(resource, object))
    }
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
    if (!(error instanceof StatusError)) {
      world.report(error)
      return undefined
    }
    if (isEnding(error)) return undefined
    // Somebody wrote first: look again.
    if (error.code === 404 || error.code === 409) return 'retry'
    const told = { type: 'Warning', reason: 'FailedSync', message: error.message } as const
    tell(world, object, { ...told, component: 'sandbox' })
    return 'retry'
  }
}

function sweep(world: World): () => void {
  let cancel = world.clock.after(eventsLastMs / 6, function again() {
    forgetEvents(world)
    cancel = world.clock.after(eventsLastMs / 6, again)
  })
  return () => cancel()
}
