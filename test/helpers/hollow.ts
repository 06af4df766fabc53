// A sandbox whose workloads live on a clock that the test moves: everything that is due happens within advance().
import { createSandbox, type Sandbox } from '../../lib/sandbox/sandbox.ts'
import type { Obj, SandboxApi, SandboxClock } from '../../lib/sandbox/types.ts'
import type { Condition, Pod } from '../../lib/sandbox/workloads/shapes.ts'
import { startWorkloads } from '../../lib/sandbox/workloads/start.ts'

export type ManualClock = SandboxClock & { advance(ms: number): void }

/** Time that stands still, from a whole second on. */
export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let now = start
  const alarms = new Set<{ at: number; run: () => void }>()
  return {
    now: () => now,
    after(ms, run) {
      const alarm = { at: now + ms, run }
      alarms.add(alarm)
      return () => alarms.delete(alarm)
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const next = [...alarms].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        alarms.delete(next)
        now = Math.max(now, next.at)
        next.run()
      }
      now = until
    },
  }
}

/** The same numbers every time, evenly enough spread for names. */
export function steadyRandom(seed = 1): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

export type HollowCluster = {
  api: SandboxApi
  sandbox: Sandbox
  advance(ms: number): void
  stop(): void
  // Creates objects in namespace "default" unless they name another, and lets the controllers look once.
  make(...objects: { apiVersion: string; kind: string; metadata: object; spec?: unknown }[]): void
  // The object in namespace "default"; throws when there is none.
  get<T = Obj>(resource: string, name: string): T
  // "status reason" of one of its conditions, such as "True MinimumReplicasAvailable".
  condition(resource: string, name: string, type: string): string | undefined
  // The pods whose names begin so.
  pods(prefix: string): Pod[]
  // "type reason: message" of each event about it.
  events(name: string): string[]
}

export function hollowCluster(options: { speed?: number } = {}): HollowCluster {
  const clock = manualClock()
  const sandbox = createSandbox({ clock, random: steadyRandom() })
  const { api } = sandbox
  const stop = startWorkloads({ api, clock, random: steadyRandom(2), ...options })
  clock.advance(1)
  return {
    api,
    sandbox,
    stop,
    advance: clock.advance,
    make(...objects) {
      for (const object of objects) {
        const metadata = { namespace: 'default', ...object.metadata }
        api.create(pluralOf(object), { ...object, metadata } as Obj)
      }
      clock.advance(1)
    },
    get<T>(resource: string, name: string) {
      const found = api.get(resource, 'default', name)
      if (!found) throw new Error(`Cannot find ${resource} "${name}"`)
      return found as T
    },
    condition(resource, name, type) {
      const { conditions = [] } = (api.get(resource, 'default', name)?.['status'] ?? {}) as {
        conditions?: Condition[]
      }
      const found = conditions.find((one) => one.type === type)
      return found && [found.status, found.reason].join(' ').trim()
    },
    pods: (prefix) =>
      (api.list('pods', 'default') as Pod[]).filter(({ metadata }) =>
        metadata.name.startsWith(prefix),
      ),
    events: (name) =>
      api
        .list('events', 'default')
        .filter((event) => (event['involvedObject'] as { name?: string }).name === name)
        .map((event) => `${event['type']} ${event['reason']}: ${event['message']}`),
  }
}

function pluralOf({ apiVersion, kind }: { apiVersion: string; kind: string }): string {
  const plural = `${kind.toLowerCase()}s`.replace(/sss$/, 'sses')
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : ''
  return group === '' ? plural : `${plural}.${group}`
}
