// The subcommand "sandbox": an in-memory cluster on this machine, with a kubeconfig to reach it, until it is told to end.
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { isSandboxKubeconfig, kubeconfigOf } from '../sandbox/kubeconfig.ts'
import { listen, listenSecurely } from '../sandbox/listen.ts'
import { createSandbox } from '../sandbox/sandbox.ts'
import type { SandboxApi, SandboxClock } from '../sandbox/types.ts'
import { startWorkloads } from '../sandbox/workloads/start.ts'

export type SandboxRun = {
  // 0 takes a free one.
  port: number
  // HTTPS, where clients must say who they are, instead of HTTP.
  tls: boolean
  // Where the kubeconfig is written, readable by its owner only, and removed at the end; by default in a temporary directory.
  kubeconfig?: string
  signal: AbortSignal
  out: (text: string) => unknown
}

export type StartedSandbox = { url: string; api: SandboxApi; stop(): Promise<void> }

/** Time as it passes on this machine, for a sandbox. */
export function sandboxClock(): SandboxClock {
  return {
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  }
}

/** Starts a sandbox with living workloads and writes its kubeconfig; throws what the port or the file refuse. */
export async function startSandbox(options: {
  port: number
  tls?: boolean
  kubeconfig: string
}): Promise<StartedSandbox> {
  const clock = sandboxClock()
  const random = Math.random
  const sandbox = createSandbox({ clock, random })
  const { port, tls = false } = options
  const listener = await (tls ? listenSecurely : listen)(sandbox, { port })
  const endWorkloads = startWorkloads({ api: sandbox.api, clock, random })
  const stop = async (): Promise<void> => {
    endWorkloads()
    sandbox.stop()
    await listener.close()
  }
  try {
    const { adminToken: token, authority } = sandbox
    const secured = tls ? { token, authority } : undefined
    await writePrivate(options.kubeconfig, kubeconfigOf(listener.url, secured))
  } catch (cause) {
    await stop()
    throw new Error(`Cannot write the kubeconfig "${options.kubeconfig}": ${reasonOf(cause)}`, {
      cause,
    })
  }
  return { url: listener.url, api: sandbox.api, stop }
}

// Somebody's own kubeconfig is not ours to replace.
async function checkReplaceable(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: { code?: string }) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text !== undefined && !isSandboxKubeconfig(text))
    throw new Error('the file exists and no sandbox wrote it; give another one with --kubeconfig')
}

// A file that others can read would let them into the cluster: its mode is right from the first byte on.
async function writePrivate(path: string, text: string): Promise<void> {
  await checkReplaceable(path)
  await mkdir(dirname(path), { recursive: true })
  await rm(path, { force: true })
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
  } finally {
    await file.close()
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Runs the sandbox until the signal is aborted; the exit code. */
export async function runSandbox(options: SandboxRun): Promise<number> {
  const { port, tls, kubeconfig, signal, out } = options
  const own = kubeconfig === undefined ? await mkdtemp(join(tmpdir(), 'sandbox-')) : undefined
  const path = resolve(kubeconfig ?? join(own!, 'kubeconfig'))
  try {
    const started = await startSandbox({ port, tls, kubeconfig: path })
    out(greeting(started.url, path).join('\n') + '\n')
    await aborted(signal)
    await started.stop()
    await rm(path, { force: true })
    return 0
  } catch (error) {
    out(`${startFailure(error, port)}\n`)
    return 1
  } finally {
    if (own !== undefined) await rm(own, { recursive: true, force: true })
  }
}

function startFailure(error: unknown, port: number): string {
  if ((error as { code?: string }).code === 'EADDRINUSE')
    return `Cannot start the sandbox: port "${port}" is taken; give another one with --port`
  const reason = reasonOf(error)
  return reason.startsWith('Cannot ') ? reason : `Cannot start the sandbox: ${reason}`
}

function greeting(url: string, kubeconfig: string): string[] {
  return [
    `The sandbox is an in-memory Kubernetes API server at ${url}, for programs on this machine.`,
    '',
    '  It keeps      objects of the built-in kinds and of every CustomResourceDefinition you apply',
    '  It imitates   Deployments, StatefulSets, DaemonSets, Jobs, Pods, volumes and Services: they become ready, or fail',
    '                as their image, command and probes say; garbage collection; namespaces that terminate',
    '  It does not   run containers, pull images, route traffic, call webhooks or evaluate CEL',
    '  It forgets    everything when it ends',
    '',
    'Type in another terminal:',
    '',
    `  export KUBECONFIG=${kubeconfig}`,
    '  kubectl get namespaces',
    '',
    'Ctrl-C ends it.',
  ]
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
