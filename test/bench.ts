// How fast, and at what cost: N releases installed, left alone, looked at by a new operator, and upgraded.
// `npm run bench -- 100 10` measures 100 releases and 10 s of idleness. The sandbox runs in a process of its own.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../lib/app/config.ts'
import { runOperator } from '../lib/app/run.ts'
import { createRunner } from '../lib/edge/exec.ts'
import { testBinaries } from './helpers/binaries.ts'
import { configMap } from './helpers/chart.ts'
import { withRepository } from './helpers/repository.ts'
import { helmReleaseYaml } from './helpers/yaml.ts'

const count = Number(process.argv[2] ?? 100)
const idleS = Number(process.argv[3] ?? 10)
const workers = Number(process.argv[4] ?? 4)
const root = fileURLToPath(new URL('..', import.meta.url))

type Counts = { helm: number; programs: number; requests: number }
const counts: Counts = { helm: 0, programs: 0, requests: 0 }

function startOperator(kubeconfig: string, directory: string) {
  const abort = new AbortController()
  const flags = [`--kubeconfig=${kubeconfig}`, `--cache-dir=${directory}`, `--workers=${workers}`]
  const ended = runOperator(readConfig([...flags, '--listen=127.0.0.1:0'], {}), {
    env: process.env,
    signal: abort.signal,
    write: () => undefined,
    onStart: (program) => {
      counts.programs += 1
      if (/helm[^/]*$/.test(program)) counts.helm += 1
    },
    onRequest: () => (counts.requests += 1),
  })
  return {
    stop: () => {
      abort.abort()
      return ended
    },
  }
}

async function measure(what: string, work: () => Promise<void>): Promise<void> {
  const before = { ...counts }
  const cpu = process.cpuUsage()
  const startedAt = performance.now()
  await work()
  const seconds = (performance.now() - startedAt) / 1_000
  const used = process.cpuUsage(cpu)
  const cells = [
    what.padEnd(34),
    `${seconds.toFixed(1)} s`.padStart(8),
    `${counts.helm - before.helm} helm`.padStart(9),
    `${counts.programs - before.programs} programs`.padStart(13),
    `${counts.requests - before.requests} requests`.padStart(14),
    `${((used.user + used.system) / 1e6).toFixed(1)} s CPU`.padStart(11),
    `${Math.round(process.memoryUsage.rss() / 1e6)} MB`.padStart(8),
  ]
  process.stdout.write(`${cells.join('')}\n`)
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-'))
  const kubeconfig = join(directory, 'kubeconfig')
  const sandbox = spawn(
    process.execPath,
    [...process.execArgv, join(root, 'operator.ts'), 'sandbox', `--kubeconfig=${kubeconfig}`],
    { stdio: 'ignore' },
  )
  const { kubectl } = await testBinaries()
  const run = createRunner({ env: { ...process.env, KUBECONFIG: kubeconfig } })
  const names = Array.from({ length: count }, (_, index) => `r${index}`)
  try {
    while ((await readFile(kubeconfig).catch(() => '')).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 50))
    await withRepository(async (repository) => {
      await repository.add('web', '1.0.0', { 'templates/configmap.yaml': configMap })
      const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
      const apply = async (round: string): Promise<void> => {
        const yaml = names.map((name) =>
          helmReleaseYaml(name, { chart, values: { data: { round } } }),
        )
        await run([kubectl, 'apply', '-f', '-'], { stdin: yaml.join('') })
        const wait = ['wait', '--for=condition=ready', 'hr', '--all', '--timeout=600s']
        await run([kubectl, ...wait], { timeoutMs: 600_000 })
      }
      await run([kubectl, 'apply', '-k', join(root, 'crds')])
      let operator = startOperator(kubeconfig, join(directory, 'cache'))
      await measure(`install ${count}`, () => apply('1'))
      await measure(`idle for ${idleS} s`, () => pause(idleS))
      await operator.stop()
      operator = startOperator(kubeconfig, join(directory, 'cache'))
      await measure('a new operator, 10 s', () => pause(10))
      await measure(`upgrade ${count}`, () => apply('2'))
      await operator.stop()
    })
  } finally {
    sandbox.kill()
    await rm(directory, { recursive: true, force: true })
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1_000))
}

await main()
process.exit(0)
