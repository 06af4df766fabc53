// Runs every test file, or those whose path has one of the arguments in it, on a few processes side by side: TEST_JOBS
// says on how many. The last line is the verdict: "N passed, N failed".
import { spawn, type ChildProcess } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { findVerdict, type Verdict } from './helpers/verdict.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
// More would find too little memory on small machines: a helm takes 80 MB.
const mostJobs = 4

async function main(): Promise<number> {
  const wanted = process.argv.slice(2)
  const files = (await testFiles()).filter(
    (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
  )
  const failures = files.length > 0 ? [] : [`no test file matches ${wanted.join(' ')}`]
  let passed = 0
  const jobs = Math.min(files.length, jobsWanted())
  const waiting = [...files]
  const work = async (): Promise<void> => {
    let worker: Worker | undefined
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      if (!worker?.isAlive()) worker = startWorker()
      const verdict = await runFile(worker, file, jobs === 1)
      passed += verdict.passed
      failures.push(...verdict.failures)
    }
    worker?.end()
  }
  await Promise.all(Array.from({ length: jobs }, work))
  for (const failure of failures) process.stdout.write(`failed: ${headOf(failure)}\n`)
  process.stdout.write(`\n${passed} passed, ${failures.length} failed\n`)
  return failures.length === 0 ? 0 : 1
}

function jobsWanted(): number {
  const given = Number(process.env.TEST_JOBS)
  return given >= 1 ? Math.floor(given) : Math.min(mostJobs, availableParallelism())
}

async function testFiles(): Promise<string[]> {
  const entries = await readdir(here, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(here, join(entry.parentPath, entry.name)))
    .sort()
}

// What is printed appears at once where nobody else prints, else when the file is done.
async function runFile(worker: Worker, file: string, isAlone: boolean): Promise<Verdict> {
  const startedAt = Date.now()
  const kept: string[] = []
  const print = (text: string): unknown => (isAlone ? process.stdout.write(text) : kept.push(text))
  print(`${file}\n`)
  const verdict = await worker.run(file, print)
  // Said at once, too: a run that is cut short has told what it knew.
  for (const failure of verdict.failures) print(`\n${failure}\n`)
  print(`  ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`)
  process.stdout.write(kept.join(''))
  return verdict
}

type Worker = {
  run(file: string, print: (text: string) => unknown): Promise<Verdict>
  isAlive(): boolean
  end(): void
}

function startWorker(): Worker {
  const child = spawn(process.execPath, workerArgs(), { stdio: 'pipe' })
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  // Whoever ended too early to be told which file is next is told apart by its end.
  child.stdin.on('error', () => {})
  return {
    isAlive: () => child.exitCode === null && child.signalCode === null,
    end: () => child.stdin.end(),
    run: (file, print) => {
      child.stdin.write(`${file}\n`)
      return readVerdict(child, file, print)
    },
  }
}

// As this process was started: with tsx, natively, or by Deno.
function workerArgs(): string[] {
  const worker = join(here, 'worker.ts')
  return 'Deno' in globalThis ? ['run', '-A', worker] : [...process.execArgv, worker]
}

function readVerdict(
  child: ChildProcess,
  file: string,
  print: (text: string) => unknown,
): Promise<Verdict> {
  return new Promise((resolve) => {
    let rest = ''
    const read = (chunk: string): void => {
      const { before, verdict, after } = findVerdict(rest + chunk)
      rest = after
      if (before !== '') print(before)
      if (verdict) settle(verdict)
    }
    const ended = (code: number | null, signal: string | null): void =>
      settle({ passed: 0, failures: [`${file}: its process ended with ${code ?? signal}`] })
    const settle = (verdict: Verdict): void => {
      child.stdout!.off('data', read)
      child.stderr!.off('data', print)
      child.off('close', ended)
      resolve(verdict)
    }
    child.stdout!.on('data', read)
    child.stderr!.on('data', print)
    child.on('close', ended)
  })
}

// The file and the title of a failure, in one line.
function headOf(failure: string): string {
  return failure.split('\n').slice(0, 2).join(' ').replace(/\s+/g, ' ').trim()
}

process.exit(await main())
