// Every flag of every command, in one table: what it is called, what it takes, what it does, and its default.

export type FlagKind = 'boolean' | 'string' | 'list' | 'integer' | 'duration' | readonly string[]

export type Flag = {
  name: string
  kind: FlagKind
  // As a user would write it.
  fallback: string
  help: string
  // Which environment variable gives the default.
  env?: string
  short?: string
  // What an old flag is told: it is accepted and means nothing.
  retired?: string
}

export const runFlags: readonly Flag[] = [
  flag(
    'kubeconfig',
    'string',
    '',
    'kubeconfig file; empty: $KUBECONFIG, ~/.kube/config or the pod',
  ),
  flag('context', 'string', '', 'context of the kubeconfig; empty: its current one'),
  flag('master', 'string', '', 'address of the API server, instead of the one in the kubeconfig'),
  flag('namespace', 'string', '', 'watch HelmReleases in this namespace only; empty: in all'),
  flag('allow-namespace', 'string', '', 'the same as --namespace, as older releases called it'),
  flag('workers', 'integer', '2', 'helm processes at once'),
  flag('charts-sync-interval', 'duration', '3m', 'how often each HelmRelease is looked at anew'),
  flag(
    'finalizers',
    'boolean',
    'true',
    'keep a deleted HelmRelease until its release is uninstalled',
  ),
  flag('listen', 'string', ':3030', 'address for health, metrics and the sync hook', {
    short: 'l',
  }),
  flag('log-format', ['fmt', 'json'], 'fmt', 'how log lines are written'),
  flag('graceful-shutdown-timeout', 'duration', '270s', 'how long running helm may take to end'),
  flag('update-chart-deps', 'boolean', 'true', 'update the dependencies of charts from git'),
  flag('git-timeout', 'duration', '20s', 'for each git operation'),
  flag('git-poll-interval', 'duration', '5m', 'how often git repositories are fetched'),
  flag('git-default-ref', 'string', 'master', 'for HelmReleases from git that name no ref'),
  flag('enabled-helm-versions', 'list', 'v3', 'Helm versions to serve; the first is the default', {
    env: 'HELM_VERSION',
  }),
  flag('cache-dir', 'string', '', 'where charts and git mirrors are kept; empty: under $TMPDIR'),
]

export const demoFlags: readonly Flag[] = [
  flag('exit', 'boolean', 'false', 'end when everything has settled'),
  flag('port', 'integer', '0', 'port of the sandbox; 0: any free one'),
  flag('log-format', ['fmt', 'json'], 'fmt', 'how log lines are written'),
]

export const sandboxFlags: readonly Flag[] = [
  flag('port', 'integer', '0', 'port to listen on, on the loopback address; 0: any free one'),
  flag('kubeconfig', 'string', '', 'file to write the kubeconfig to; empty: a temporary one'),
]

function flag(
  name: string,
  kind: FlagKind,
  fallback: string,
  help: string,
  more: Partial<Flag> = {},
): Flag {
  return { name, kind, fallback, help, ...more }
}
