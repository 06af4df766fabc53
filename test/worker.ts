// Runs the test files that test/run.ts names on standard input, one a line, and closes what uvu leaves open: a file that
// registers no suite, a suite that dies in a hook and a skipped test all count as failures. One that hangs is killed from
// outside.
import process from 'node:process'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { takeSkipped } from './helpers/skip.ts'
import { encodeVerdict, type Verdict } from './helpers/verdict.ts'
import type { Job } from './helpers/worker-process.ts'

type SuiteResult = [errors: string | true, passed: number, skipped: number, total: number]
type UvuGlobals = {
  UVU_DEFER?: number
  UVU_INDEX?: number
  UVU_QUEUE?: (null | (() => Promise<SuiteResult>))[][]
}

const uvu = globalThis as UvuGlobals
uvu.UVU_DEFER = 1
uvu.UVU_QUEUE = []

async function main(): Promise<void> {
  let index = 0
  for await (const line of createInterface({ input: process.stdin })) {
    const job = JSON.parse(line) as Omit<Job, 'limitMs'>
    process.env.TEST_SLOWNESS = String(job.slowness)
    const verdict = await runFile(job, index++)
    process.stdout.write(encodeVerdict({ ...verdict, skipped: takeSkipped() }))
  }
}

type Named = Pick<Job, 'file' | 'path'>

async function runFile({ file, path }: Named, index: number): Promise<Omit<Verdict, 'skipped'>> {
  const queue: (null | (() => Promise<SuiteResult>))[] = []
  uvu.UVU_INDEX = index
  uvu.UVU_QUEUE![index] = queue
  try {
    await import(pathToFileURL(path).href)
  } catch (error) {
    return { passed: 0, failures: [`${file} cannot be loaded: ${describe(error)}`] }
  }
  const suites = queue.filter((suite) => suite !== null)
  if (suites.length === 0)
    return { passed: 0, failures: [`${file} registers no suite: is .run() missing?`] }
  let passed = 0
  const failures: string[] = []
  for (const suite of suites) {
    const [errors, ok, skipped, total] = await runSuite(suite)
    passed += ok
    const lost = total - ok - skipped
    if (skipped > 0) failures.push(`${file}: ${skipped} skipped tests; a test runs or goes`)
    if (errors !== true && errors !== '') failures.push(...oneEach(file, errors, lost))
    else if (lost > 0) failures.push(`${file}: ${lost} tests neither passed nor failed`)
  }
  return { passed, failures }
}

// uvu returns all failures of a suite as one text; the count must still be one a test.
function oneEach(file: string, errors: string, lost: number): string[] {
  const parts = errors.split(/\n(?=\s*\S*\s*FAIL\S*\s)/).filter((part) => part.trim() !== '')
  while (parts.length < lost) parts.push('(see above)')
  return parts.map((part) => `${file}\n${part}`)
}

async function runSuite(suite: () => Promise<SuiteResult>): Promise<SuiteResult> {
  try {
    return await suite()
  } catch (error) {
    return [`  FAIL  a hook threw: ${describe(error)}`, 0, 0, 1]
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

// Nothing else in this process can be trusted then; the runner counts the file as failed.
process.on('uncaughtException', (error) => {
  process.stdout.write(`\nuncaught: ${describe(error)}\n`, () => process.exit(1))
})
await main()
process.exit(0)
