// Deno's runtime for executables is not to be had everywhere, so a script stands for Deno here: what it is asked, and what is
// said when it cannot. The release workflow starts the real ones.
import { Buffer } from 'node:buffer'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compile, type Platform } from '../../lib/build/executable.ts'
import { createRunner } from '../../lib/edge/exec.ts'
import { startCli } from '../helpers/cli.ts'
import { failureOf } from '../helpers/programs.ts'

const test = suite('compile()')

// What begins an executable of Linux; two of its bytes name the processor.
const x64 = Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(14), Buffer.from([0x3e, 0])])

async function withDeno(
  script: string | undefined,
  use: (parts: { output: string; start: (platform: Platform) => Promise<void> }) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'compile-'))
  try {
    const at = (name: string): string => join(directory, name)
    await writeFile(at('x64'), x64)
    await writeFile(at('operator.mjs'), 'text of the operator')
    if (script !== undefined) await writeFile(at('deno'), `#!/bin/sh\n${script}\n`)
    if (script !== undefined) await chmod(at('deno'), 0o755)
    const run = createRunner({ env: { ...process.env, X64: at('x64') } })
    const [file, output] = [at('operator.mjs'), at('made')]
    await use({
      output,
      start: (platform) => compile({ file, output, platform, run, env: { PATH: directory } }),
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

test('gives Deno the file alone, the platform and the permissions', () =>
  withDeno('cp "$X64" "${12}"; echo "$@" "in:" * >"${12}.told"', async ({ output, start }) => {
    await start('linux-x64')
    assert.is(
      await readFile(`${output}.told`, 'utf8'),
      'compile --allow-env --allow-read --allow-sys --allow-run --allow-write --allow-net --no-check ' +
        `--target x86_64-unknown-linux-gnu --output ${output} operator.mjs in: operator.mjs\n`,
    )
  }))

test('refuses an executable for another platform, and takes it away', () =>
  withDeno('cp "$X64" "${12}"', async ({ output, start }) => {
    assert.match(
      await failureOf(start('linux-arm64')),
      /"linux-arm64": .*another platform.*DENORT_BIN/,
    )
    assert.match(await failureOf(readFile(output)), 'ENOENT')
  }))

for (const [situation, script, says] of [
  ['there is no Deno', undefined, /"deno" is not on PATH; install Deno 2/],
  [
    'its runtime cannot be downloaded',
    'echo "Download https://example.com/denort.zip" >&2; exit 1',
    /cannot get its runtime.*DENORT_BIN/,
  ],
  ['Deno fails', 'echo "error: No space left" >&2; exit 1', /"linux-x64": No space left$/],
] as const)
  test(`says so when ${situation}`, () =>
    withDeno(script, async ({ start }) => assert.match(await failureOf(start('linux-x64')), says)))

test('npm run build refuses a platform that it does not know, before it builds anything', async () => {
  const file = fileURLToPath(new URL('../../lib/build/main.ts', import.meta.url))
  const { code, stdout, stderr } = await startCli(['plan9-x64'], {}, file).ended
  assert.equal([code, stdout], [1, ''])
  assert.match(
    stderr,
    /^Cannot compile for "plan9-x64": the platforms are linux-x64 and linux-arm64$/m,
  )
})

test.run()
