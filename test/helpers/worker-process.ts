// A process that runs test files one after another. It is killed, with all that it has started, when a file does not end
// in time: whatever hangs in it would run beside the next file.
import { spawn, type ChildProcess } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { descendants } from './processes.ts'
import { findVerdict, type Verdict } from './verdict.ts'

export type WorkerProcess = {
  run(job: Job, print: (text: string) => unknown): Promise<Verdict>
  isAlive(): boolean
  // Lets it end by itself.
  end(): void
  // Ends it now, with its children.
  kill(): Promise<void>
}
export type Job = {
  // The name to call it by.
  file: string
  path: string
  // How many times slower than an idle one this machine is.
  slowness: number
  limitMs: number
}

export function startWorker(): WorkerProcess {
  // In a session of its own: its group can be killed, and Linux gives it a fair share beside busy programs of other sessions.
  const child = spawn(process.execPath, workerArgs(), { stdio: 'pipe', detached: true })
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  // A process that ended before it was told of the next file is noticed by its end.
  child.stdin.on('error', () => {})
  const kill = (): Promise<void> => killTree(child.pid!)
  return {
    isAlive: () => child.exitCode === null && child.signalCode === null,
    end: () => child.stdin.end(),
    kill,
    run: ({ limitMs, ...job }, print) => {
      child.stdin.write(`${JSON.stringify(job)}\n`)
      return readVerdict({ child, file: job.file, print, limitMs, kill })
    },
  }
}

// As this process was started: with tsx, natively, or by Deno.
function workerArgs(): string[] {
  const worker = fileURLToPath(new URL('../worker.ts', import.meta.url))
  return 'Deno' in globalThis ? ['run', '-A', worker] : [...process.execArgv, worker]
}

// kubectl, helm and git run in groups of their own, so that the group alone is not enough.
async function killTree(pid: number): Promise<void> {
  const children = await descendants(pid)
  for (const target of [-pid, pid, ...children.map((one) => one.pid)])
    try {
      process.kill(target, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
}

type Reading = {
  child: ChildProcess
  file: string
  print: (text: string) => unknown
  limitMs: number
  kill: () => Promise<void>
}

function readVerdict({ child, file, print, limitMs, kill }: Reading): Promise<Verdict> {
  return new Promise((resolve) => {
    let rest = ''
    const fail = (why: string): void => settle({ passed: 0, failures: [why], skipped: [] })
    const read = (chunk: string): void => {
      const { before, verdict, after } = findVerdict(rest + chunk)
      rest = after
      if (before !== '') print(before)
      if (verdict) settle(verdict)
    }
    const ended = (code: number | null, signal: string | null): void =>
      fail(`${file}: its process ended with ${code ?? signal}`)
    const late = (): void => {
      child.off('exit', ended)
      const why = `${file}: did not end within ${Math.round(limitMs / 1_000)} s and was killed`
      child.once('exit', () => fail(why))
      void kill()
    }
    const timer = setTimeout(late, limitMs)
    const settle = (verdict: Verdict): void => {
      clearTimeout(timer)
      child.stdout!.off('data', read)
      child.stderr!.off('data', print)
      child.off('exit', ended)
      resolve(verdict)
    }
    child.stdout!.on('data', read)
    child.stderr!.on('data', print)
    child.on('exit', ended)
  })
}
