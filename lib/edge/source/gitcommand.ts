// Runs git: with an environment of our choosing, within a time limit, never asking anybody anything, and with credentials
// that stand in files only while it runs.
import pLimit from 'p-limit'
import type { Env } from '../child.ts'
import type { Run } from '../exec.ts'
import type { Workdir } from '../workdir.ts'
import { withFiles } from './files.ts'
import { explainGitFailure, type GitTask } from './gitfailure.ts'

/** What a Secret gives for a repository. */
export type GitAccess = {
  url: string
  // Does a Secret say how to get in? Then nothing else does: no key, helper or password of the operator's own.
  isExclusive?: boolean
  username?: string
  password?: string
  // A private key, and who may be believed to be the host.
  identity?: string
  knownHosts?: string
  // Whose certificates to believe instead of the system's, PEM.
  ca?: string
}

export type GitCall = GitTask & {
  access: GitAccess
  args: readonly string[]
  env?: Env
  stdin?: string
  timeoutMs?: number
  // A git that prints more is ended: see isTooLong().
  maxOutputBytes?: number
  signal: AbortSignal
}
export type Git = (call: GitCall) => Promise<string>

export type GitOptions = {
  run: Run
  workdir: Workdir
  // The operator's own environment.
  env: Env
  timeoutMs: number
  // May remotes be on this machine's disk?
  allowLocal: boolean
  // Variables that send git's HTTP through our proxy.
  fetchEnv: Env
}

// What fluxcd/helm-operator let through, what finds programs and certificates, and the agent of whoever runs us at home.
const passed =
  /^(?:PATH|HOME|USER|LOGNAME|TMPDIR|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|GIT_PROXY_COMMAND|GNUPGHOME|SECRETS_\w+|CLOUDSDK_\w+|NSS_WRAPPER_\w+|LD_PRELOAD|AWS_WEB_IDENTITY_TOKEN_FILE|AWS_ROLE_ARN|SSL_CERT_(?:FILE|DIR)|GIT_SSL_CAINFO|SSH_AUTH_SOCK)$/
const parallel = 4
// Hosts that do not answer must not keep the others waiting.
const parallelFetches = 16

/** git as a function: its output, or a ReconcileError Git…, ProgramMissing or DiskFull. */
export function createGit(options: GitOptions): Git {
  const { run, workdir, env: host, timeoutMs, allowLocal, fetchEnv } = options
  const [limit, limitFetches] = [pLimit(parallel), pLimit(parallelFetches)]
  const patienceS = Math.ceil(timeoutMs / 1_000)
  const removed = Object.keys(host).filter((name) => !passed.test(name))
  const base: Env = {
    ...Object.fromEntries(removed.map((name) => [name, undefined])),
    ...fetchEnv,
    GIT_TERMINAL_PROMPT: '0',
    // "ext::" would run any command a HelmRelease names, and "file" read any repository of this machine.
    GIT_ALLOW_PROTOCOL: `${allowLocal ? 'file:' : ''}git:http:https:ssh`,
    GIT_LFS_SKIP_SMUDGE: '1',
    // Failures are told by their words.
    LC_ALL: 'C',
  }
  return (call) =>
    (call.verb === 'fetch' ? limitFetches : limit)(async () => {
      call.signal.throwIfAborted()
      const patience = call.timeoutMs ?? timeoutMs
      try {
        const { access } = call
        const { stdout } = await withCredentials(
          { run, workdir, access, patienceS },
          (config, env) =>
            run(['git', '--literal-pathspecs', ...config, ...call.args], {
              env: { ...base, ...env, ...call.env },
              timeoutMs: patience,
              signal: call.signal,
              ...(call.stdin === undefined ? {} : { stdin: call.stdin }),
              ...(call.maxOutputBytes === undefined ? {} : { maxOutputBytes: call.maxOutputBytes }),
            }),
        )
        return stdout
      } catch (error) {
        throw explainGitFailure(error, { ...call, timeoutMs: patience })
      }
    })
}

type CredentialsTask = Pick<GitOptions, 'run' | 'workdir'> & {
  access: GitAccess
  patienceS: number
}
type Use = (config: readonly string[], env: Env) => Promise<{ stdout: string }>

async function withCredentials(
  { run, workdir, access, patienceS }: CredentialsTask,
  use: Use,
): Promise<{ stdout: string }> {
  // Without a terminal an unknown host or key fails at once, whatever ssh_config says of asking.
  const ssh = ['ssh', '-o', 'BatchMode=yes', '-o', `ConnectTimeout=${patienceS}`]
  const contents = {
    'git-credentials': storedCredentials(access),
    ca: access.ca,
    identity: inLines(access.identity),
    known_hosts: inLines(access.knownHosts),
  }
  const own = access.isExclusive ? await withoutOwn({ run, workdir }) : {}
  return await withFiles(workdir, contents, (paths) => {
    const config: string[] = []
    const stored = paths['git-credentials']
    // The empty one forgets the helpers of other configuration; "store" gives out only what is for the same host.
    if (stored !== undefined)
      config.push(
        ...['-c', 'credential.helper='],
        ...['-c', `credential.helper=store --file=${quoted(stored)}`],
      )
    // Configuration of ssh may name more keys, which ssh would try as well.
    if (access.isExclusive) ssh.push('-F', 'none', '-o', 'IdentityAgent=none')
    if (paths.identity !== undefined)
      ssh.push('-o', 'IdentitiesOnly=yes', '-i', quoted(paths.identity))
    if (paths.known_hosts !== undefined)
      ssh.push(
        ...['-o', 'StrictHostKeyChecking=yes'],
        ...['-o', `UserKnownHostsFile=${quoted(paths.known_hosts)}`],
      )
    const ca = paths.ca === undefined ? {} : { GIT_SSL_CAINFO: paths.ca }
    return use(config, { GIT_SSH_COMMAND: ssh.join(' '), ...ca, ...own })
  })
}

// How hosts are reached and believed is no matter of credentials, and stays as it is for everybody.
const reach = '^http\\.(.*\\.)?(proxy|sslcainfo|sslcapath)$'

// Neither ~/.netrc, which curl looks into by itself, nor helpers, headers and other URLs that configuration of git may name.
async function withoutOwn({ run, workdir }: Pick<GitOptions, 'run' | 'workdir'>): Promise<Env> {
  const found = await run(['git', 'config', '--null', '--get-regexp', reach]).catch(() => undefined)
  const kept = (found?.stdout ?? '').split('\0').filter((line) => line !== '')
  const settings = kept.flatMap((line, index) => {
    const [key = '', ...value] = line.split('\n')
    return [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value.join('\n')],
    ] as const
  })
  return {
    HOME: await workdir.directory('home-of-nobody'),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_COUNT: String(kept.length),
    ...Object.fromEntries(settings),
    SSH_AUTH_SOCK: undefined,
  }
}

function inLines(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${text.trimEnd()}\n`
}

// One line as git-credential-store reads it.
function storedCredentials({ url, username, password }: GitAccess): string | undefined {
  if (password === undefined || !/^https?:/.test(url)) return undefined
  const { protocol, host } = new URL(url)
  const user = `${encodeURIComponent(username ?? '')}:${encodeURIComponent(password)}`
  return `${protocol}//${user}@${host}\n`
}

// Git hands both to a shell.
function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`
}
