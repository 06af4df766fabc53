// Ground for measuring: a sandbox in a process of its own, and operators in this one, whose programs and requests are counted.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../../lib/app/config.ts'
import { runOperator } from '../../lib/app/run.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import { testBinaries } from './binaries.ts'
import { type TestRepository, withRepository } from './repository.ts'

export type Counts = { helm: number; programs: number; requests: number }

export type Ground = {
  repository: TestRepository
  counts: Counts
  // Answers with what kubectl printed.
  kubectl(args: readonly string[], stdin?: string): Promise<string>
  // onLine is told of every line of the log. The answer stops it.
  startOperator(
    flags: readonly string[],
    onLine?: (line: string) => unknown,
  ): { stop(): Promise<number> }
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const longestMs = 600_000

/** Runs `use` on an empty cluster with our CRDs; nothing is left afterwards. */
export async function withGround(use: (ground: Ground) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-'))
  const kubeconfig = join(directory, 'kubeconfig')
  const sandbox = spawn(
    process.execPath,
    [...process.execArgv, join(root, 'operator.ts'), 'sandbox', `--kubeconfig=${kubeconfig}`],
    { stdio: 'ignore' },
  )
  try {
    while ((await readFile(kubeconfig).catch(() => '')).length === 0) await pause(0.05)
    await withRepository(async (repository) => {
      const ground = { repository, ...(await openGround(kubeconfig, directory)) }
      await ground.kubectl(['apply', '-k', join(root, 'crds')])
      await use(ground)
    })
  } finally {
    sandbox.kill()
    await rm(directory, { recursive: true, force: true })
  }
}

async function openGround(
  kubeconfig: string,
  directory: string,
): Promise<Omit<Ground, 'repository'>> {
  const { kubectl } = await testBinaries()
  const run = createRunner({ env: { ...process.env, KUBECONFIG: kubeconfig } })
  const counts: Counts = { helm: 0, programs: 0, requests: 0 }
  return {
    counts,
    kubectl: async (args, stdin) => {
      const input = stdin === undefined ? {} : { stdin }
      return (await run([kubectl, ...args], { timeoutMs: longestMs, ...input })).stdout
    },
    startOperator: (flags, onLine = () => undefined) => {
      const abort = new AbortController()
      const access = [`--kubeconfig=${kubeconfig}`, `--cache-dir=${join(directory, 'cache')}`]
      const ended = runOperator(readConfig([...access, '--listen=127.0.0.1:0', ...flags], {}), {
        env: process.env,
        signal: abort.signal,
        write: onLine,
        onStart: (program) => {
          counts.programs += 1
          if (/helm[^/]*$/.test(program)) counts.helm += 1
        },
        onRequest: () => (counts.requests += 1),
      })
      return { stop: () => (abort.abort(), ended) }
    },
  }
}

export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
}

/**
 * Seconds of CPU of this process and of all programs that it has started and that have ended. Where the kernel does not tell
 * of the latter, of this process only.
 */
export async function cpuSeconds(): Promise<number> {
  const { user, system } = process.cpuUsage()
  const stat = await readFile('/proc/self/stat', 'utf8').catch(() => '')
  // Behind the name, which may hold anything: utime, stime, cutime and cstime are the 12th to the 15th, in hundredths.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const children = Number(fields[13] ?? 0) + Number(fields[14] ?? 0)
  return (user + system) / 1e6 + children / 100
}
