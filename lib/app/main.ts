// The command line's entrance: which command, which flags, which exit code.
import process from 'node:process'
import { ReconcileError } from '../model/errors.ts'
import { createSharedAbort } from '../util/abort.ts'
import { readAssets } from './assets.ts'
import { readConfig } from './config.ts'
import { demoFlags, type Flag, runFlags, sandboxFlags } from './flags.ts'
import { describeFlags, parseFlags, UsageError } from './parse.ts'
import { readVersion } from './version.ts'

type Command = {
  about: string
  flags: readonly Flag[]
  start: (args: readonly string[], signal: AbortSignal) => Promise<number>
}

const commands: Readonly<Record<string, Command>> = {
  run: {
    about: 'keep the Helm releases of a cluster as its HelmReleases say',
    flags: runFlags,
    start: async (args, signal) => {
      const config = readConfig(args, process.env)
      const { runOperator } = await import('./run.ts')
      return await runOperator(config, { env: process.env, signal, followStray })
    },
  },
  demo: {
    about: 'show it all on a sandbox cluster inside this process',
    flags: demoFlags,
    start: async (args, signal) => {
      const flags = parseFlags(demoFlags, args)
      const { runDemo } = await import('./demo.ts')
      return await runDemo({
        exit: flags.isOn('exit'),
        port: flags.number('port'),
        env: process.env,
        out: (text) => process.stdout.write(text),
        isTerminal: process.stdout.isTTY === true,
        signal,
      })
    },
  },
  sandbox: {
    about: 'serve a small Kubernetes API from memory, to try things on',
    flags: sandboxFlags,
    start: async (args, signal) => {
      const flags = parseFlags(sandboxFlags, args)
      const kubeconfig = flags.text('kubeconfig')
      const { runSandbox } = await import('./sandbox.ts')
      return await runSandbox({
        port: flags.number('port'),
        tls: flags.isOn('tls'),
        ...(kubeconfig === '' ? {} : { kubeconfig }),
        signal,
        out: (text) => process.stdout.write(text),
      })
    },
  },
  crds: {
    about: 'print what to apply to a new cluster: the CustomResourceDefinition of HelmReleases',
    flags: [],
    start: async (args) => {
      parseFlags([], args)
      // crds/kustomization.yaml says why it is this one alone.
      const isWanted = (path: string): boolean => path.endsWith('/helmreleases.helm.fluxcd.io.yaml')
      for (const { path, text } of await readAssets('crds'))
        if (isWanted(path)) process.stdout.write(text)
      return 0
    },
  },
  version: {
    about: 'print the version',
    flags: [],
    start: async (args) => {
      parseFlags([], args)
      process.stdout.write(`${await readVersion()}\n`)
      return 0
    },
  },
}

/** Runs one command to its end; answers with the exit code: 0 done, 1 failed, 2 not understood. */
export async function main(args: readonly string[]): Promise<number> {
  const [first = ''] = args
  // fluxcd/helm-operator had no commands: flags alone mean run, and its --version went to stderr.
  const named = first !== '' && !first.startsWith('-')
  const name = named ? first : 'run'
  const rest = named ? args.slice(1) : args
  if (name === 'help' || (!named && rest.some(isHelp))) return say(describeAll())
  if (name === 'run' && rest.some(isVersion)) {
    process.stderr.write(`${await readVersion()}\n`)
    return 0
  }
  const command = commands[name]
  if (command === undefined) return refuse(`unknown command "${name}"; see --help`)
  if (rest.some(isHelp)) return say(describeOne(name, command))
  try {
    return await command.start(rest, untilSignalled())
  } catch (error) {
    if (error instanceof UsageError) return refuse(error.message)
    if (!(error instanceof ReconcileError)) throw error
    process.stderr.write(`helm-operator: ${error.message}\n`)
    return 1
  }
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h'
}

function isVersion(word: string): boolean {
  return word === '--version' || word === '--version=true'
}

function describeAll(): string {
  const parts = Object.entries(commands).map(([name, command]) => describeOne(name, command))
  return `${[
    'Helm Operator keeps the Helm releases of a cluster as HelmRelease objects say.',
    'Usage: helm-operator <command> [flags]. Without a command, run.',
    ...parts,
  ].join('\n\n')}\n`
}

function describeOne(name: string, { about, flags }: Command): string {
  const head = `${name}: ${about}`
  return flags.length === 0 ? head : `${head}\n${describeFlags(flags)}`
}

function say(text: string): number {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  return 0
}

function refuse(why: string): number {
  process.stderr.write(`helm-operator: ${why}\n`)
  return 2
}

// Node ends a process in which a promise fails that nothing waits for, unless somebody listens.
function followStray(report: (error: unknown) => void): () => void {
  process.on('unhandledRejection', report)
  return () => process.off('unhandledRejection', report)
}

// The first signal asks to end, the second one insists.
function untilSignalled(): AbortSignal {
  const abort = createSharedAbort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (abort.signal.aborted) process.exit(1)
      abort.abort()
    })
  return abort.signal
}
