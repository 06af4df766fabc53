// How helm is spoken to: one argument list for each operation. What the majors call differently is asked of their dialect.
// Names that users chose stand behind "--", so that none of them is ever read as a flag.
import { userOf, type Identity } from '../model/identity.ts'
import type { ApplyMethod } from '../model/release.ts'
import type { DependencyTarget, HelmFiles, PullTarget, UninstallTarget } from '../model/ports.ts'

/** The differences between the Helms. */
export type Dialect = {
  readonly major: 3 | 4
  // Flags for a helm that returns only when everything is ready.
  wait: readonly string[]
  // Flags that say how objects are written; every field that the chart sets is the chart's, whoever wrote it last.
  apply(how: { force: boolean; method: ApplyMethod }): readonly string[]
  // Does an install write CRDs of the chart's crds/ over those that are there? Then they are left to the operator.
  changesCrds(how: { force: boolean; method: ApplyMethod }): boolean
  // Flags for a rollback that also restarts pods, where that can be had.
  recreatePods: readonly string[]
}

/** The cluster that helm talks to; what is left out, helm finds as kubectl does. */
export type ClusterAccess = { kubeconfig?: string; context?: string; server?: string }

export type UpgradeOptions = {
  releaseName: string
  targetNamespace: string
  chartPath: string
  valuesFile: string
  timeoutMs: number
  maxHistory: number
  wait: boolean
  skipCrds: boolean
  disableOpenApiValidation: boolean
  // Of values, on top of which the given ones are laid; on an install there is no previous revision.
  base: 'chart' | 'previous'
  force: boolean
  method: ApplyMethod
}

/** helm upgrade --install: never creates the namespace, never rolls back or uninstalls by itself. */
export function upgradeArgs(dialect: Dialect, options: UpgradeOptions): string[] {
  return [
    'upgrade',
    '--install',
    ...inNamespace(options),
    // In one word: whoever looks for helms that a dead operator left behind knows them by it.
    `--values=${options.valuesFile}`,
    ...['--history-max', String(options.maxHistory)],
    options.base === 'previous' ? '--reuse-values' : '--reset-values',
    ...(options.wait ? dialect.wait : []),
    ...(options.skipCrds || dialect.changesCrds(options) ? ['--skip-crds'] : []),
    ...(options.disableOpenApiValidation ? ['--disable-openapi-validation'] : []),
    ...dialect.apply(options),
    ...['--', options.releaseName, options.chartPath],
  ]
}

/** The same without changing anything: prints what would be stored, as JSON. The API server is asked for what templates look up. */
export function dryRunArgs(
  dialect: Dialect,
  options: UpgradeOptions & { version: string },
): string[] {
  const [command = '', ...args] = upgradeArgs(dialect, options)
  return [command, dryRunFlag(options.version), '--output=json', ...args]
}

/** Renders without a cluster, CRDs of crds/ included and tests left out: prints the manifest. */
export function templateArgs(options: UpgradeOptions): string[] {
  return [
    'template',
    ...inNamespace(options),
    `--values=${options.valuesFile}`,
    ...['--include-crds', '--skip-tests'],
    ...['--', options.releaseName, options.chartPath],
  ]
}

// Before 3.13 a dry run always spoke to the server, and its flag took no such word.
function dryRunFlag(version: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major === 3 && minor < 13 ? '--dry-run' : '--dry-run=server'
}

export type RollbackOptions = {
  releaseName: string
  targetNamespace: string
  revision: number
  timeoutMs: number
  wait: boolean
  disableHooks: boolean
  recreate: boolean
  force: boolean
  method: ApplyMethod
}

/** helm rollback to one revision. It prunes no history: the next upgrade does. */
export function rollbackArgs(dialect: Dialect, options: RollbackOptions): string[] {
  return [
    'rollback',
    ...inNamespace(options),
    ...['--history-max', '0'],
    ...(options.wait ? dialect.wait : []),
    ...(options.disableHooks ? ['--no-hooks'] : []),
    ...(options.recreate ? dialect.recreatePods : []),
    ...dialect.apply(options),
    ...['--', options.releaseName, String(options.revision)],
  ]
}

/** helm test: its exit code is the verdict. */
export function testArgs(options: UninstallTarget & { timeoutMs: number }): string[] {
  return ['test', ...inNamespace(options), '--', options.releaseName]
}

/** helm uninstall, history and all. */
export function uninstallArgs(options: UninstallTarget & { timeoutMs: number }): string[] {
  return ['uninstall', ...inNamespace(options), '--', options.releaseName]
}

/** helm pull of one archive. */
export function pullArgs(options: PullTarget): string[] {
  return [
    'pull',
    ...filesOf(options),
    ...['--destination', options.destination],
    ...(options.version === undefined ? [] : ['--version', options.version]),
    ...(options.plainHttp ? ['--plain-http'] : []),
    ...['--', options.chart],
  ]
}

/** helm dependency update of a chart's directory. */
export function dependencyArgs(options: DependencyTarget): string[] {
  return ['dependency', 'update', ...filesOf(options), '--', options.chartPath]
}

/** The flags by which any helm command finds its cluster, and as whom it speaks to it. */
export function accessArgs(
  { kubeconfig, context, server }: ClusterAccess,
  identity: Identity,
): string[] {
  return [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--kube-context', context]),
    ...(server === undefined ? [] : ['--kube-apiserver', server]),
    ...(identity === undefined ? [] : ['--kube-as-user', userOf(identity)]),
  ]
}

function inNamespace(options: { targetNamespace: string; timeoutMs: number }): string[] {
  return ['--namespace', options.targetNamespace, '--timeout', `${options.timeoutMs}ms`]
}

function filesOf(files: HelmFiles): string[] {
  return fileFlags.flatMap(([name, flag]) => (files[name] === undefined ? [] : [flag, files[name]]))
}

const fileFlags = [
  ['repositoryConfig', '--repository-config'],
  ['repositoryCache', '--repository-cache'],
  ['registryConfig', '--registry-config'],
  ['caFile', '--ca-file'],
  ['certFile', '--cert-file'],
  ['keyFile', '--key-file'],
] as const
