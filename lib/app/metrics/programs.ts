// What the operator costs: the programs it starts, the requests it makes, and its own process.
// prom-client could collect the last by itself, but with timers and observers that nobody can end.
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import process from 'node:process'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { RefusalReason } from '../../edge/parser/parser.ts'

// Linux keeps them there.
const openFiles = '/proc/self/fd'

export type Programs = {
  onStart(program: string): void
  onEnd(program: string, tookMs: number): void
}

/** Counts programs by what they are, wherever they are. */
export function createPrograms(registry: Registry): Programs {
  const labelNames = ['program']
  const registers = [registry]
  const started = new Counter({
    name: 'helm_operator_processes_started_total',
    help: 'Number of processes started.',
    labelNames,
    registers,
  })
  const running = new Gauge({
    name: 'helm_operator_processes_running',
    help: 'Number of processes running.',
    labelNames,
    registers,
  })
  const took = new Counter({
    name: 'helm_operator_processes_seconds_total',
    help: 'Time between the start and the end of processes.',
    labelNames,
    registers,
  })
  for (const program of ['helm', 'kubectl', 'git']) {
    started.inc({ program }, 0)
    running.set({ program }, 0)
    took.inc({ program }, 0)
  }
  return {
    onStart: (path) => {
      const program = programOf(path)
      started.inc({ program })
      running.inc({ program })
    },
    onEnd: (path, tookMs) => {
      const program = programOf(path)
      running.dec({ program })
      took.inc({ program }, tookMs / 1_000)
    },
  }
}

/** Counts inputs that were too much to be read, by what they would have taken too much of. */
export function createRefusals(registry: Registry): (reason: RefusalReason) => void {
  const refusals = new Counter({
    name: 'helm_operator_inputs_refused_total',
    help: 'Number of charts, indexes, values and stored releases that took too much memory or time to be read, or are known to.',
    labelNames: ['reason'],
    registers: [registry],
  })
  for (const reason of ['memory', 'time', 'known']) refusals.inc({ reason }, 0)
  return (reason) => refusals.inc({ reason })
}

/** Counts requests to the API server. */
export function createRequests(registry: Registry): (verb: string, status: number) => void {
  const requests = new Counter({
    name: 'helm_operator_api_requests_total',
    help: 'Number of requests to the API server. Code "error": there was no answer.',
    labelNames: ['verb', 'code'],
    registers: [registry],
  })
  return (verb, status) => requests.inc({ verb, code: status === 0 ? 'error' : String(status) })
}

/** The figures that every process is asked for, under their usual names. */
export function registerProcess(registry: Registry, now: number): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    const registers = [registry]
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read())
      },
    })
  }
  const startedAt = now / 1_000 - process.uptime()
  gauge('process_start_time_seconds', 'When the process started.', () => startedAt)
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage().rss)
  gauge('nodejs_heap_size_used_bytes', 'Heap in use.', () => process.memoryUsage().heapUsed)
  gauge('nodejs_heap_size_total_bytes', 'Heap.', () => process.memoryUsage().heapTotal)
  if (!Number.isNaN(countFiles()))
    gauge('process_open_fds', 'Open file descriptors.', () => countFiles())
  const cpu = new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Time on processors, without that of child processes.',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage()
      cpu.reset()
      cpu.inc((user + system) / 1e6)
    },
  })
}

function programOf(path: string): string {
  return /^(?:helm|kubectl|git)/.exec(basename(path))?.[0] ?? 'other'
}

function countFiles(): number {
  try {
    // One of them reads the directory.
    return readdirSync(openFiles).length - 1
  } catch {
    // Another system, or a runtime that keeps such places to itself.
    return Number.NaN
  }
}
