// Kubernetes Events about HelmReleases: one object for one sentence, counted when it is said again, and never so many
// that they become a load, as client-go does it for Go programs.
import { ApiError } from '../model/errors.ts'
import type { KubeObject } from '../model/json.ts'
import type { Clock, Cluster, EventRecorder, Log, ResourceType } from '../model/ports.ts'
import type { HelmRelease } from '../model/release.ts'
import { createLru, type Lru } from '../util/lru.ts'

type Event = Parameters<EventRecorder['record']>[1]
type Said = { name: string; count: number }
type Bucket = { tokens: number; at: number }

const events: ResourceType = { group: '', version: 'v1', plural: 'events', namespaced: true }
const component = 'helm-operator'
// The API server refuses longer ones.
const longestMessage = 1_024
const longestName = 253
// client-go's figures: a burst for a busy start, then one in five minutes for each release.
const burst = 25
const refillMs = 300_000
const remembered = 4_096

/** Records Events through the cluster. Never throws: what cannot be recorded is logged, and nothing waits for it. */
export function createEventRecorder(deps: {
  cluster: Pick<Cluster, 'create' | 'patch'>
  clock: Clock
  random: () => number
  log: Log
}): EventRecorder {
  const said: Lru<Said> = createLru(remembered)
  const buckets: Lru<Bucket> = createLru(remembered)
  return {
    record: async (release, event) => {
      const message = cut(event.message)
      const key = [release.uid, event.type, event.reason, message].join('\n')
      if (!takeToken(buckets, release.uid, deps.clock.now())) return
      try {
        const before = said.get(key)
        const counted = before && (await countAgain(release, before, deps))
        const next = counted ?? (await create(release, { ...event, message }, deps))
        said.set(key, next, 1)
      } catch (error) {
        deps.log.warn('event not recorded', { resource: place(release), err: error })
      }
    },
  }
}

// Undefined when the cluster has forgotten the event, which it does after an hour.
async function countAgain(
  { key: { namespace } }: HelmRelease,
  { name, count }: Said,
  { cluster, clock }: { cluster: Pick<Cluster, 'patch'>; clock: Clock },
): Promise<Said | undefined> {
  const body = { count: count + 1, lastTimestamp: timestamp(clock) }
  try {
    await cluster.patch(events, { name, namespace }, { type: 'merge', body })
    return { name, count: count + 1 }
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

async function create(
  release: HelmRelease,
  event: Event,
  {
    cluster,
    clock,
    random,
  }: { cluster: Pick<Cluster, 'create'>; clock: Clock; random: () => number },
): Promise<Said> {
  const name = eventName(release.key.name, clock.now(), random)
  const now = timestamp(clock)
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: release.key.namespace },
    involvedObject: {
      apiVersion: release.apiVersion,
      kind: 'HelmRelease',
      namespace: release.key.namespace,
      name: release.key.name,
      uid: release.uid,
      resourceVersion: release.resourceVersion,
    },
    type: event.type,
    reason: event.reason,
    message: event.message,
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  }
  await cluster.create(events, object)
  return { name, count: 1 }
}

// A bucket for each release: whoever changes its mind every second is heard, but not every time.
function takeToken(buckets: Lru<Bucket>, uid: string, now: number): boolean {
  const { tokens, at } = buckets.get(uid) ?? { tokens: burst, at: now }
  const filled = Math.min(burst, tokens + (now - at) / refillMs)
  buckets.set(uid, { tokens: filled >= 1 ? filled - 1 : filled, at: now }, 1)
  return filled >= 1
}

// Readable, and unlike that of any other event: the time alone may come twice.
function eventName(release: string, now: number, random: () => number): string {
  const suffix = `${now.toString(16)}${Math.floor(random() * 0x10000).toString(16)}`
  return `${release.slice(0, longestName - suffix.length - 1).replace(/[-.]+$/, '')}.${suffix}`
}

function cut(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage - 1)}…` : message
}

function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
}

function place({ key }: HelmRelease): string {
  return `${key.namespace}/${key.name}`
}
