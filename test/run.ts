// Runs every test file in this process and closes what uvu leaves open: a file that registers no suite, a suite that
// dies in a hook and a test that hangs all count as failures. The last line is the verdict: "N passed, N failed".
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

type SuiteResult = [errors: string | true, passed: number, skipped: number, total: number]
type UvuGlobals = {
  UVU_DEFER?: number
  UVU_INDEX?: number
  UVU_QUEUE?: (null | (() => Promise<SuiteResult>))[][]
}

// The slowest suites drive real clusters through kubectl and helm; none needs more than this.
const suiteTimeoutMs = 240_000

const here = fileURLToPath(new URL('.', import.meta.url))
const uvu = globalThis as UvuGlobals
uvu.UVU_DEFER = 1
uvu.UVU_QUEUE = []

async function main(): Promise<number> {
  const wanted = process.argv.slice(2)
  const files = (await testFiles()).filter(
    (file) => wanted.length === 0 || wanted.some((part) => file.includes(part)),
  )
  let passed = 0
  const failures: string[] = []
  if (files.length === 0) failures.push(`no test file matches ${wanted.join(' ')}`)
  for (const [index, file] of files.entries()) {
    process.stdout.write(`${file}\n`)
    const startedAt = Date.now()
    const verdict = await runFile(file, index)
    passed += verdict.passed
    failures.push(...verdict.failures)
    // Said at once, too: a run that is cut short has told what it knew.
    for (const failure of verdict.failures) process.stdout.write(`\n${failure}\n`)
    process.stdout.write(`  ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`)
  }
  for (const failure of failures) process.stdout.write(`failed: ${headOf(failure)}\n`)
  process.stdout.write(`\n${passed} passed, ${failures.length} failed\n`)
  return failures.length === 0 ? 0 : 1
}

async function testFiles(): Promise<string[]> {
  const entries = await readdir(here, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(here, join(entry.parentPath, entry.name)))
    .sort()
}

async function runFile(
  file: string,
  index: number,
): Promise<{ passed: number; failures: string[] }> {
  const queue: (null | (() => Promise<SuiteResult>))[] = []
  uvu.UVU_INDEX = index
  uvu.UVU_QUEUE![index] = queue
  try {
    await import(pathToFileURL(join(here, file)).href)
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

// The file and the title of a failure, in one line.
function headOf(failure: string): string {
  return failure.split('\n').slice(0, 2).join(' ').replace(/\s+/g, ' ').trim()
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

let exitCode = 1
process.on('uncaughtException', (error) => {
  process.stdout.write(`\nuncaught: ${describe(error)}\n\n0 passed, 1 failed\n`)
  process.exit(1)
})
exitCode = await main()
process.exit(exitCode)
