// Runs every test file, or those whose path has one of the arguments in it, on a few processes side by side: TEST_JOBS
// says on how many. The last line is the verdict: "N passed, N failed", and ", N skipped" if there are any.
import { readdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { openSpeedometer } from './helpers/deadline.ts'
import type { Verdict } from './helpers/verdict.ts'
import { startWorker, type WorkerProcess } from './helpers/worker-process.ts'

const here = resolve(process.env.TEST_DIRECTORY ?? fileURLToPath(new URL('.', import.meta.url)))
// Files that drive a cluster wait for it half of the time.
const jobsPerCore = 2
// More would find too little memory on small machines: a helm takes 80 MB.
const mostJobs = 4
// The slowest files drive real clusters through kubectl and helm; on an idle machine none needs more than this.
const fileLimitMs = 1_000 * Number(process.env.TEST_LIMIT ?? 240)
const workers = new Set<WorkerProcess>()

async function main(): Promise<number> {
  const wanted = process.argv.slice(2)
  const files = (await testFiles()).filter(
    (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
  )
  const total: Verdict = { passed: 0, failures: [], skipped: [] }
  if (files.length === 0) total.failures.push(`no test file matches ${wanted.join(' ')}`)
  const jobs = Math.min(files.length, jobsWanted())
  const waiting = [...files]
  const slowness = openSpeedometer()
  const work = async (): Promise<void> => {
    let worker: WorkerProcess | undefined
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      if (!worker?.isAlive()) worker = openWorker()
      const verdict = await runFile({ worker, file, slowness: slowness(), isAlone: jobs === 1 })
      total.passed += verdict.passed
      total.failures.push(...verdict.failures)
      total.skipped.push(...verdict.skipped)
    }
    worker?.end()
  }
  await Promise.all(Array.from({ length: jobs }, work))
  return tell(total)
}

function tell({ passed, failures, skipped }: Verdict): number {
  for (const skip of skipped) process.stdout.write(`skipped: ${skip}\n`)
  for (const failure of failures) process.stdout.write(`failed: ${headOf(failure)}\n`)
  const left = skipped.length > 0 ? `, ${skipped.length} skipped` : ''
  process.stdout.write(`\n${passed} passed, ${failures.length} failed${left}\n`)
  return failures.length === 0 ? 0 : 1
}

function openWorker(): WorkerProcess {
  const worker = startWorker()
  workers.add(worker)
  return worker
}

function jobsWanted(): number {
  const given = Number(process.env.TEST_JOBS)
  return given >= 1 ? Math.floor(given) : Math.min(mostJobs, jobsPerCore * availableParallelism())
}

async function testFiles(): Promise<string[]> {
  const entries = await readdir(here, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(here.length + 1))
    .sort()
}

type FileRun = { worker: WorkerProcess; file: string; slowness: number; isAlone: boolean }

// What is printed appears at once where nobody else prints, else when the file is done.
async function runFile({ worker, file, slowness, isAlone }: FileRun): Promise<Verdict> {
  const startedAt = Date.now()
  const kept: string[] = []
  const print = (text: string): unknown => (isAlone ? process.stdout.write(text) : kept.push(text))
  print(`${file}\n`)
  const job = { file, path: join(here, file), slowness, limitMs: fileLimitMs * slowness }
  const verdict = await worker.run(job, print)
  // Said at once, too: a run that is cut short has told what it knew.
  for (const failure of verdict.failures) print(`\n${failure}\n`)
  print(`  ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`)
  process.stdout.write(kept.join(''))
  return verdict
}

// The file and the title of a failure, in one line.
function headOf(failure: string): string {
  return failure.split('\n').slice(0, 2).join(' ').replace(/\s+/g, ' ').trim()
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    void Promise.all([...workers].map((worker) => worker.kill())).then(() => process.exit(130))
  })
process.exit(await main())
