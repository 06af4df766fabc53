// The one file of a build, alone in an empty directory, started as its users start it. HELM_OPERATOR names another one to be
// tested in its place: a file that was built before, or an executable made of it.
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import process from 'node:process'
import { bundle } from '../../lib/build/bundle.ts'
import { findOnPath } from '../../lib/edge/lookup.ts'
import { testBinaries } from './binaries.ts'
import { startProgram, type Running } from './cli.ts'

export type Built = {
  directory: string
  file: string
  // Ends with the test, whatever becomes of it.
  start(...args: string[]): Running
}

const runtime = 'Deno' in globalThis ? ['run', '--allow-all'] : []
let made: Promise<string> | undefined

/** The text of the file, made once a test run. */
export function builtText(): Promise<string> {
  return (made ??= bundle())
}

/** Runs `use` with the file and what it needs on PATH: bash, git, kubectl and helm. */
export async function withBuilt<T>(use: (built: Built) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'built-'))
  const started: Running[] = []
  try {
    const command = await placeFile(join(directory, 'alone'))
    // What it leaves would be found there.
    const TMPDIR = join(directory, 'tmp')
    await mkdir(TMPDIR)
    const env = { PATH: await linkPrograms(join(directory, 'bin')), TMPDIR, HOME: directory }
    const start = (...args: string[]): Running => {
      const running = startProgram([...command, ...args], { env, cwd: join(directory, 'alone') })
      started.push(running)
      return running
    }
    return await use({ directory, file: command.at(-1)!, start })
  } finally {
    for (const { child } of started) if (child.exitCode === null) child.kill('SIGKILL')
    await Promise.all(started.map(({ ended }) => ended))
    await rm(directory, { recursive: true, force: true })
  }
}

async function placeFile(directory: string): Promise<[string, ...string[]]> {
  await mkdir(directory)
  const { HELM_OPERATOR: given } = process.env
  const file = join(directory, basename(given ?? 'helm-operator.mjs'))
  if (given === undefined) await writeFile(file, await builtText(), { mode: 0o755 })
  else await copyFile(given, file)
  return file.endsWith('.mjs') ? [process.execPath, ...runtime, file] : [file]
}

async function linkPrograms(directory: string): Promise<string> {
  const { kubectl, helm4 } = await testBinaries()
  const found = ['bash', 'git'].map((name) => [name, findOnPath(name, process.env.PATH)!] as const)
  await mkdir(directory)
  for (const [name, path] of [['kubectl', kubectl], ['helm', helm4], ...found] as const)
    await symlink(path, join(directory, name))
  return directory
}
