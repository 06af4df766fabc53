// What each case of kubectl's contract is given: a namespace of its own and the real kubectl in it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import * as assert from 'uvu/assert'
import { createRunner, type Run } from '../../lib/edge/exec.ts'
import { createLines } from '../../lib/edge/stream.ts'
import { CommandError } from '../../lib/model/errors.ts'
import { testBinaries } from '../helpers/binaries.ts'
import { deadlineMs, withPatience } from '../helpers/deadline.ts'

export type KubectlScope = {
  namespace: string
  // A directory of the case's own.
  directory: string
  // Standard output of a command in the case's namespace; it must succeed.
  kubectl(...args: string[]): Promise<string>
  // The same with something on standard input.
  feed(stdin: string | object, ...args: string[]): Promise<string>
  // Standard error of a command that must fail.
  fails(...args: string[]): Promise<string>
  failsFed(stdin: string | object, ...args: string[]): Promise<string>
  // Lines as they come, until the reader stops.
  lines(...args: string[]): AsyncGenerator<string, void, undefined>
  // With these variables in the environment.
  withEnv(env: Record<string, string>, ...args: string[]): Promise<string>
}
export type KubectlCase = { title: string; run: (scope: KubectlScope) => Promise<void> }
/** Runs one case in a namespace that is deleted afterwards. */
export async function runCase(
  { kubeconfig, cache }: { kubeconfig: string; cache: string },
  one: KubectlCase,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'kubectl-contract-'))
  const namespace = `contract-${Math.random().toString(36).slice(2, 10)}`
  const { kubectl } = await testBinaries()
  // kubectl diff runs a program called diff, which not every machine has.
  const diff = join(directory, 'diff')
  await writeFile(diff, '#!/bin/sh\nexec git diff --no-index "$@"\n', { mode: 0o755 })
  const env = { KUBECONFIG: kubeconfig, KUBECACHEDIR: cache, KUBECTL_EXTERNAL_DIFF: diff }
  const scope = createScope({ kubectl, namespace, directory, env })
  await scope.kubectl('create', 'namespace', namespace)
  try {
    await one.run(scope)
  } finally {
    await scope.kubectl('delete', 'namespace', namespace, '--wait=false')
    await rm(directory, { recursive: true, force: true })
  }
}

type Setting = {
  kubectl: string
  namespace: string
  directory: string
  env: Record<string, string>
}

function createScope({ kubectl, namespace, directory, env }: Setting): KubectlScope {
  const run = createRunner({ env: process.env })
  const command = (args: readonly string[]): string[] => [
    kubectl,
    '--namespace',
    namespace,
    ...withPatience(args),
  ]
  const must = async (
    args: readonly string[],
    options: Parameters<Run>[1] = {},
  ): Promise<string> => {
    try {
      return (await run(command(args), { env, timeoutMs: deadlineMs(60_000), ...options })).stdout
    } catch (error) {
      // Its message keeps what kubectl said to itself; a test must not.
      if (error instanceof CommandError)
        throw new Error(`kubectl ${args.join(' ')} failed: ${error.stderr}`, { cause: error })
      throw error
    }
  }
  const mustFail = async (
    args: readonly string[],
    options: Parameters<Run>[1] = {},
  ): Promise<string> => {
    try {
      await run(command(args), { env, timeoutMs: deadlineMs(60_000), ...options })
    } catch (error) {
      if (error instanceof CommandError && error.reason === 'exit') return error.stderr
      throw error
    }
    assert.unreachable(`kubectl ${args.join(' ')} did not fail`)
    return ''
  }
  return {
    namespace,
    directory,
    kubectl: (...args) => must(args),
    feed: (stdin, ...args) => must(args, { stdin: textOf(stdin) }),
    fails: (...args) => mustFail(args),
    failsFed: (stdin, ...args) => mustFail(args, { stdin: textOf(stdin) }),
    lines: (...args) => createLines({ env: { ...process.env, ...env } })(command(args)),
    withEnv: (more, ...args) => must(args, { env: { ...env, ...more } }),
  }
}

function textOf(stdin: string | object): string {
  return typeof stdin === 'string' ? stdin : JSON.stringify(stdin)
}

/** The columns of a line that kubectl printed as a table. */
export function cells(line: string | undefined): string[] {
  return (line ?? '').trim().split(/\s{2,}/)
}

/** The lines of a table, the header first. */
export function rows(text: string): string[][] {
  return text.trimEnd().split('\n').map(cells)
}
