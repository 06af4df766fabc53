// The whole operator for one test: on a sandbox of its own, driven by YAML through kubectl, asked about its objects.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { readConfig } from '../../lib/app/config.ts'
import { runOperator } from '../../lib/app/run.ts'
import { startSandbox } from '../../lib/app/sandbox.ts'
import type { KubeObject } from '../../lib/model/json.ts'
import type { Obj, SandboxApi } from '../../lib/sandbox/types.ts'
import { openFaultyFront, type Decide, type Fault } from './faults.ts'
import { openForwarder } from './forwarder.ts'
import { testParser } from './parser.ts'
import { programsFor } from './programs.ts'
import { until } from './until.ts'

export type RunningOperator = {
  api: SandboxApi
  kubeconfig: string
  // Applies YAML with kubectl; answers with what kubectl printed.
  apply(yaml: string): Promise<string>
  kubectl(...args: string[]): Promise<string>
  helm(...args: string[]): Promise<string>
  // The HelmRelease as it is now.
  read(name: string, namespace?: string): KubeObject | undefined
  // Waits until a condition has a status, and answers with its message.
  condition(name: string, type: string, status: string, namespace?: string): Promise<string>
  // Programs the operator has started, in their order: "helm upgrade".
  started: string[]
  // Verbs of its requests to the API server; each watch counts once.
  requests: string[]
  log(): string
  // Cuts the operator off from the API server; the answer mends it.
  disconnect(): Promise<() => Promise<void>>
  // Puts faults between the operator and the API server, until the returned function takes them away.
  disturb(decide: Decide): Promise<{ faults: readonly Fault[]; mend: () => Promise<void> }>
  stop(): Promise<number>
  start(...flags: string[]): void
}

// Repositories of tests are directories.
const usual = ['--listen=127.0.0.1:0', '--allow-local-sources']
const crds = fileURLToPath(new URL('../../crds', import.meta.url))

/** Runs `use` with CRDs applied and the operator running with these flags; nothing is left afterwards. */
export async function withOperator<T>(
  flags: readonly string[],
  use: (running: RunningOperator) => Promise<T>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'op-'))
  const kubeconfig = join(directory, 'kubeconfig')
  const sandbox = await startSandbox({ port: 0, kubeconfig })
  const { port } = new URL(sandbox.url)
  const network = await openForwarder(Number(port))
  const cuttable = join(directory, 'operator.kubeconfig')
  const text = await readFile(kubeconfig, 'utf8')
  await writeFile(cuttable, text.replaceAll(port, String(network.port)), { mode: 0o600 })
  const { kubectl, helm4 } = await programsFor({ kubeconfig, directory })
  const lines: string[] = []
  const started: string[] = []
  const requests: string[] = []
  let abort = new AbortController()
  let ended: Promise<number> = Promise.resolve(0)
  const start = (...more: string[]): void => {
    abort = new AbortController()
    const args = [`--kubeconfig=${cuttable}`, `--cache-dir=${join(directory, 'cache')}`]
    const config = readConfig([...args, ...usual, ...flags, ...more], {})
    ended = runOperator(config, {
      env,
      signal: abort.signal,
      // Its thread takes longer to start than the rest of an operator.
      parser: testParser(),
      write: (line) => lines.push(line),
      onStart: (program) => started.push(program),
      onRequest: (verb) => requests.push(verb),
    })
  }
  const stop = async (): Promise<number> => {
    abort.abort()
    return await ended
  }
  const read = (name: string, namespace = 'default'): KubeObject | undefined =>
    sandbox.api.get('helmreleases.helm.fluxcd.io', namespace, name) as KubeObject | undefined
  await kubectl(['apply', '-k', crds])
  start()
  try {
    return await use({
      api: sandbox.api,
      kubeconfig,
      apply: (yaml) => kubectl(['apply', '-f', '-'], { stdin: yaml }),
      kubectl: (...args) => kubectl(args),
      helm: (...args) => helm4(args),
      read,
      condition: (name, type, status, namespace) =>
        until(`${name} has ${type}=${status}`, () => {
          const found = conditionOf(read(name, namespace), type)
          return found?.status === status ? found.message : undefined
        }),
      started,
      requests,
      log: () => lines.join(''),
      disconnect: network.cut,
      disturb: async (decide) => {
        const front = await openFaultyFront(Number(port), decide)
        network.aim(front.port)
        const mend = async (): Promise<void> => {
          network.aim(Number(port))
          await front.close()
        }
        return { faults: front.faults, mend }
      },
      stop,
      start,
    })
  } catch (error) {
    process.stdout.write(`--- the operator's log\n${lines.slice(-40).join('')}---\n`)
    throw error
  } finally {
    await stop()
    await network.close()
    await sandbox.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

/** A condition of the newest generation; undefined when the operator has not come to it yet. */
export function conditionOf(
  object: KubeObject | Obj | undefined,
  type: string,
): { status: string; message: string; reason: string } | undefined {
  const status = object?.status as
    | {
        observedGeneration?: number
        conditions?: { type: string; status: string; message: string; reason: string }[]
      }
    | undefined
  if ((status?.observedGeneration ?? 0) < (object?.metadata.generation ?? 1)) return undefined
  return status?.conditions?.find((one) => one.type === type)
}
