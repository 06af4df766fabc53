// The command `run`: the operator on a real cluster, from its first line of log to its last.
import process from 'node:process'
import { createLog } from '../edge/log.ts'
import { systemClock } from '../edge/clock.ts'
import { operate } from '../loop/operate.ts'
import { WorkQueue } from '../loop/queue.ts'
import { backoffMs } from '../util/backoff.ts'
import { SecretBook } from '../util/secrets.ts'
import type { Config } from './config.ts'
import { createMetrics } from './metrics.ts'
import { serve } from './server.ts'
import { readVersion } from './version.ts'
import { wire } from './wire.ts'

export type RunOptions = {
  env: Readonly<Record<string, string | undefined>>
  signal: AbortSignal
  // Where the log goes; stderr by default.
  write?: (line: string) => unknown
  // Told of every program that is started.
  onStart?: (program: string) => void
  // Told of every request to the API server.
  onRequest?: (verb: string, status: number) => void
}

// A release that cannot be looked at is looked at again soon, and at least every five minutes.
const retry = { firstMs: 1_000, maxMs: 300_000 }
// Passes over releases that are in sync cost nothing; helm processes are limited on their own.
const passesPerWorker = 4

/** Runs until aborted; the exit code is 0 after an orderly end. Throws ReconcileError when it cannot start. */
export async function runOperator(config: Config, options: RunOptions): Promise<number> {
  const clock = systemClock()
  const secrets = new SecretBook()
  const log = createLog({
    format: config.logFormat,
    write: options.write ?? ((line) => process.stderr.write(line)),
    now: clock.now,
    redact: (text) => secrets.redact(text),
    fields: { component: 'helm-operator' },
  })
  for (const { message, ...fields } of config.warnings) log.warn(message, fields)
  const metrics = createMetrics({
    ...{ now: clock.now, version: await readVersion(), byRelease: config.metricsByRelease },
  })
  const state = { isReady: false }
  const server = await serve(
    {
      '* /healthz': () => ({ status: 200, body: 'OK' }),
      'GET /readyz': () =>
        state.isReady ? { status: 200, body: 'OK' } : { status: 503, body: 'starting\n' },
      'GET /metrics': async () => {
        const { text, contentType } = await metrics.read()
        return { status: 200, body: text, contentType }
      },
    },
    config.listen,
  )
  try {
    const wired = await wire(config, {
      ...{ env: options.env, log, clock, secrets, metrics: metrics.loop },
      onStart: (program) => {
        metrics.programs.onStart(program)
        options.onStart?.(program)
      },
      onEnd: metrics.programs.onEnd,
      onRequest: (verb, status) => {
        metrics.onRequest(verb, status)
        options.onRequest?.(verb, status)
      },
    })
    state.isReady = true
    log.info('started', { listen: server.port, workers: config.workers })
    try {
      const backoff = (attempt: number): number => backoffMs(attempt, retry, Math.random)
      await operate({
        deps: wired.deps,
        queue: new WorkQueue({ clock, backoff }),
        streams: wired.streams,
        ...(config.namespace === undefined ? {} : { storageNamespace: config.namespace }),
        passes: passesPerWorker * config.workers,
        shutdownMs: config.shutdownMs,
        signal: options.signal,
      })
    } finally {
      await wired.close()
    }
  } finally {
    await server.close()
  }
  return 0
}
