// What the operator is told at start, checked and in our own units.
import { isAccountName } from '../api/legacy/identity.ts'
import { parseNetwork } from '../edge/net/address-policy.ts'
import type { UsageLimits } from '../edge/process-usage.ts'
import type { Validation } from '../model/release.ts'
import type { TenancyPolicy } from '../plan/tenancy.ts'
import { runFlags } from './flags.ts'
import { parseFlags, UsageError, type Values } from './parse.ts'

export type Config = {
  kubeconfig?: string
  context?: string
  // The API server's address, if not the kubeconfig's.
  server?: string
  // Absent: all namespaces.
  namespace?: string
  tenancy: TenancyPolicy
  workers: number
  syncIntervalMs: number
  statusIntervalMs: number
  finalizers: boolean
  listen: { host?: string; port: number }
  logFormat: 'fmt' | 'json'
  logDiffs: boolean
  // For HelmReleases that do not say.
  validate: Validation
  metricsByRelease: boolean
  shutdownMs: number
  helmLimits: UsageLimits
  maxTimeoutMs: number
  // secretFile: absent when everybody may call it.
  syncHook: { intervalMs: number; secretFile?: string }
  updateChartDeps: boolean
  git: { timeoutMs: number; pollMs: number; defaultRef: string }
  // Are charts read from the operator's own disk?
  allowLocalSources: boolean
  helmVersions: readonly string[]
  // Files of the form of Helm's repositories.yaml.
  importedRepositories: readonly string[]
  cacheDir?: string
  // Addresses and networks that are fetched from whatever they are.
  allowedAddresses: readonly string[]
  // In bytes.
  cacheQuota: { total: number } & Record<'archives' | 'exports' | 'indexes' | 'mirrors', number>
  // What was typed and means nothing, to be said once.
  warnings: readonly Warning[]
}
export type Warning = { message: string; flag: string; why: string }

/** The configuration of `run`; throws UsageError with one line for whoever typed it. */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const flags = parseFlags(runFlags, args, env)
  const workers = flags.number('workers')
  if (workers < 1)
    throw new UsageError('invalid value "0" for flag "--workers": must be at least 1')
  const versions = readVersions(
    flags.list('enabled-helm-versions'),
    flags.given.includes('enabled-helm-versions') || !env['HELM_VERSION']
      ? 'flag "--enabled-helm-versions"'
      : 'variable "HELM_VERSION"',
  )
  const imports = readImports(flags.list('helm-repository-import'))
  const optional = <Name extends string>(name: Name, value: string): { [key in Name]?: string } =>
    value === '' ? {} : ({ [name]: value } as { [key in Name]?: string })
  return {
    ...optional('kubeconfig', flags.text('kubeconfig')),
    ...optional('context', flags.text('context')),
    ...optional('server', flags.text('master')),
    ...optional('namespace', flags.text('namespace') || flags.text('allow-namespace')),
    ...optional('cacheDir', flags.text('cache-dir')),
    tenancy: readTenancy(flags),
    workers,
    // As fluxcd/helm-operator took it.
    syncIntervalMs:
      flags.number('charts-sync-interval') === 0
        ? Infinity
        : atLeast(1_000, 'charts-sync-interval', flags.number('charts-sync-interval')),
    statusIntervalMs: atLeast(
      1_000,
      'status-update-interval',
      flags.number('status-update-interval'),
    ),
    finalizers: flags.isOn('finalizers'),
    listen: parseListen(flags.text('listen')),
    logFormat: flags.text('log-format') === 'json' ? 'json' : 'fmt',
    logDiffs: flags.isOn('log-release-diffs'),
    validate: flags.text('validate') === 'server' ? 'server' : 'none',
    metricsByRelease: flags.isOn('metrics-by-release'),
    shutdownMs: flags.number('graceful-shutdown-timeout'),
    helmLimits: {
      residentBytes: flags.number('helm-memory-limit'),
      cpuMs: flags.number('render-timeout'),
    },
    maxTimeoutMs: atLeast(1_000, 'max-timeout', flags.number('max-timeout')),
    syncHook: {
      intervalMs: flags.number('sync-hook-interval'),
      ...optional('secretFile', flags.text('sync-hook-secret-file')),
    },
    updateChartDeps: flags.isOn('update-chart-deps'),
    git: {
      timeoutMs: atLeast(1_000, 'git-timeout', flags.number('git-timeout')),
      pollMs: atLeast(1_000, 'git-poll-interval', flags.number('git-poll-interval')),
      defaultRef: flags.text('git-default-ref'),
    },
    cacheQuota: readQuota(flags),
    allowLocalSources: flags.isOn('allow-local-sources'),
    helmVersions: versions.known,
    importedRepositories: imports.paths,
    allowedAddresses: readAddresses(flags.list('allow-address')),
    warnings: [
      ...warnOfRetired(flags.given),
      ...warnOfFormat(flags.text('log-format')),
      ...versions.warnings,
      ...imports.warnings,
    ],
  }
}

// Shorter intervals are a typing mistake ("3" for "3m" is refused earlier) that would keep the operator busy with itself.
function atLeast(leastMs: number, name: string, ms: number): number {
  if (ms < leastMs)
    throw new UsageError(`invalid value for flag "--${name}": must be at least ${leastMs / 1000}s`)
  return ms
}

function readTenancy(flags: Values): TenancyPolicy {
  const account = flags.text('default-service-account')
  const globs = flags.list('allowed-target-namespaces')
  const refuse = (value: string, flag: string, wanted: string): never => {
    throw new UsageError(`invalid value "${value}" for flag "--${flag}": ${wanted}`)
  }
  if (account !== '' && !isAccountName(account))
    refuse(account, 'default-service-account', 'must be the name of a service account')
  const wrong = globs.find((glob) => !/^(?:[-a-z0-9*?]|\{namespace\})+$/.test(glob))
  if (wrong !== undefined)
    refuse(
      wrong,
      'allowed-target-namespaces',
      'must be names of namespaces, with "*", "?" or "{namespace}" in them',
    )
  return {
    ...(account === '' ? {} : { defaultServiceAccount: account }),
    noCrossNamespaceRefs: flags.isOn('no-cross-namespace-refs'),
    ...(globs.length === 0 ? {} : { allowedTargetNamespaces: globs }),
  }
}

function readAddresses(given: readonly string[]): readonly string[] {
  const wrong = given.find((text) => parseNetwork(text) === undefined)
  if (wrong !== undefined)
    throw new UsageError(
      `invalid value "${wrong}" for flag "--allow-address": must be addresses or networks such as "10.0.0.0/8"`,
    )
  return given
}

// No chart and no index fits into less.
const leastQuota = 1024 * 1024

function readQuota(flags: Values): Config['cacheQuota'] {
  const read = (name: string): number => {
    const bytes = flags.number(name)
    if (bytes >= leastQuota) return bytes
    throw new UsageError(`invalid value for flag "--${name}": must be at least 1Mi`)
  }
  return {
    total: read('cache-quota'),
    archives: read('cache-quota-archives'),
    exports: read('cache-quota-exports'),
    indexes: read('cache-quota-indexes'),
    mirrors: read('cache-quota-mirrors'),
  }
}

function parseListen(text: string): Config['listen'] {
  const [, host, port] = /^(.*):(\d+)$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535)
    throw new UsageError(`invalid value "${text}" for flag "--listen": must be [host]:port`)
  return { ...(host ? { host: host.replace(/^\[(.*)\]$/, '$1') } : {}), port: Number(port) }
}

function warnOfRetired(given: readonly string[]): Warning[] {
  return runFlags.flatMap(({ name, retired }) =>
    retired === undefined || !given.includes(name)
      ? []
      : [{ message: 'flag has no effect', flag: `--${name}`, why: retired }],
  )
}

// As fluxcd/helm-operator, which lost nobody over one version too many.
function readVersions(
  versions: readonly string[],
  from: string,
): { known: readonly string[]; warnings: readonly Warning[] } {
  const known = versions.filter((version) => ['v2', 'v3', 'v4'].includes(version))
  const unknown = versions.filter((version) => !known.includes(version))
  if (known.every((version) => version === 'v2'))
    throw new UsageError(
      `invalid value "${versions.join()}" for ${from}: ` +
        (known.length > 0
          ? 'Helm 2 is not served, and releases of it are left alone; add v3, behind v2 or alone'
          : 'must be one or more of v3, v4'),
    )
  const warn = (why: string): Warning => ({
    ...{ message: 'Helm version is not served', flag: '--enabled-helm-versions', why },
  })
  const who = known[0] === 'v2' ? 'v2 or of no helmVersion' : 'v2'
  return {
    known,
    warnings: [
      ...unknown.map((version) => warn(`there is no version "${version}"`)),
      ...(known.includes('v2')
        ? [
            warn(
              `"v2" needs Tiller; HelmReleases of ${who} are refused, and their releases left alone`,
            ),
          ]
        : []),
    ],
  }
}

// As fluxcd/helm-operator, to which all other words meant fmt.
function warnOfFormat(format: string): Warning[] {
  if (format === 'fmt' || format === 'json') return []
  const why = `"${format}" is neither "fmt" nor "json"; "fmt" is taken`
  return [{ message: 'flag has no effect', flag: '--log-format', why }]
}

function readImports(pairs: readonly string[]): {
  paths: readonly string[]
  warnings: readonly Warning[]
} {
  const flag = '--helm-repository-import'
  const paths = new Set<string>()
  const warnings: Warning[] = []
  for (const pair of pairs) {
    const [version = '', path = '', ...more] = pair.split(':')
    const skip = (why: string): number =>
      warnings.push({ message: 'repositories not imported', flag, why })
    if (path === '' || more.length > 0) skip(`"${pair}" is not of the form v3:<path>`)
    else if (version === 'v3' || version === 'v4') paths.add(path)
    else if (version === 'v2') skip(`"${pair}" is for Helm 2, which is not served`)
    else skip(`"${pair}" is for an unknown version`)
  }
  return { paths: [...paths], warnings }
}
