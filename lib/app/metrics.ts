// The figures behind GET /metrics: those of fluxcd/helm-operator under their names, and what this operator adds.
import { Counter, Gauge, Registry } from 'prom-client'
import type { RefusalReason } from '../edge/parser/parser.ts'
import type { Metrics } from '../model/ports.ts'
import { createDurations } from './metrics/durations.ts'
import {
  createPrograms,
  createRefusals,
  createRequests,
  type Programs,
  registerProcess,
} from './metrics/programs.ts'
import { createKnownReleases } from './metrics/releases.ts'

export type MetricsOptions = {
  now: () => number
  version: string
  // Does every release have durations of its own?
  byRelease: boolean
}
/** Read at every scrape. */
export type Levels = {
  queueLength: () => number
  // Helm processes that wait for one of --workers to be free.
  slotsWaiting: () => number
  isGitReady: () => boolean
}
export type OperatorMetrics = {
  loop: Metrics
  programs: Programs
  onRequest: (verb: string, status: number) => void
  onInputRefused: (reason: RefusalReason) => void
  watch(levels: Levels): void
  // In Prometheus' text format.
  read(): Promise<{ text: string; contentType: string }>
}

export function createMetrics(options: MetricsOptions): OperatorMetrics {
  const registry = new Registry()
  const durations = createDurations(registry, options)
  const releases = createKnownReleases(registry)
  const counters = createCounters(registry)
  const levels: { now?: Levels } = {}
  registerLevels(registry, levels)
  registerVersion(registry, options.version)
  registerProcess(registry, options.now())
  return {
    loop: {
      show: (key, release) => {
        const abandoned = releases.show(key, release)
        durations.keep(release)
        if (abandoned) durations.leave(abandoned)
      },
      forget: (key) => {
        const abandoned = releases.forget(key)
        if (abandoned) durations.leave(abandoned)
      },
      time: durations.time,
      countUpgrade: (because) => counters.upgrades.inc({ because }),
      countFailure: (code, retry) => counters.failures.inc({ code, retry }),
    },
    programs: createPrograms(registry),
    onRequest: createRequests(registry),
    onInputRefused: createRefusals(registry),
    watch: (now) => void (levels.now = now),
    read: async () => {
      durations.sweep()
      return { text: await registry.metrics(), contentType: registry.contentType }
    },
  }
}

function createCounters(registry: Registry): Record<'upgrades' | 'failures', Counter> {
  const registers = [registry]
  return {
    upgrades: new Counter({
      name: 'helm_operator_upgrades_total',
      help: 'Number of upgrades begun, by what made them necessary.',
      labelNames: ['because'],
      registers,
    }),
    failures: new Counter({
      name: 'helm_operator_sync_failures_total',
      help: 'Number of syncs that an error ended, by its code and when they are tried again.',
      labelNames: ['code', 'retry'],
      registers,
    }),
  }
}

function registerLevels(registry: Registry, levels: { readonly now?: Levels }): void {
  const gauge = (name: string, help: string, read: (levels: Levels) => number): void => {
    const registers = [registry]
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(levels.now === undefined ? 0 : read(levels.now))
      },
    })
  }
  gauge(
    'flux_helm_operator_release_queue_length_count',
    'Number of HelmReleases that wait to be synced, or for a helm process.',
    ({ queueLength, slotsWaiting }) => queueLength() + slotsWaiting(),
  )
  gauge(
    'helm_operator_helm_processes_waiting',
    'Number of helm processes that wait for others to end: more --workers would help.',
    ({ slotsWaiting }) => slotsWaiting(),
  )
  gauge(
    'flux_git_ready',
    'Could every git repository be fetched the last time? 1 is yes, also where there is none.',
    ({ isGitReady }) => Number(isGitReady()),
  )
}

function registerVersion(registry: Registry, version: string): void {
  new Gauge({
    name: 'helm_operator_info',
    help: 'Version of the operator.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1)
}
