// Runs one program to its end and answers with what it printed. Endless output is for stream.ts.
// zx starts it; deadline, reason and memory are ours: zx trusts a child to obey SIGTERM, cannot tell a timeout from
// anybody else's signal, keeps every byte, and finds what to kill with `ps`, which slim images lack.
import { Buffer } from 'node:buffer'
import { $, quote, type ProcessPromise } from 'zx/core'
import { CommandError, ReconcileError } from '../model/errors.ts'
import { childEnv, signalGroup, type Env, type ProcessHost } from './child.ts'
import { findOnPath } from './lookup.ts'
import { watchUsage, type UsageLimits } from './process-usage.ts'
import { timerMs } from '../util/duration.ts'

export type RunOptions = {
  cwd?: string
  // Added to the host's environment; undefined removes a variable.
  env?: Env
  stdin?: string | Buffer
  timeoutMs?: number
  // How long a program may take to end itself once told to.
  graceMs?: number
  maxOutputBytes?: number
  // A program that passes one of them is killed at once.
  limits?: UsageLimits
  signal?: AbortSignal
}
export type Run = (
  command: readonly string[],
  options?: RunOptions,
) => Promise<{ stdout: string; stderr: string }>

type Reason = CommandError['reason']

/**
 * A run() that starts programs from this host. It throws CommandError, with the first reason that ended the program.
 * Throws ReconcileError ProgramMissing when there is no bash to start anything with.
 */
export function createRunner(host: ProcessHost): Run {
  const shell = findOnPath('bash', host.env.PATH)
  if (shell === undefined)
    throw new ReconcileError(
      'ProgramMissing',
      'Cannot start programs: "bash" is not on PATH; install bash',
    )
  return async (command, options = {}) => {
    const [program = '', ...args] = command
    const fail = (
      reason: Reason,
      exitCode: number | null,
      { stderr, stdout = '' }: { stderr: string; stdout?: string },
    ): CommandError => new CommandError({ program, args, reason, exitCode, stderr, stdout })
    if (options.signal?.aborted) throw fail('abort', null, { stderr: '' })
    // The shell would silently cut the argument there.
    if (command.some((part) => part.includes('\0')))
      throw fail('spawn', null, { stderr: 'an argument contains a NUL byte' })
    const env = childEnv(host.env, options.env)
    const startedAt = Date.now()
    host.onStart?.(program)
    try {
      const end = await supervise(start(command, { ...options, env, shell }), options)
      const reason = end.reason ?? (end.exitCode === 0 ? undefined : failureOf(end))
      if (reason) throw fail(reason, end.exitCode, end)
      return { stdout: end.stdout, stderr: end.stderr }
    } finally {
      host.onEnd?.(program, Date.now() - startedAt)
    }
  }
}

type Started = { promise: ProcessPromise; output: Output }
type End = {
  reason: Reason | undefined
  exitCode: number | null
  stdout: string
  stderr: string
}

function start(
  command: readonly string[],
  options: RunOptions & { env: Record<string, string>; shell: string },
): Started {
  const output = collect(options.maxOutputBytes ?? 64 * 1024 * 1024)
  const promise = $({
    // Every option that a ZX_ variable of the environment could change is said here.
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.stdin === undefined ? {} : { input: Buffer.from(options.stdin) }),
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: options.env,
    shell: options.shell,
    // The shell becomes the program: one process less, and its pid is the program's.
    prefix: 'exec ',
    postfix: '',
    quote,
    // A group of its own, so that all of it can be signalled, and Ctrl-C reaches only us.
    detached: true,
    nothrow: true,
    quiet: true,
    verbose: false,
    preferLocal: false,
    timeout: 0,
    log: () => {},
    store: output.store,
  })`${command}`
  // A program that ends before it has read everything is no reason for us to crash.
  promise.child?.stdin?.on('error', () => {})
  return { promise, output }
}

async function supervise({ promise, output }: Started, options: RunOptions): Promise<End> {
  const { child } = promise
  const timers: NodeJS.Timeout[] = []
  let reason: Reason | undefined
  const stop = (why: Reason): void => {
    if (reason || !child) return
    reason = why
    signalGroup(child, 'SIGTERM')
    timers.push(setTimeout(() => signalGroup(child, 'SIGKILL'), options.graceMs ?? 5_000))
  }
  const onAbort = (): void => stop('abort')
  // It has no memory or time left to say goodbye in.
  const kill = (why: Reason): void => {
    reason ??= why
    if (child) signalGroup(child, 'SIGKILL')
  }
  const unwatch =
    options.limits && child?.pid ? watchUsage(child.pid, options.limits, kill) : () => {}
  output.onOverflow(() => stop('overflow'))
  options.signal?.addEventListener('abort', onAbort, { once: true })
  if (options.timeoutMs !== undefined)
    timers.push(setTimeout(() => stop('timeout'), timerMs(options.timeoutMs)))
  child?.once('exit', () => {
    if (reason) signalGroup(child, 'SIGKILL')
    // Something it left behind may hold the pipes open for ever. What it printed itself is read before an immediate.
    const close = (): void => void (child.stdout?.destroy(), child.stderr?.destroy())
    timers.push(setTimeout(() => setImmediate(close), 1_000))
  })
  try {
    const { exitCode, signal, cause } = await promise
    if (cause) reason ??= 'spawn'
    const why = cause ? String(cause) : signal ? `killed by ${signal}` : ''
    return {
      reason,
      exitCode: cause ? null : exitCode,
      stdout: output.stdout(),
      stderr: output.stderr() + why,
    }
  } finally {
    unwatch()
    timers.forEach(clearTimeout)
    options.signal?.removeEventListener('abort', onAbort)
  }
}

// 126 and 127 are the shell's own words for "not executable" and "not found", if the shell says so too.
function failureOf({ exitCode, stderr }: End): Reason {
  const byShell = (exitCode === 126 || exitCode === 127) && /^\S*bash: .*exec: /m.test(stderr)
  return byShell ? 'spawn' : 'exit'
}

type Output = ReturnType<typeof collect>

// Bytes, not text: a character may be cut in two by a chunk. Of stderr only the end is kept.
function collect(maxBytes: number) {
  const chunks: Buffer[] = []
  let bytes = 0
  let tail: Buffer = Buffer.alloc(0)
  let overflow = (): void => {}
  const sink = (take: (chunk: Buffer) => void): Buffer[] => {
    const store: Buffer[] = []
    store.push = (...chunk) => (chunk.forEach(take), 0)
    return store
  }
  return {
    store: {
      stdout: sink((chunk) => {
        bytes += chunk.length
        if (bytes > maxBytes) overflow()
        else chunks.push(chunk)
      }),
      stderr: sink((chunk) => (tail = Buffer.concat([tail, chunk]).subarray(-64 * 1024))),
      stdall: sink(() => {}),
    },
    stdout: () => Buffer.concat(chunks).toString('utf8'),
    stderr: () => tail.toString('utf8'),
    onOverflow: (call: () => void) => void (overflow = call),
  }
}
