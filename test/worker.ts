// Runs the test files that test/run.ts names on standard input, one a line, and closes what uvu leaves open: a file that
// registers no suite, a suite that dies in a hook and a test that hangs all count as failures.
import process from 'node:process'
import { createInterface } from 'node:readline'
import { encodeVerdict, type Verdict } from './helpers/verdict.ts'

type SuiteResult = [errors: string | true, passed: number, skipped: number, total: number]
type UvuGlobals = {
  UVU_DEFER?: number
  UVU_INDEX?: number
  UVU_QUEUE?: (null | (() => Promise<SuiteResult>))[][]
}

// The slowest suites drive real clusters through kubectl and helm; none needs more than this.
const suiteTimeoutMs = 240_000

const uvu = globalThis as UvuGlobals
uvu.UVU_DEFER = 1
uvu.UVU_QUEUE = []

async function main(): Promise<void> {
  let index = 0
  for await (const file of createInterface({ input: process.stdin }))
    process.stdout.write(encodeVerdict(await runFile(file, index++)))
}

async function runFile(file: string, index: number): Promise<Verdict> {
  const queue: (null | (() => Promise<SuiteResult>))[] = []
  uvu.UVU_INDEX = index
  uvu.UVU_QUEUE![index] = queue
  try {
    await import(new URL(file, import.meta.url).href)
  } catch (error) {
    return { passed: 0, failures: [`${file} cannot be loaded: ${describe(error)}`] }
  }
  const suites = queue.filter((suite) => suite !== null)
  if (suites.length === 0)
    return { passed: 0, failures: [`${file} registers no suite: is .run() missing?`] }
  let passed = 0
  const failures: string[] = []
  for (const suite of suites) {
    const [errors, ok, skipped, total] = await withDeadline(suite, file)
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

async function withDeadline(suite: () => Promise<SuiteResult>, file: string): Promise<SuiteResult> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<SuiteResult>((resolve) => {
    timer = setTimeout(
      () => resolve([`  FAIL  ${file} did not end in ${suiteTimeoutMs / 1000} s`, 0, 0, 1]),
      suiteTimeoutMs,
    )
  })
  try {
    return await Promise.race([suite(), late])
  } catch (error) {
    return [`  FAIL  a hook threw: ${describe(error)}`, 0, 0, 1]
  } finally {
    clearTimeout(timer)
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

// Nothing else in this process can be trusted then; whoever started it counts the file as failed.
process.on('uncaughtException', (error) => {
  process.stdout.write(`\nuncaught: ${describe(error)}\n`, () => process.exit(1))
})
await main()
process.exit(0)
