// What the controllers tell people: Events as a real cluster writes them, repetitions counted in one object.
import type { Obj } from '../types.ts'
import { stamp, unlessGone, type World } from './world.ts'

export type Told = {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  component: string
}

/** Records an event about an object; the same reason and message again raises its count. */
export function tell(world: World, about: Obj, { type, reason, message, component }: Told): void {
  const namespace = about.metadata.namespace ?? 'default'
  const time = stamp(world)
  const identity = [about.metadata.uid, component, reason, message].join('\n')
  const known = world.events.get(identity)
  const before = known === undefined ? undefined : world.api.get('events', namespace, known)
  unlessGone(() => {
    if (before) {
      const count = Number(before['count'] ?? 1) + 1
      world.api.update('events', { ...before, count, lastTimestamp: time })
      return
    }
    const name = `${about.metadata.name}.${hex(world)}`
    world.api.create('events', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: referTo(about),
      type,
      reason,
      message,
      source: { component, ...(component === 'kubelet' ? { host: 'sandbox' } : {}) },
      reportingComponent: component,
      reportingInstance: component === 'kubelet' ? 'sandbox' : '',
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    })
    world.events.set(identity, name)
  })
}

// A real cluster keeps events for an hour.
export const eventsLastMs = 3_600_000

/** Removes the events of more than an hour ago. */
export function forgetEvents(world: World): void {
  const oldest = world.clock.now() - eventsLastMs
  const kept = new Set<string>()
  for (const event of world.api.list('events')) {
    const at = String(event['lastTimestamp'] ?? event.metadata.creationTimestamp)
    if (Date.parse(at) >= oldest) kept.add(event.metadata.name)
    else unlessGone(() => world.api.delete('events', event.metadata.namespace, event.metadata.name))
  }
  for (const [identity, name] of world.events) if (!kept.has(name)) world.events.delete(identity)
}

function referTo({ apiVersion, kind, metadata }: Obj): Record<string, unknown> {
  const { namespace, name, uid, resourceVersion } = metadata
  return { apiVersion, kind, ...(namespace ? { namespace } : {}), name, uid, resourceVersion }
}

function hex({ random }: World): string {
  return Math.floor(random() * 2 ** 48)
    .toString(16)
    .padStart(16, '18')
}
