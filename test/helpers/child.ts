// The operator as a process of its own, to be killed.
import { spawn, type ChildProcess } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

export type OperatorProcess = {
  child: ChildProcess
  // Every line it has logged so far.
  lines: string[]
  kill(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts `operator.ts run` with the runtime of this test. */
export function startOperatorProcess(args: readonly string[]): OperatorProcess {
  const entrance = fileURLToPath(new URL('../../operator.ts', import.meta.url))
  const runtime = 'Deno' in globalThis ? ['run', '--allow-all'] : process.execArgv
  const child = spawn(process.execPath, [...runtime, entrance, 'run', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lines: string[] = []
  let rest = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const parts = `${rest}${text}`.split('\n')
    rest = parts.pop()!
    lines.push(...parts)
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    child,
    lines,
    kill: (signal) => {
      // Deno reports a child that was told by kill() as killed, also one that ended in an orderly way.
      process.kill(child.pid!, signal)
      return ended
    },
  }
}
