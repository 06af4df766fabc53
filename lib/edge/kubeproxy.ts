// The one lasting kubectl: `kubectl proxy` on a socket that only we can reach. kubectl does kubeconfig, exec plugins,
// token rotation and in-cluster identity for us; should it die, it is started again.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError, ReconcileError } from '../model/errors.ts'
import type { Clock, Log } from '../model/ports.ts'
import { backoffMs } from '../util/backoff.ts'
import { kubectlCommand, kubectlEnv, type KubectlAccess } from './kubectl.ts'
import { lastWords } from './lastwords.ts'
import type { Lines } from './stream.ts'

export type ApiProxy = {
  // The socket, as soon as something serves on it.
  socket(signal: AbortSignal): Promise<string>
  // Does something serve on it right now?
  isServing(): boolean
  close(): Promise<void>
}

export type ProxyOptions = KubectlAccess & {
  // A directory that nobody else can enter.
  directory: string
  lines: Lines
  clock: Clock
  random: () => number
  log: Log
}

const backoff = { firstMs: 200, maxMs: 30_000 }
// Having lived this long, it did not die of how it was started.
const settledMs = 10_000

/** Starts the proxy and waits until it serves. Throws ReconcileError ClusterUnreachable when it cannot start at all. */
export async function startProxy(options: ProxyOptions): Promise<ApiProxy> {
  const path = join(options.directory, 'api.sock')
  // Linux takes 107 bytes, macOS 103.
  if (path.length > 103)
    throw new ReconcileError(
      'ClusterUnreachable',
      `Cannot start kubectl proxy: "${path}" is too long for a socket; point TMPDIR at a shorter path`,
    )
  const stop = new AbortController()
  const gate = createGate()
  const ended = supervise(path, options, gate, stop.signal)
  // Only its first failure ends it; after that it goes on until it is closed.
  await Promise.race([gate.passed(stop.signal), ended])
  return {
    socket: async (signal) => {
      await gate.passed(signal)
      return path
    },
    isServing: gate.isOpen,
    close: async () => {
      stop.abort()
      await ended
      await rm(path, { force: true })
    },
  }
}

async function supervise(
  path: string,
  options: ProxyOptions,
  gate: Gate,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, random } = options
  let failures = 0
  let hasServed = false
  while (!signal.aborted) {
    const startedAt = clock.now()
    const why = await serveOnce(path, options, signal, () => {
      if (hasServed) log.info('kubectl proxy serves again')
      hasServed = true
      gate.open()
    })
    gate.shut()
    if (signal.aborted) return
    if (!hasServed)
      throw new ReconcileError(
        'ClusterUnreachable',
        `Cannot start kubectl proxy: ${why}; check the kubeconfig and its context`,
      )
    failures = clock.now() - startedAt > settledMs ? 0 : failures + 1
    if (failures <= 1) log.warn('kubectl proxy ended, starting it again', { why })
    await clock.sleep(backoffMs(failures, backoff, random), signal).catch(() => {})
  }
}

// Resolves with the reason when it has ended, which it never should.
async function serveOnce(
  path: string,
  options: ProxyOptions,
  signal: AbortSignal,
  onServing: () => void,
): Promise<string> {
  // A kubeconfig's server may be one of many behind a path.
  const args = ['proxy', `--unix-socket=${path}`, '--append-server-path']
  const command = kubectlCommand(options, args)
  try {
    // The socket of the one before would be in the way.
    await rm(path, { force: true })
    for await (const line of options.lines(command, { env: kubectlEnv, signal }))
      if (line.startsWith('Starting to serve')) onServing()
    return 'it exited'
  } catch (error) {
    return error instanceof CommandError ? lastWords(error) : String(error)
  }
}

type Gate = ReturnType<typeof createGate>

// Open while something serves; those who come while it is shut wait.
function createGate() {
  let isOpen = false
  const waiting = new Set<() => void>()
  return {
    isOpen: () => isOpen,
    open: () => {
      isOpen = true
      waiting.forEach((pass) => pass())
      waiting.clear()
    },
    shut: () => void (isOpen = false),
    passed: (signal: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason as Error)
        if (isOpen) return resolve()
        const onAbort = (): void => {
          waiting.delete(pass)
          reject(signal.reason as Error)
        }
        const pass = (): void => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        }
        waiting.add(pass)
        signal.addEventListener('abort', onAbort, { once: true })
      }),
  }
}
