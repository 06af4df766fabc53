// Many small stories on one operator at the same time, each in a namespace of its own, told in phases and conditions.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject } from '../../lib/model/json.ts'
import { hookPod } from './chart.ts'
import { withOperator, type RunningOperator } from './operator.ts'
import { countPasses } from './passes.ts'
import { withRepository, type TestRepository } from './repository.ts'
import { playTogether } from './stories.ts'
import { until } from './until.ts'
import { helmReleaseYaml } from './yaml.ts'

export type Status = {
  observedGeneration?: number
  phase?: string
  revision?: string
  lastAttemptedRevision?: string
  releaseStatus?: string
  rollbackCount?: number
  installFailures?: number
  conditions?: { type: string; status: string; reason: string; message: string }[]
}

export type Scene = {
  operator: RunningOperator
  repository: TestRepository
  namespace: string
  // Creates HelmRelease "web" in the scene's namespace, or edits it: chart web 1.0.0 unless the spec names another.
  write(spec: object, over?: { name?: string; metadata?: object }): Promise<void>
  kubectl(...args: string[]): Promise<string>
  helm(...args: string[]): Promise<string>
  status(name?: string): Status
  // Every phase that a watcher of "web" has seen, one after the other, since the story began or since the last call of next().
  phases(): string[]
  // Forgets the phases seen so far.
  next(): void
  // Waits until a watcher has seen at least these phases, in this order and without others between them.
  sees(...phases: string[]): Promise<void>
  // Waits until the newest spec was attempted and the object rests in this phase.
  rests(phase: string): Promise<Status>
  // Waits until so many more passes over "web" have begun and ended.
  looks(times: number): Promise<void>
  // "Deployed T" and so on in list order, without Ready, which the operator before us did not have.
  conditions(): string[]
  // What the condition says.
  says(type: string): string
  // "3 deployed", newest first.
  history(name?: string): string[]
  // Events about "web", as "Warning FailedReleaseSync: …".
  events(): string[]
}

const kind = 'helmreleases.helm.fluxcd.io'
// A dozen stories share two places for helm.
const patienceMs = 45_000

/** A chart that does what its values say: fail before or after a revision exists, in its hooks or in its tests. */
export const playChart = {
  'values.yaml': 'a: 1\n',
  'templates/configmap.yaml': `{{- if or .Values.refuse (lookup "v1" "ConfigMap" .Release.Namespace "refuse") }}{{ fail "refused" }}{{ end }}
apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }} }
data: { a: {{ .Values.a | quote }} }
`,
  'templates/hook.yaml': `{{- if .Values.break }}\n${hookPod('pre-install,pre-upgrade').replace('-pre-install,pre-upgrade', '-hook').replaceAll('.Values.exit', '.Values.break')}{{- end }}\n`,
  'templates/back.yaml': `{{- if .Values.breakBack }}\n${hookPod('pre-rollback').replaceAll('.Values.exit', '.Values.breakBack')}{{- end }}\n`,
  'templates/away.yaml': `{{- if .Values.breakAway }}\n${hookPod('pre-delete').replaceAll('.Values.exit', '.Values.breakAway')}{{- end }}\n`,
  'templates/test.yaml': hookPod('test').replaceAll('.Values.exit', '.Values.breakTest'),
}

/** Runs `use` with an operator at work and a way to begin stories on it. */
export async function withStage<T>(
  flags: readonly string[],
  use: (open: () => Promise<Scene>) => Promise<T>,
): Promise<T> {
  return await withRepository(async (repository) => {
    await repository.add('web', '1.0.0', playChart)
    await repository.add('web', '1.1.0', playChart)
    return await withOperator(flags, async (operator) => {
      const seen = new Map<string, string[]>()
      const end = operator.api.subscribe(({ definition, object }) => {
        const { namespace = '', name } = object.metadata
        const phase = (object.status as Status | undefined)?.phase
        if (definition.plural !== 'helmreleases' || name !== 'web' || phase === undefined) return
        const phases = seen.get(namespace) ?? []
        if (phases.at(-1) !== phase) seen.set(namespace, [...phases, phase])
      })
      try {
        return await use(async () => await openScene({ operator, repository, seen }))
      } finally {
        end()
      }
    })
  })
}

type Stage = {
  operator: RunningOperator
  repository: TestRepository
  seen: Map<string, string[]>
}

async function openScene({ operator, repository, seen }: Stage): Promise<Scene> {
  const { api } = operator
  const namespace = `s-${randomBytes(3).toString('hex')}`
  await operator.kubectl('create', 'namespace', namespace)
  const read = (name = 'web') => api.get(kind, namespace, name) as KubeObject | undefined
  const status = (name?: string): Status => (read(name)?.status ?? {}) as Status
  let told = 0
  const phases = (): string[] => (seen.get(namespace) ?? []).slice(told)
  const chart = { repository: repository.url, name: 'web', version: '1.0.0' }
  return {
    ...{ operator, repository, namespace, status, phases },
    write: async (spec, { name = 'web', metadata } = {}) => {
      const place = { metadata: { namespace, ...metadata } }
      await operator.apply(helmReleaseYaml(name, { chart, ...spec }, place))
    },
    kubectl: (...args) => operator.kubectl('--namespace', namespace, ...args),
    helm: (...args) => operator.helm('--namespace', namespace, ...args),
    next: () => void (told = seen.get(namespace)?.length ?? 0),
    sees: async (...wanted) => {
      const has = (): boolean => ` ${phases().join(' ')} `.includes(` ${wanted.join(' ')} `)
      await until(wanted.join(' → '), has, patienceMs).catch((error: Error) => {
        throw new Error(`${error.message}; seen: ${phases().join(' → ')}`)
      })
    },
    rests: async (phase) => {
      const isThere = (): boolean => {
        const { observedGeneration = 0, phase: is } = status()
        return is === phase && observedGeneration >= (read()?.metadata.generation ?? 1)
      }
      await until(`rests in ${phase}`, isThere, patienceMs).catch((error: Error) => {
        throw new Error(
          `${error.message}; seen: ${phases().join(' → ')}; ${says(status(), 'Ready')}`,
        )
      })
      return status()
    },
    // The pass that has just shown its phase ends, too.
    looks: async (times) => (await countPasses(operator)).more('web', times + 1, namespace),
    conditions: () =>
      (status().conditions ?? [])
        .filter(({ type }) => type !== 'Ready')
        .map((one) => `${one.type} ${one.status[0]}`),
    says: (type) => says(status(), type),
    history: (name = `${namespace}-web`) =>
      api
        .list('secrets', namespace)
        .map(({ metadata }) => metadata.labels ?? {})
        .filter((labels) => labels.owner === 'helm' && labels.name === name)
        .sort((a, b) => Number(b.version) - Number(a.version))
        .map((labels) => `${labels.version} ${labels.status}`),
    events: () =>
      api
        .list('events', namespace)
        .filter((event) => (event.involvedObject as { name: string }).name === 'web')
        .map((event) => `${String(event.type)} ${String(event.reason)}: ${String(event.message)}`),
  }
}

function says({ conditions = [] }: Status, type: string): string {
  return conditions.find((one) => one.type === type)?.message ?? ''
}

/** Runs `use` with a directory that is gone afterwards. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'stage-'))
  try {
    return await use(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/**
 * Plays all stories at once when the first of them is asked for, and answers how the one of this title went: a test for each,
 * on one operator for all of them.
 */
export function sideBySide(
  flags: readonly string[],
  stories: Readonly<Record<string, (scene: Scene) => Promise<void>>>,
): (title: string) => Promise<void> {
  return playTogether<Scene>((use) => withStage(flags, use), stories)
}
