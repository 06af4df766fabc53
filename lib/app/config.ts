// What the operator is told at start, checked and in our own units.
import { runFlags } from './flags.ts'
import { parseFlags, UsageError } from './parse.ts'

export type Config = {
  kubeconfig?: string
  context?: string
  master?: string
  // Absent: all namespaces.
  namespace?: string
  workers: number
  syncIntervalMs: number
  finalizers: boolean
  listen: { host?: string; port: number }
  logFormat: 'fmt' | 'json'
  shutdownMs: number
  updateChartDeps: boolean
  git: { timeoutMs: number; pollMs: number; defaultRef: string }
  helmVersions: readonly string[]
  cacheDir?: string
}

/** The configuration of `run`; throws UsageError with one line for whoever typed it. */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const flags = parseFlags(runFlags, args, env)
  const workers = flags.number('workers')
  if (workers < 1)
    throw new UsageError('invalid value "0" for flag "--workers": must be at least 1')
  const optional = <Name extends string>(name: Name, value: string): { [key in Name]?: string } =>
    value === '' ? {} : ({ [name]: value } as { [key in Name]?: string })
  return {
    ...optional('kubeconfig', flags.text('kubeconfig')),
    ...optional('context', flags.text('context')),
    ...optional('master', flags.text('master')),
    ...optional('namespace', flags.text('namespace') || flags.text('allow-namespace')),
    ...optional('cacheDir', flags.text('cache-dir')),
    workers,
    syncIntervalMs: atLeast(1_000, 'charts-sync-interval', flags.number('charts-sync-interval')),
    finalizers: flags.isOn('finalizers'),
    listen: parseListen(flags.text('listen')),
    logFormat: flags.text('log-format') === 'json' ? 'json' : 'fmt',
    shutdownMs: flags.number('graceful-shutdown-timeout'),
    updateChartDeps: flags.isOn('update-chart-deps'),
    git: {
      timeoutMs: atLeast(1_000, 'git-timeout', flags.number('git-timeout')),
      pollMs: atLeast(1_000, 'git-poll-interval', flags.number('git-poll-interval')),
      defaultRef: flags.text('git-default-ref'),
    },
    helmVersions: readVersions(flags.list('enabled-helm-versions')),
  }
}

// Shorter intervals are a typing mistake ("3" for "3m" is refused earlier) that would keep the operator busy with itself.
function atLeast(leastMs: number, name: string, ms: number): number {
  if (ms < leastMs)
    throw new UsageError(`invalid value for flag "--${name}": must be at least ${leastMs / 1000}s`)
  return ms
}

function parseListen(text: string): Config['listen'] {
  const [, host, port] = /^(.*):(\d+)$/.exec(text) ?? []
  if (port === undefined || Number(port) > 65_535)
    throw new UsageError(`invalid value "${text}" for flag "--listen": must be [host]:port`)
  return { ...(host ? { host: host.replace(/^\[(.*)\]$/, '$1') } : {}), port: Number(port) }
}

function readVersions(versions: readonly string[]): readonly string[] {
  const known = ['v2', 'v3', 'v4']
  const unknown = versions.find((version) => !known.includes(version))
  if (unknown !== undefined || versions.length === 0)
    throw new UsageError(
      `invalid value "${unknown ?? ''}" for flag "--enabled-helm-versions": must be one or more of ${known.join(', ')}`,
    )
  return versions
}
