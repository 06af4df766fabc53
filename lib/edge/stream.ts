// Reads a program that prints for as long as it lives, line by line, at the reader's pace and in bounded memory.
import { spawn, type ChildProcess } from 'node:child_process'
import { Buffer } from 'node:buffer'
import { CommandError } from '../model/errors.ts'
import { createLineSplitter } from '../util/splitter.ts'
import { childEnv, signalGroup, type Env, type ProcessHost } from './child.ts'

export type LinesOptions = {
  cwd?: string
  env?: Env
  // Longer lines are dropped, and onTooLong hears of it.
  maxLineBytes?: number
  onTooLong?: () => void
  // How long the program may take to end itself once told to.
  graceMs?: number
  signal?: AbortSignal
}
export type Lines = (
  command: readonly string[],
  options?: LinesOptions,
) => AsyncGenerator<string, void, undefined>

type Exit = { exitCode: number | null; error?: Error }

/**
 * A lines() that starts programs from this host. The lines end when the program does; unless it exits with 0,
 * CommandError is thrown then. A reader that stops reading stops the program.
 */
export function createLines(host: ProcessHost): Lines {
  return async function* lines(command, options = {}) {
    const [program = '', ...args] = command
    const { signal } = options
    const stderr = { text: '' }
    const failure = (reason: CommandError['reason'], exitCode: number | null): CommandError =>
      new CommandError({ program, args, reason, exitCode, stderr: stderr.text })
    if (signal?.aborted) throw failure('abort', null)
    const startedAt = Date.now()
    host.onStart?.(program)
    try {
      const child = start(program, args, childEnv(host.env, options.env), options.cwd)
      keepTail(child, stderr)
      const exit = yield* readLines(child, options)
      if (signal?.aborted) throw failure('abort', exit.exitCode)
      if (exit.error) stderr.text += String(exit.error)
      if (exit.error) throw failure('spawn', null)
      if (exit.exitCode !== 0) throw failure('exit', exit.exitCode)
    } finally {
      host.onEnd?.(program, Date.now() - startedAt)
    }
  }
}

function start(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd: string | undefined,
): ChildProcess | Error {
  try {
    const where = cwd === undefined ? {} : { cwd }
    return spawn(program, args, {
      ...where,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
  } catch (error) {
    return error as Error
  }
}

function keepTail(child: ChildProcess | Error, stderr: { text: string }): void {
  if (child instanceof Error) return
  let tail: Buffer = Buffer.alloc(0)
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-8_192)
    stderr.text = tail.toString('utf8')
  })
}

async function* readLines(
  child: ChildProcess | Error,
  options: LinesOptions,
): AsyncGenerator<string, Exit, undefined> {
  if (child instanceof Error) return { exitCode: null, error: child }
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (exitCode) => resolve({ exitCode }))
    child.once('error', (error) => resolve({ exitCode: null, error }))
  })
  let killer: NodeJS.Timeout | undefined
  const stop = (): void => {
    signalGroup(child, 'SIGTERM')
    killer ??= setTimeout(() => signalGroup(child, 'SIGKILL'), options.graceMs ?? 5_000)
    child.stdout?.destroy()
  }
  options.signal?.addEventListener('abort', stop, { once: true })
  try {
    yield* splitOutput(child, options)
    // It has closed its output: it is ending, or has nothing more to say.
    killer ??= setTimeout(() => signalGroup(child, 'SIGKILL'), options.graceMs ?? 5_000)
    return await exited
  } finally {
    options.signal?.removeEventListener('abort', stop)
    if (child.exitCode === null && child.signalCode === null) stop()
    await exited
    clearTimeout(killer)
    // Something it left behind may hold this pipe open.
    child.stderr?.destroy()
  }
}

async function* splitOutput(child: ChildProcess, options: LinesOptions): AsyncGenerator<string> {
  const { maxLineBytes = 16 * 1024 * 1024, onTooLong = () => {}, signal } = options
  const splitter = createLineSplitter(maxLineBytes, onTooLong)
  try {
    for await (const chunk of child.stdout ?? []) yield* splitter.push(chunk as Buffer)
  } catch {
    // We have closed the pipe ourselves, or the program never was: how it ended says more than the pipe.
  }
  if (!signal?.aborted) yield* splitter.end()
}
