// The command `run`: the operator on a real cluster, from its first line of log to its last.
import { readFile } from 'node:fs/promises'
import process from 'node:process'
import { createLog } from '../edge/log.ts'
import { systemClock } from '../edge/clock.ts'
import type { Parser } from '../edge/parser/parser.ts'
import { parallelHelms } from '../edge/source/turns.ts'
import { wakeGitReleases } from '../loop/gitsync.ts'
import { operate } from '../loop/operate.ts'
import { WorkQueue } from '../loop/queue.ts'
import { Reservations } from '../loop/reservations.ts'
import { parseKey } from '../model/key.ts'
import { ReconcileError, retryPolicy } from '../model/errors.ts'
import type { Log } from '../model/ports.ts'
import { backoffMs } from '../util/backoff.ts'
import { SecretBook } from '../util/secrets.ts'
import type { Config } from './config.ts'
import { createMetrics, type OperatorMetrics } from './metrics.ts'
import { createRoutes, type Doors } from './routes.ts'
import { serve } from './server.ts'
import { readVersion } from './version.ts'
import { wire, type Wired, type WireOptions } from './wire.ts'

export type RunOptions = {
  env: Readonly<Record<string, string | undefined>>
  signal: AbortSignal
  // Where the log goes; stderr by default.
  write?: (line: string) => unknown
  // Told of every program that is started.
  onStart?: (program: string) => void
  // Told of every request to the API server.
  onRequest?: (verb: string, status: number) => void
  // Shared with other operators of this process; by default it has a parser of its own.
  parser?: Parser
  // Has failures reported that nothing waits for, until the answer is called. For a process that is one operator's alone.
  followStray?: (report: (error: unknown) => void) => () => void
}

// A release that cannot be looked at is looked at again soon, and at least every five minutes.
const retry = { firstMs: 1_000, maxMs: 300_000 }
// Passes cost little: most find nothing to do, and none waits for a place of helm. Some wait for a source that is slow.
const passesBesideHelm = 16

/** Runs until aborted; the exit code is 0 after an orderly end. Throws ReconcileError when it cannot start. */
export async function runOperator(config: Config, options: RunOptions): Promise<number> {
  const clock = systemClock()
  const secrets = new SecretBook()
  const log = openLog(config, options, secrets)
  for (const { message, ...fields } of config.warnings) log.warn(message, fields)
  const metrics = createMetrics({
    ...{ now: clock.now, version: await readVersion(), byRelease: config.metricsByRelease },
  })
  const backoff = (attempt: number): number => backoffMs(attempt, retry, Math.random)
  const passes = passesBesideHelm + config.workers + parallelHelms
  // A quarter is for others than the namespace that is busiest.
  const limits = { mostOfGroup: (passesBesideHelm * 3) / 4, mostUngranted: passesBesideHelm }
  const groupOf = (key: string): string => parseKey(key).namespace
  const queue = new WorkQueue({ clock, backoff, groupOf, ...limits })
  const wake = (key: string): void => queue.add(key, 'granted')
  const reservations = new Reservations({
    ...{ total: config.workers, fetches: parallelHelms, groupOf, wake },
  })
  const joined: { wired?: Wired } = {}
  // Whoever asks is answered from now on, also while the cluster is silent.
  const server = await serve(
    createRoutes({
      ...{ clock, metrics },
      hook: await readHook(config),
      missing: () => joined.wired?.missing() ?? ['the cluster'],
      refreshGit: async () => refreshGit(joined.wired, queue),
    }),
    config.listen,
  )
  log.info('listening', { port: server.port })
  const unfollow = options.followStray?.((error) => reportStray(error, { log, metrics }))
  try {
    const reporters = joinReporters(metrics, options)
    const { env, parser } = options
    const parts = { env, parser, log, clock, secrets, reservations, metrics: metrics.loop }
    joined.wired = await wire(config, { ...parts, ...reporters })
    await work(joined.wired, { config, queue, passes, metrics, signal: options.signal })
  } finally {
    await server.close()
    unfollow?.()
  }
  return 0
}

// A mistake of ours that some input has found. It concerns one request or release, and must not end the work on all others.
function reportStray(
  error: unknown,
  { log, metrics }: { log: Log; metrics: OperatorMetrics },
): void {
  metrics.loop.countFailure('Unexpected', retryPolicy('Unexpected'))
  log.error('unexpected failure', {
    error: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? error.stack : undefined,
  })
}

// A secret that is asked for and cannot be read must not leave the hook open.
async function readHook({ syncHook }: Config): Promise<Doors['hook']> {
  const { intervalMs, secretFile } = syncHook
  if (secretFile === undefined) return { intervalMs }
  const refuse = (why: string, cause?: unknown): ReconcileError =>
    new ReconcileError(
      'Unexpected',
      `Cannot read "${secretFile}": ${why}; correct --sync-hook-secret-file`,
      { cause },
    )
  const text = await readFile(secretFile, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw refuse(cause.code ?? 'unknown', cause)
  })
  const secret = text.trim()
  if (secret === '') throw refuse('it is empty')
  return { intervalMs, secret }
}

function openLog(config: Config, { write }: RunOptions, secrets: SecretBook): Log {
  return createLog({
    format: config.logFormat,
    write: write ?? ((line) => process.stderr.write(line)),
    now: () => systemClock().now(),
    redact: (text) => secrets.redact(text),
    fields: { component: 'helm-operator' },
  })
}

function joinReporters(
  { programs, onRequest, onInputRefused }: OperatorMetrics,
  options: RunOptions,
): Pick<WireOptions, 'onStart' | 'onEnd' | 'onRequest' | 'onInputRefused'> {
  return {
    onStart: (program) => {
      programs.onStart(program)
      options.onStart?.(program)
    },
    onEnd: programs.onEnd,
    onInputRefused,
    onRequest: (verb, status) => {
      onRequest(verb, status)
      options.onRequest?.(verb, status)
    },
  }
}

async function work(
  { deps, streams, git, close }: Wired,
  parts: {
    config: Config
    queue: WorkQueue
    passes: number
    metrics: OperatorMetrics
    signal: AbortSignal
  },
): Promise<void> {
  const { config, queue, passes, metrics, signal } = parts
  const { workers, shutdownMs, namespace } = config
  const slotsWaiting = (): number => deps.reservations.waiting
  metrics.watch({ queueLength: () => queue.length, slotsWaiting, isGitReady: git.isGitReady })
  deps.log.info('started', { workers })
  try {
    await operate({
      ...{ deps, streams, queue, passes, shutdownMs, signal },
      ...(namespace === undefined ? {} : { storageNamespace: namespace }),
    })
  } finally {
    await close()
  }
}

function refreshGit(wired: Wired | undefined, queue: WorkQueue): void {
  if (wired === undefined) return
  wired.git.expireGit()
  const releases = wakeGitReleases(wired.deps, queue)
  wired.deps.log.info('looking for news in git', { releases })
}
