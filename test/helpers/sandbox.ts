// A sandbox for one test: listening on a free port, with a kubeconfig in a directory of its own, and gone afterwards.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubeconfigOf } from '../../lib/sandbox/kubeconfig.ts'
import { listen, listenSecurely } from '../../lib/sandbox/listen.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../lib/sandbox/sandbox.ts'
import type { SandboxClock } from '../../lib/sandbox/types.ts'
import { startWorkloads } from '../../lib/sandbox/workloads/start.ts'

export type SandboxTest = Partial<SandboxOptions> & {
  // Let Deployments, Jobs and Pods live; speed is sandbox seconds per second.
  workloads?: { speed?: number }
  // Over HTTPS, with the administrator's token in the kubeconfig.
  tls?: boolean
}

export type RunningSandbox = {
  sandbox: Sandbox
  url: string
  kubeconfig: string
  // The test's own directory, 0700.
  directory: string
}

/** Real time for a sandbox; its timers do not keep the process alive. */
export function realClock(): SandboxClock {
  return {
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms)
      timer.unref()
      return () => clearTimeout(timer)
    },
  }
}

/** Runs `use` with a listening sandbox; whatever happens, the port and the directory are gone afterwards. */
export async function withSandbox<T>(
  { workloads, tls = false, ...options }: SandboxTest,
  use: (running: RunningSandbox) => Promise<T>,
): Promise<T> {
  const parts = { clock: realClock(), random: Math.random, ...options }
  const sandbox = createSandbox(parts)
  const endWorkloads = workloads && startWorkloads({ ...parts, ...workloads, api: sandbox.api })
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-test-'))
  const listener = await (tls ? listenSecurely : listen)(sandbox, { port: 0 })
  try {
    const kubeconfig = join(directory, 'kubeconfig')
    const { adminToken: token, authority } = sandbox
    const secured = tls ? { token, authority } : undefined
    await writeFile(kubeconfig, kubeconfigOf(listener.url, secured), { mode: 0o600 })
    return await use({ sandbox, url: listener.url, kubeconfig, directory })
  } finally {
    endWorkloads?.()
    sandbox.stop()
    await listener.close()
    await rm(directory, { recursive: true, force: true })
  }
}
