// Every flag of every command, in one table: what it is called, what it takes, what it does, and its default.

export type FlagKind =
  'boolean' | 'string' | 'list' | 'integer' | 'duration' | 'bytes' | readonly string[]

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
  // Another word than those of its kind means the fallback, as it always has, instead of a mistake.
  isLenient?: true
}

// The flags by which fluxcd/helm-operator spoke to Helm 2.
const tillerFlags: readonly Flag[] = [
  retired('tiller-ip', 'string', ''),
  retired('tiller-port', 'string', ''),
  retired('tiller-namespace', 'string', 'kube-system'),
  retired('tiller-tls-verify', 'boolean', 'false'),
  retired('tiller-tls-enable', 'boolean', 'false'),
  retired('tiller-tls-key-path', 'string', '/etc/fluxd/helm/tls.key'),
  retired('tiller-tls-cert-path', 'string', '/etc/fluxd/helm/tls.crt'),
  retired('tiller-tls-ca-cert-path', 'string', ''),
  retired('tiller-tls-hostname', 'string', ''),
  retired('convert-tiller-out-cluster', 'boolean', 'false'),
  retired('convert-release-storage', 'string', 'secrets'),
]

export const runFlags: readonly Flag[] = [
  flag('version', 'boolean', 'false', 'print the version to stderr and end'),
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
  flag(
    'default-service-account',
    'string',
    '',
    'service account, in the namespace of each HelmRelease, for those without spec.serviceAccountName; empty: the operator itself',
  ),
  flag(
    'no-cross-namespace-refs',
    'boolean',
    'false',
    'refuse references to ConfigMaps and Secrets in other namespaces than that of the HelmRelease',
  ),
  flag(
    'allowed-target-namespaces',
    'list',
    '',
    'globs of the namespaces that may be released to, besides that of the HelmRelease; {namespace} stands for it; empty: all',
  ),
  flag('workers', 'integer', '2', 'helm processes at once'),
  flag(
    'charts-sync-interval',
    'duration',
    '3m',
    'how often each HelmRelease is looked at anew; 0: only when something has changed',
  ),
  flag(
    'status-update-interval',
    'duration',
    '10s',
    'how often, at most, a status tells how far a release is that is waited for',
  ),
  flag(
    'finalizers',
    'boolean',
    'true',
    'keep a deleted HelmRelease until its release is uninstalled',
  ),
  flag('listen', 'string', ':3030', 'address for health, metrics and the sync hook', {
    short: 'l',
  }),
  flag('log-format', ['fmt', 'json'], 'fmt', 'how log lines are written', { isLenient: true }),
  flag(
    'log-release-diffs',
    'boolean',
    'false',
    'log what an upgrade changes in values and chart; what comes from Secrets is masked',
  ),
  flag(
    'validate',
    ['none', 'server'],
    'none',
    'for HelmReleases without spec.validate: server: have the API server dry-run all objects of a release before helm runs',
  ),
  flag(
    'metrics-by-release',
    'boolean',
    'true',
    'time each release on its own; false: all of them together, for thousands of releases',
  ),
  flag(
    'helm-memory-limit',
    'bytes',
    '512Mi',
    'memory that one helm may hold before it is ended; Linux only; 0: any',
  ),
  flag(
    'render-timeout',
    'duration',
    '1m',
    'CPU time that one helm may use before it is ended, as for a template without end; Linux only; 0: any',
  ),
  flag(
    'max-timeout',
    'duration',
    '24h',
    'the longest spec.timeout, rollback.timeout and test.timeout that is granted',
  ),
  flag(
    'sync-hook-secret-file',
    'string',
    '',
    'file with the secret that POST /api/v1/sync-git must prove to know; empty: everybody may',
  ),
  flag(
    'sync-hook-interval',
    'duration',
    '10s',
    'the least time between two looks at git that POST /api/v1/sync-git asks for',
  ),
  flag('graceful-shutdown-timeout', 'duration', '270s', 'how long running helm may take to end'),
  flag('update-chart-deps', 'boolean', 'true', 'update the dependencies of charts from git'),
  flag('git-timeout', 'duration', '20s', 'for each git operation'),
  flag('git-poll-interval', 'duration', '5m', 'how often git repositories are fetched'),
  flag('git-default-ref', 'string', 'master', 'for HelmReleases from git that name no ref'),
  flag('enabled-helm-versions', 'list', 'v3', 'Helm versions to serve; the first is the default', {
    env: 'HELM_VERSION',
  }),
  flag(
    'helm-repository-import',
    'list',
    '',
    'repositories.yaml with credentials of repositories, as v3:<path>',
  ),
  flag(
    'allow-address',
    'list',
    '',
    'addresses and networks (10.0.0.0/8) that charts, values and git may be fetched from although they are link-local, a metadata service or, in a cluster, loopback',
  ),
  flag(
    'allow-local-sources',
    'boolean',
    'false',
    "read charts from paths and file: URLs of the operator's own disk",
  ),
  flag('cache-dir', 'string', '', 'where charts and git mirrors are kept; empty: under $TMPDIR'),
  flag('cache-quota', 'bytes', '1536Mi', 'what all caches may take of the disk together'),
  flag('cache-quota-archives', 'bytes', '512Mi', 'what chart archives may take of it'),
  flag('cache-quota-exports', 'bytes', '512Mi', 'what charts from git may take of it'),
  flag('cache-quota-indexes', 'bytes', '512Mi', 'what indexes of repositories may take of it'),
  flag('cache-quota-mirrors', 'bytes', '1Gi', 'what copies of git repositories may take of it'),
  ...tillerFlags,
]

export const demoFlags: readonly Flag[] = [
  flag('exit', 'boolean', 'false', 'end when everything has settled'),
  flag('port', 'integer', '0', 'port of the sandbox; 0: any free one'),
  flag('log-format', ['fmt', 'json'], 'fmt', 'how log lines are written'),
]

export const sandboxFlags: readonly Flag[] = [
  flag('port', 'integer', '0', 'port to listen on, on the loopback address; 0: any free one'),
  flag('kubeconfig', 'string', '', 'file to write the kubeconfig to; empty: a temporary one'),
  flag('tls', 'boolean', 'false', 'serve HTTPS, where clients must say who they are'),
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

function retired(name: string, kind: FlagKind, fallback: string): Flag {
  const why = 'there is no Tiller to speak to; Helm 2 is not served'
  return flag(name, kind, fallback, `nothing any more: ${why}`, { retired: why })
}
