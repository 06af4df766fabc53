// What every hollow controller is given: the API, time and chance, and the few moves they all make.
import type { Obj, SandboxApi, SandboxClock } from '../types.ts'
import { StatusError } from '../types.ts'
import type { ReportError } from '../failure.ts'
import { isSame } from './hash.ts'
import type { Relations } from './relations.ts'
import type { Condition } from './shapes.ts'

export type World = {
  api: SandboxApi
  clock: SandboxClock
  random: () => number
  report: ReportError
  // Sandbox seconds that pass in one second of the clock.
  speed: number
  // Name of the event last written about something, to count repetitions instead of repeating.
  events: Map<string, string>
  relations: Relations
}

// In how many sandbox milliseconds to look again; 'retry' after a refusal: later with every try that fails.
export type Again = number | 'retry' | undefined

/** What looks at the objects of one resource, one at a time, and says when to look again. */
export type Controller = {
  resource: string
  reconcile(world: World, object: Obj): Again
  // What is left to clear away once the object is gone.
  gone?(world: World, object: Obj): void
}

/** The clock's time as Kubernetes writes it, `agoMs` sandbox milliseconds earlier. */
export function stamp(world: World, agoMs = 0): string {
  return new Date(world.clock.now() - agoMs / world.speed).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** Sandbox milliseconds since a Kubernetes timestamp. */
export function since(world: World, timestamp: string): number {
  return (world.clock.now() - Date.parse(timestamp)) * world.speed
}

/** Writes the status if it differs from what is stored; answers the object as it is now. */
export function writeStatus<T extends Obj>(
  world: World,
  resource: string,
  object: T,
  status: object,
): T {
  if (isSame(object['status'] ?? {}, status)) return object
  return world.api.update(resource, { ...object, status }, 'status') as T
}

/** The conditions of `before` with the given ones in their place; a time changes only with the condition's status. */
export function withConditions(
  world: World,
  before: readonly Condition[] | undefined,
  ...changed: readonly Condition[]
): Condition[] {
  const kept = (before ?? []).filter((old) => !changed.some(({ type }) => type === old.type))
  const next = changed.map((condition) => {
    const old = before?.find(({ type }) => type === condition.type)
    const same = old?.status === condition.status && old.lastTransitionTime !== undefined
    return { ...condition, lastTransitionTime: same ? old.lastTransitionTime! : stamp(world) }
  })
  return [...kept, ...next]
}

/** The objects of a resource whose controller is `owner`. */
export function controlledBy<T extends Obj>(world: World, resource: string, owner: Obj): T[] {
  return world.relations.controlledBy(resource, owner) as T[]
}

export function controllerOf(object: Obj): { kind: string; name: string; uid: string } | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller)
}

export function ownerReference(
  owner: Obj,
): NonNullable<Obj['metadata']['ownerReferences']>[number] {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** Was it refused because its namespace terminates? Then it needs no further try. */
export function isEnding({ details }: StatusError): boolean {
  const causes = (details?.['causes'] ?? []) as { reason?: string }[]
  return causes.some(({ reason }) => reason === 'NamespaceTerminating')
}

/** Runs a write that may come too late: answers undefined when the object, its namespace or its place is gone. */
export function unlessGone<T>(write: () => T): T | undefined {
  try {
    return write()
  } catch (error) {
    // 404: deleted meanwhile. 403: its namespace terminates. 409: somebody else made or changed it first.
    if (error instanceof StatusError && [403, 404, 409].includes(error.code)) return undefined
    throw error
  }
}
