// Makes an executable of the one file with `deno compile`, which puts it behind a runtime for the platform.
import { Buffer } from 'node:buffer'
import { copyFile, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { findOnPath } from '../edge/lookup.ts'
import type { Run } from '../edge/exec.ts'
import { CommandError, ReconcileError } from '../model/errors.ts'

// Deno's name for each, and the processor that the head of an executable names (ELF's e_machine).
export const platforms = {
  'linux-x64': { target: 'x86_64-unknown-linux-gnu', machine: 0x3e },
  'linux-arm64': { target: 'aarch64-unknown-linux-gnu', machine: 0xb7 },
} as const
export type Platform = keyof typeof platforms

// Those that docs/runtimes.md names; they are part of the executable.
const permissions = ['env', 'read', 'sys', 'run', 'write', 'net'].map((name) => `--allow-${name}`)

export function isPlatform(name: string): name is Platform {
  return Object.hasOwn(platforms, name)
}

/** Writes the executable. Throws ReconcileError ProgramMissing without Deno, or where Deno has no runtime for the platform. */
export async function compile(options: {
  file: string
  output: string
  platform: Platform
  run: Run
  env: Readonly<Record<string, string | undefined>>
}): Promise<void> {
  const { file, output, platform, run, env } = options
  const deno = findOnPath('deno', env['PATH'])
  if (deno === undefined) throw missing(platform, '"deno" is not on PATH; install Deno 2')
  // Beside the file, Deno would find package.json and take all of node_modules in.
  const directory = await mkdtemp(join(tmpdir(), 'helm-operator-build-'))
  try {
    await copyFile(file, join(directory, basename(file)))
    const flags = [...permissions, '--no-check', '--target', platforms[platform].target]
    await run([deno, 'compile', ...flags, '--output', output, basename(file)], {
      ...{ cwd: directory, timeoutMs: 600_000 },
      env: { DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
    })
  } catch (error) {
    throw error instanceof CommandError ? explain(error, platform) : error
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  if ((await machineOf(output)) === platforms[platform].machine) return
  await rm(output)
  throw missing(platform, 'what Deno made is for another platform; change or unset DENORT_BIN')
}

async function machineOf(executable: string): Promise<number> {
  const file = await open(executable)
  try {
    const { buffer } = await file.read(Buffer.alloc(20), 0, 20, 0)
    return buffer.readUInt16LE(18)
  } finally {
    await file.close()
  }
}

function explain(error: CommandError, platform: Platform): ReconcileError {
  const why = /denort/.test(error.stderr)
    ? 'Deno cannot get its runtime for it, "denort"; run it where it can be downloaded, or name one with DENORT_BIN'
    : (/^error: *(.*)$/m.exec(error.stderr)?.[1] ?? error.message)
  return missing(platform, why, error)
}

function missing(platform: Platform, why: string, cause?: unknown): ReconcileError {
  return new ReconcileError('ProgramMissing', `Cannot compile for "${platform}": ${why}`, { cause })
}
