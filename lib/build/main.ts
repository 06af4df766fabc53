// The entrance of `npm run build`: makes dist/helm-operator.mjs, and executables for the platforms that are named.
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { createRunner } from '../edge/exec.ts'
import { CommandError, ReconcileError } from '../model/errors.ts'
import { bundle } from './bundle.ts'
import { compile, isPlatform, platforms } from './executable.ts'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !isPlatform(name))
  if (unknown !== undefined)
    return refuse(
      `Cannot compile for "${unknown}": the platforms are ${Object.keys(platforms).join(' and ')}`,
    )
  const file = join(dist, 'helm-operator.mjs')
  await mkdir(dist, { recursive: true })
  await replaceFile(file, await bundle())
  say(file)
  const run = createRunner({ env: process.env })
  for (const platform of names.filter(isPlatform)) {
    const output = join(dist, `helm-operator-${platform}`)
    await compile({ file, output, platform, run, env: process.env })
    say(output)
  }
  return 0
}

// Somebody may be running the one from before.
async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o755 })
  await rename(`${file}.new`, file)
}

function say(file: string): void {
  process.stdout.write(`${file}\n`)
}

function refuse(why: string): number {
  process.stderr.write(`${why}\n`)
  return 1
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof ReconcileError || error instanceof CommandError)) throw error
  return refuse(error.message)
})
