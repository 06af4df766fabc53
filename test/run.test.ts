// What the runner says of files that fail, hang or cannot be run: of files made for this test.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isRunning } from './helpers/processes.ts'
import { until } from './helpers/until.ts'

const test = suite('the test runner')

const runner = fileURLToPath(new URL('run.ts', import.meta.url))
const uvu = createRequire(import.meta.url)
  .resolve('uvu')
  .replace(/\.js$/, '.mjs')
const skips = new URL('helpers/skip.ts', import.meta.url).href

type Run = { code: number | null; lines: string[] }
type Options = { env?: Record<string, string>; directory?: string }

/** Runs files of these bodies, each in a suite of its own, one after another. */
async function runFiles(bodies: Record<string, string>, options: Options = {}): Promise<Run> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'runner-test-')))
  try {
    await writeFile(join(directory, 'package.json'), '{"type":"module"}')
    for (const [name, body] of Object.entries(bodies)) {
      const head = `import { suite } from '${uvu}'\nconst test = suite('${name}')\n`
      await writeFile(join(directory, `${name}.test.ts`), `${head}${body}\n`)
    }
    return await runDirectory(directory, options.env)
  } finally {
    if (options.directory === undefined) await rm(directory, { recursive: true })
  }
}

function runDirectory(directory: string, env: Record<string, string> = {}): Promise<Run> {
  const args = 'Deno' in globalThis ? ['run', '-A', runner] : [...process.execArgv, runner]
  const child = spawn(process.execPath, args, {
    env: { ...process.env, TEST_JOBS: '1', TEST_DIRECTORY: directory, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text))
  return new Promise((resolve) =>
    child.on('close', (code) => resolve({ code, lines: printed.trimEnd().split('\n') })),
  )
}

test('ends with the numbers of tests that passed and failed alone', async () => {
  const { code, lines } = await runFiles({
    good: `test('one', () => {})\ntest('two', () => {})\ntest.run()`,
    bad: `test('three', () => { throw new Error('no') })\ntest.run()`,
  })
  assert.equal([code, lines.at(-1)], [1, '2 passed, 1 failed'])
})

const bad = {
  'skips a test for no reason': [`test.skip('x', () => {})\ntest.run()`, /1 skipped tests/],
  'does not run its suite': [`test('x', () => {})`, /registers no suite/],
  'cannot be loaded': [`throw new Error('broken')`, /cannot be loaded: Error: broken/],
  'dies in a hook': [`test.after(() => { throw 1 })\ntest('x', () => {})\ntest.run()`, /a hook/],
  'ends its process': [`test('x', () => process.exit(3))\ntest.run()`, /process ended with 3/],
} as const
let badRun: Promise<Run> | undefined

for (const [index, [situation, [, said]]] of Object.entries(bad).entries())
  test(`counts a file that ${situation} as failed`, async () => {
    const files = Object.values(bad).map(([body], at) => [`file-${at}`, body])
    const { code, lines } = await (badRun ??= runFiles(Object.fromEntries(files)))
    assert.is(code, 1)
    assert.match(lines.at(-1)!, /^\d passed, 5 failed$/)
    assert.match(
      lines.find((line) => line.startsWith(`failed: file-${index}`))!,
      said,
    )
  })

test('says which tests were skipped for want of an SSH client, and how many', async () => {
  const body = `import { testWithSsh } from '${skips}'
    testWithSsh(test, 'over SSH', () => { throw new Error('it ran') })
    test('over HTTP', () => {})
    test.run()`
  const { code, lines } = await runFiles({ git: body }, { env: { PATH: '/nowhere' } })
  assert.is(code, 0)
  assert.ok(lines.includes('skipped: over SSH: no ssh client on PATH'))
  assert.is(lines.at(-1), '1 passed, 0 failed, 1 skipped')
})

for (const [how, hang] of [
  ['waits for ever', 'await new Promise(() => setInterval(() => {}, 1_000))'],
  ['turns in circles', 'for (;;) {}'],
] as const)
  test(`kills a file that ${how} with all it has started, and runs the next one`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'runner-test-'))
    const pidFile = join(directory, 'pid')
    const body = `import { spawn } from 'node:child_process'
      import { writeFileSync } from 'node:fs'
      test('x', async () => {
        const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' })
        writeFileSync('${pidFile}', String(child.pid))
        ${hang}
      })
      test.run()`
    try {
      const { code, lines } = await runFiles(
        { a: body, b: `test('x', () => {})\ntest.run()` },
        { directory, env: { TEST_LIMIT: '2' } },
      )
      assert.equal([code, lines.at(-1)], [1, '1 passed, 1 failed'])
      const failed = lines.find((line) => line.startsWith('failed: '))!
      assert.match(failed, /^failed: a\.test\.ts: did not end within \d+ s and was killed$/)
      const pid = Number(await readFile(pidFile, 'utf8'))
      await until('its child is gone', async () => !(await isRunning(pid)))
    } finally {
      await rm(directory, { recursive: true })
    }
  })

test.run()
