// The contract as a person sees it: the real kubectl, command by command, against the sandbox and against the real thing.
import { suite } from 'uvu'
import { accessCases } from './kubectl/access.ts'
import { applyingCases } from './kubectl/applying.ts'
import { changingCases } from './kubectl/changing.ts'
import { lookingCases } from './kubectl/looking.ts'
import { rolloutCases } from './kubectl/rollouts.ts'
import { runCase, type KubectlCase } from './kubectlscope.ts'

// Gives a kubeconfig for as long as `use` runs.
export type WithCluster = (use: (kubeconfig: string) => Promise<void>) => Promise<void>

const groups: [name: string, cases: readonly KubectlCase[]][] = [
  ['kubectl looks', lookingCases],
  ['kubectl applies', applyingCases],
  ['kubectl changes', changingCases],
  ['kubectl rolls out', rolloutCases],
  ['kubectl asks who may do what', accessCases],
]

/** Registers one suite per group of cases. */
export function registerKubectlContract(server: string, withCluster: WithCluster): void {
  for (const [name, cases] of groups) {
    const test = suite(`${name} at ${server}`)
    for (const one of cases)
      test(one.title, () => withCluster((kubeconfig) => runCase(kubeconfig, one)))
    test.run()
  }
}
