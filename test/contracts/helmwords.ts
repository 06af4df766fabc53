// Short words for a release "web" on a bench, for the contract that every Helm keeps.
import type { suite } from 'uvu'
import { join } from 'node:path'
import { ReconcileError } from '../../lib/model/errors.ts'
import type { Identity } from '../../lib/model/identity.ts'
import type { JsonObject } from '../../lib/model/json.ts'
import type { History, HelmRelease } from '../../lib/model/release.ts'
import type { Artifact } from '../../lib/model/source.ts'
import { writeChart } from '../helpers/chart.ts'
import { configMaps, withBench, withGround, type HelmBench } from '../helpers/helm.ts'
import { helmRelease } from '../helpers/release.ts'
import { playInTurn } from '../helpers/stories.ts'

export type Upgrade = { values?: JsonObject; release?: Partial<HelmRelease>; secrets?: string[] }
export type Web = ReturnType<typeof webOf>
export type Check = (
  title: string,
  files: Readonly<Record<string, string>>,
  body: (web: Web, chart: Artifact, bench: HelmBench) => Promise<void>,
) => void

/** Registers tests that get a bench on one cluster for all, a release and a chart of these files. */
export function checksOf(test: ReturnType<typeof suite>, major: 3 | 4): Check {
  const stories = new Map<string, (bench: HelmBench) => Promise<void>>()
  const play = playInTurn<HelmBench>(
    (use) => withGround((ground) => use((story) => withBench(major, ground, story))),
    stories,
  )
  return (title, files, body) => {
    stories.set(title, async (bench) => {
      await body(webOf(bench), await writeChart(join(bench.directory, 'chart'), files), bench)
    })
    test(title, () => play(title))
  }
}

function webOf({ driver, storage, cluster, namespace }: HelmBench) {
  const call = (over: Upgrade & { signal?: AbortSignal } = {}) => ({
    release: helmRelease({ releaseName: 'web', targetNamespace: namespace, ...over.release }),
    timeoutMs: over.release?.timeoutMs ?? 20_000,
    secrets: over.secrets ?? [],
    signal: over.signal ?? new AbortController().signal,
  })
  const history = (): Promise<History> => storage.history(namespace, 'web')
  return {
    call,
    history,
    install: (chart: Artifact, over: Upgrade & { signal?: AbortSignal } = {}) =>
      driver.install({ ...call(over), artifact: chart, values: over.values ?? {} }),
    upgrade: async (chart: Artifact, over: Upgrade = {}) => {
      const [newest] = await history()
      const { applyMethod = 'client' } = newest ?? {}
      const values = over.values ?? {}
      await driver.upgrade({ ...call(over), artifact: chart, values, applyMethod })
    },
    uninstall: (identity?: Identity) =>
      driver.uninstall({
        ...{ ...call(), identity },
        ...{ releaseName: 'web', targetNamespace: namespace },
      }),
    // "2 failed", newest first.
    revisions: async () => (await history()).map(({ revision, status }) => `${revision} ${status}`),
    // What stands in ConfigMap "web".
    data: async () => (await cluster.get(configMaps, 'web', namespace))?.data,
  }
}

/** The ReconcileError that a promise ends with; fails when it does not. */
export async function refusal(promise: Promise<unknown>): Promise<ReconcileError> {
  const error = await promise.then(
    () => new Error('nothing was refused'),
    (reason: unknown) => reason,
  )
  if (error instanceof ReconcileError) return error
  throw error
}
