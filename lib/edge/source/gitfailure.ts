// Why did git fail? One sentence that says what, on what, and what to do.
import { CommandError, ReconcileError, type ErrorCode } from '../../model/errors.ts'
import { condense } from '../../util/condense.ts'
import { createRedactor } from '../../util/redact.ts'

export type GitTask = {
  // What follows "Cannot": "fetch", "read".
  verb: string
  access: { url: string; password?: string }
}

type Cause = {
  pattern: RegExp
  code: ErrorCode
  say: (found: RegExpExecArray) => string
}

const causes: readonly Cause[] = [
  {
    pattern: /Could not resolve host(?:name)?:? ([\w.-]+)/i,
    code: 'GitUnreachable',
    say: ([, host]) => `host "${host}" is unknown`,
  },
  {
    pattern:
      /connect to (?:host )?([\w.-]+) port (\d+).*: (?:Connection refused|Couldn't connect)/i,
    code: 'GitUnreachable',
    say: ([, host, port]) => `"${host}:${port}" refuses connections`,
  },
  {
    pattern: /Connection refused|unable to connect|Couldn't connect/i,
    code: 'GitUnreachable',
    say: () => 'the host refuses connections',
  },
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    code: 'GitRefused',
    say: () =>
      'the host shows another key than known_hosts says; find out why before you change it',
  },
  {
    pattern: /Host key verification failed|No \w+ host key is known for/,
    code: 'GitRefused',
    say: () => 'the key of the host is not known; add it to known_hosts',
  },
  {
    pattern: /Permission denied \(([^)]*)\)/,
    code: 'GitRefused',
    say: () => 'the host refuses our SSH key; add its public half to the repository',
  },
  {
    pattern: /could not read (?:Username|Password)/,
    code: 'GitRefused',
    say: () => 'the server wants credentials; name a Secret with "username" and "password"',
  },
  {
    pattern: /Authentication failed|HTTP Basic: Access denied|returned error: 40[13]/,
    code: 'GitRefused',
    say: () => 'the server refuses these credentials',
  },
  {
    pattern:
      /repository .* not found|Repository not found|does not appear to be a git repo|returned error: 404|does not exist/i,
    code: 'GitRefused',
    say: () => 'there is no such repository, or not for us',
  },
  {
    pattern: /(?:SSL|server) certificate|certificate verif/i,
    code: 'GitUnreachable',
    say: () => 'the server\'s certificate is not trusted; name a Secret with its CA in "ca.crt"',
  },
  {
    pattern: /transport '(.*?)' not allowed|Unable to find remote helper for '(.*?)'/,
    code: 'ChartSourceInvalid',
    say: ([, one, other]) => `"${one ?? other}" is no protocol for charts; use https or ssh`,
  },
  {
    pattern: /dubious ownership/,
    code: 'GitRefused',
    say: () => 'it belongs to another user of this machine',
  },
  {
    pattern: /No space left on device|Disk quota exceeded/,
    code: 'DiskFull',
    say: () => 'no space is left; free some, or point --cache-dir elsewhere',
  },
  {
    pattern: /timed out|Operation too slow/i,
    code: 'GitUnreachable',
    say: () => 'the host does not answer',
  },
  {
    pattern: /unexpected TLS packet|wrong version number|packet length too long|record overflow/i,
    code: 'GitUnreachable',
    say: () => 'the host does not speak TLS; use http, or another port',
  },
  {
    pattern: /returned error: (\d{3})/,
    code: 'GitUnreachable',
    say: ([, status]) => `the server answers ${status}`,
  },
  {
    pattern: /info\/refs not valid|is this a git repository/,
    code: 'GitRefused',
    say: () => 'there is no git repository at this URL',
  },
  {
    pattern: /HTTP\/0\.9 when not allowed/i,
    code: 'GitUnreachable',
    say: () => 'the host does not speak HTTP; check protocol and port',
  },
  {
    pattern:
      /Empty reply from server|transfer closed|early EOF|hung up|unexpected disconnect|Connection (?:reset|closed)/i,
    code: 'GitUnreachable',
    say: () => 'the host hung up; check protocol, host and port',
  },
  {
    pattern: /unable to access '[^']*': (.{1,200})/,
    code: 'GitUnreachable',
    say: ([, why]) => `${why}`,
  },
  {
    pattern: /Could not read from remote repository/,
    code: 'GitRefused',
    say: () => 'the host does not let us read it; check user, host and path',
  },
]

/** The failure of one git process as people get to see it; credentials are out of it and out of its cause. */
export function explainGitFailure(
  error: unknown,
  { verb, access, timeoutMs, signal }: GitTask & { timeoutMs: number; signal: AbortSignal },
): unknown {
  if (signal.aborted) return signal.reason
  if (!(error instanceof CommandError)) return error
  const redact = createRedactor(access.password ? [access.password] : [])
  const stderr = redact(error.stderr)
  const { program, reason, exitCode, args } = error
  const cause = new CommandError({ program, args: args.map(redact), reason, exitCode, stderr })
  const { code, state } = verdictOf(cause, timeoutMs)
  return new ReconcileError(code, `Cannot ${verb} "${showRemote(access.url)}": ${state}`, { cause })
}

function verdictOf(error: CommandError, timeoutMs: number): { code: ErrorCode; state: string } {
  if (error.reason === 'spawn')
    return { code: 'ProgramMissing', state: 'git cannot be started; install it' }
  if (error.reason === 'timeout' && error.args.includes('ls-remote'))
    return { code: 'GitUnreachable', state: 'the host does not answer' }
  if (error.reason === 'timeout')
    return {
      code: 'GitUnreachable',
      state: `git was not done after ${timeoutMs / 1_000} s; if the repository is large, raise --git-timeout`,
    }
  const text = condense(error.stderr)
  for (const { pattern, code, say } of causes) {
    const found = pattern.exec(text)
    if (found) return { code, state: say(found) }
  }
  const line = text.split('\n').find((one) => /^(?:fatal|error):/.test(one))
  return {
    code: 'Unexpected',
    state: line?.slice(0, 400) ?? `git exited with ${error.exitCode}`,
  }
}

/**
 * Did a server that lets us clone in part refuse to hand over the rest? Some do, over protocols older than version 2. One that
 * is away says nothing of the kind, and neither does a full disk.
 */
export function isIncomplete(error: unknown): boolean {
  if (!(error instanceof ReconcileError && error.cause instanceof CommandError)) return false
  const { stderr } = error.cause
  if (/unadvertised object|not our ref/.test(stderr)) return true
  return error.code === 'Unexpected' && /promisor remote/.test(stderr)
}

/** Was git ended because it had printed more than maxOutputBytes? */
export function isTooLong(error: unknown): boolean {
  return (
    error instanceof ReconcileError &&
    error.cause instanceof CommandError &&
    error.cause.reason === 'overflow'
  )
}

/** A remote as it may be shown: the user of ssh stays, everything secret goes. */
export function showRemote(url: string): string {
  // Where a password with a slash in it ends, nobody can tell.
  if (url.includes('://') && !URL.canParse(url)) return url.replace(/:\/\/.*@/, '://')
  return url.replace(/^(https?:\/\/)[^/]*@/i, '$1').replace(/^(\w+:\/\/[^/:@]*):[^/]*@/, '$1@')
}
