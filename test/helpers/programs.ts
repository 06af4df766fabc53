// Real kubectl and helm on a test's own sandbox, each with its own cache and configuration.
import { join } from 'node:path'
import process from 'node:process'
import { createRunner, type RunOptions } from '../../lib/edge/exec.ts'
import { testBinaries } from './binaries.ts'
import { withPatience } from './deadline.ts'
import type { RunningSandbox } from './sandbox.ts'

export type Program = (args: readonly string[], options?: RunOptions) => Promise<string>
export type Programs = { kubectl: Program; helm3: Program; helm4: Program }

/** Each runs its program and answers what it printed; a failure is thrown with the end of its stderr as the message. */
export async function programsFor({
  kubeconfig,
  directory,
}: Pick<RunningSandbox, 'kubeconfig' | 'directory'>): Promise<Programs> {
  const binaries = await testBinaries()
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: join(directory, 'kubectl-cache'),
    HELM_CACHE_HOME: join(directory, 'helm', 'cache'),
    HELM_CONFIG_HOME: join(directory, 'helm', 'config'),
    HELM_DATA_HOME: join(directory, 'helm', 'data'),
  }
  const run = createRunner({ env })
  const program =
    (path: string): Program =>
    async (args, options) => {
      try {
        return (await run([path, ...withPatience(args)], options)).stdout
      } catch (error) {
        throw new Error((error as { stderr?: string }).stderr || String(error), { cause: error })
      }
    }
  return {
    kubectl: program(binaries.kubectl),
    helm3: program(binaries.helm3),
    helm4: program(binaries.helm4),
  }
}

/** The message a promise is rejected with; fails when it is not. */
export async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it did not fail')
}
