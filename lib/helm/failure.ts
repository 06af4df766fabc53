// Why did helm fail? One sentence that says what, on what, and what to do, in place of pages of output.
import { CommandError, ReconcileError, type ErrorCode } from '../model/errors.ts'
import { condense } from '../util/condense.ts'
import { createRedactor } from '../util/redact.ts'
import type { CauseOfFailure } from './causes.ts'

export type FailedCall = {
  // "install", "upgrade", "roll back": what follows "Cannot".
  verb: string
  // What it was done to, as people know it: `release "api" in namespace "shop"`.
  object: string
  // When the output says no better.
  code: ErrorCode
  // What its output may mean.
  causes: readonly CauseOfFailure[]
  timeoutMs: number
  secrets: readonly string[]
}

const inVain = /context deadline exceeded|timed out waiting|not ready\. status: /

// A condition's message must be readable in a terminal.
const longestSentence = 1_000
const longestDetail = 600

/** The failure of one helm process as people get to see it; secrets are out of it and out of its cause. */
export function explainFailure(error: unknown, call: FailedCall): ReconcileError {
  if (!(error instanceof CommandError)) throw error
  const redact = createRedactor(call.secrets)
  const stderr = redact(wholeLines(error.stderr))
  const stdout = redact(wholeLines(error.stdout))
  const cause = new CommandError({ ...pick(error), args: error.args.map(redact), stderr, stdout })
  const { code, state } = verdictOf(cause, call)
  // Once more, for what only now stands side by side.
  const sentence = redact(`Cannot ${call.verb} ${call.object}: ${state}`)
  return new ReconcileError(code, clip(sentence, longestSentence), { cause })
}

/** Did helm fail because there is no such release? Where it was to go, that is no failure. */
export function isNotFound(error: unknown): boolean {
  const cause = error instanceof ReconcileError ? error.cause : undefined
  return cause instanceof CommandError && /release: not found/.test(errorText(cause.stderr))
}

/** Did helm fail because it had waited in vain for objects to be ready? */
export function isWaitFailure({ cause }: ReconcileError): boolean {
  if (!(cause instanceof CommandError)) return false
  const text = errorText(cause.stderr)
  return !/\bhooks? failed\b|^failed (?:pre|post)-/.test(text) && inVain.test(text)
}

/** What a helm that exited said last, without log lines and the prefixes of its own functions. */
export function errorText(stderr: string): string {
  const lines = stderr
    .split('\n')
    .filter((line) => !/^(?:level=|time=|[IWEF]\d{4} \d\d:|WARNING: |walk\.go:)/.test(line))
  const last = lines.findLastIndex((line) => line.startsWith('Error: '))
  return condense(lines.slice(Math.max(last, 0)).join('\n'))
    .replace(/^Error: /, '')
    .replace(/^(?:UPGRADE|INSTALLATION) FAILED: /, '')
    .replace(/^uninstallation completed with \d+ error\(s\): /, '')
    .replace(/\n*Use --debug flag to render out invalid YAML\s*$/, '')
    .replace(/\d+ errors? occurred:\s*\* /g, '')
    .replace(/\n\s*\* /g, '; ')
    .trim()
}

// Of an index that it cannot download, helm says why only in passing, and trips over it later.
function updateText(stdout: string): string {
  const [found = ''] = /Unable to get an update from .*\n.*/.exec(condense(stdout)) ?? []
  return found && `\n${found}`
}

/** One line, cut where it gets too long. */
export function clip(text: string, longest = longestDetail): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= longest ? line : `${line.slice(0, longest - 1).trimEnd()}…`
}

function verdictOf(error: CommandError, call: FailedCall): { code: ErrorCode; state: string } {
  const patience = `${call.timeoutMs / 1_000} s`
  switch (error.reason) {
    case 'spawn':
      return { code: 'ProgramMissing', state: `"${error.program}" cannot be started; install helm` }
    case 'abort':
      return { code: 'Interrupted', state: 'helm was told to stop before it was done' }
    case 'timeout':
      return { code: call.code, state: `helm was stopped long after its timeout of ${patience}` }
    case 'overflow':
      return { code: call.code, state: 'helm printed more than can be kept' }
    case 'memory':
      return {
        code: 'RenderFailed',
        state:
          'helm was ended because it held more memory than --helm-memory-limit allows; look for a template or values that grow without end, or raise the limit',
      }
    case 'cpu':
      return {
        code: 'RenderFailed',
        state:
          'helm was ended because it computed for longer than --render-timeout allows; look for a template that loops, or raise the limit',
      }
    case 'exit':
      return verdictOfExit(error, call, patience)
  }
}

function verdictOfExit(
  error: CommandError,
  call: FailedCall,
  patience: string,
): { code: ErrorCode; state: string } {
  const text = errorText(error.stderr) + updateText(error.stdout)
  // 137 and 143 are what a shell makes of SIGKILL and SIGTERM.
  const signal = /killed by (SIG\w+)\s*$/.exec(text)?.[1]
  if (signal !== undefined || error.exitCode === 137 || error.exitCode === 143)
    return {
      code: 'Interrupted',
      state: `helm was killed${signal ? ` by ${signal}` : ''}; if that happens often, give the operator more memory`,
    }
  for (const { pattern, code, say } of call.causes) {
    const found = pattern.exec(text)
    if (found) return { code: code ?? call.code, state: say(found, { ...call, patience, text }) }
  }
  return { code: call.code, state: clip(text) || `helm exited with ${error.exitCode}` }
}

// What was cut off may begin in the middle of a secret, which nobody would recognise.
function wholeLines(stderr: string): string {
  if (stderr.length < 8_192) return stderr
  const end = stderr.indexOf('\n')
  return end >= 0 && end < 4_096 ? stderr.slice(end + 1) : stderr.replace(/^\S*/, '')
}

function pick({
  program,
  reason,
  exitCode,
}: CommandError): Pick<CommandError, 'program' | 'reason' | 'exitCode'> {
  return { program, reason, exitCode }
}
