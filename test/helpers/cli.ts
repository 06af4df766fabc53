// Programs as somebody types them: operator.ts with the runtime of this test, or any other.
import { spawn, type ChildProcess } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

export type Ended = { code: number | null; stdout: string; stderr: string }
export type Running = {
  child: ChildProcess
  stdout(): string
  stderr(): string
  ended: Promise<Ended>
}

const entrance = fileURLToPath(new URL('../../operator.ts', import.meta.url))
// Node needs its loader again; what Deno allows this test, it must be told to allow the next process, too.
const runtime = 'Deno' in globalThis ? ['run', '--allow-all'] : process.execArgv

export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  file = entrance,
): Running {
  return startProgram([process.execPath, ...runtime, file, ...args], { env })
}

/** Starts a program with this environment added to ours. */
export function startProgram(
  [program, ...args]: readonly [string, ...string[]],
  options: { env: Readonly<Record<string, string>>; cwd?: string },
): Running {
  const child = spawn(program, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  )
  return { child, stdout: () => stdout, stderr: () => stderr, ended }
}
