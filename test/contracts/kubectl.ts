// The contract as a person sees it: the real kubectl, command by command, against the sandbox and against the real thing.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/** Registers one suite per group of cases. All cases are run on one cluster when the first of them is asked for. */
export function registerKubectlContract(server: string, withCluster: WithCluster): void {
  let played: Promise<Map<KubectlCase, Outcome>> | undefined
  for (const [name, cases] of groups) {
    const test = suite(`${name} at ${server}`)
    for (const one of cases)
      test(one.title, async () => {
        const outcome = (await (played ??= playAll(withCluster))).get(one)
        if (outcome?.ok !== true) throw outcome?.failure
      })
    test.run()
  }
}

type Outcome = { ok: true } | { ok: false; failure: unknown }

async function playAll(withCluster: WithCluster): Promise<Map<KubectlCase, Outcome>> {
  const outcomes = new Map<KubectlCase, Outcome>()
  await withCluster(async (kubeconfig) => {
    // What is served is found out once, as at anybody's desk.
    const cache = await mkdtemp(join(tmpdir(), 'kubectl-cache-'))
    try {
      for (const one of groups.flatMap(([, cases]) => cases))
        outcomes.set(
          one,
          await runCase({ kubeconfig, cache }, one).then(
            () => ({ ok: true }),
            (failure: unknown) => ({ ok: false, failure }),
          ),
        )
    } finally {
      await rm(cache, { recursive: true, force: true })
    }
  })
  return outcomes
}
