// The ways a pass can stop, and when each is tried again.

export type ErrorCode =
  // The spec cannot be acted on.
  | 'InvalidReleaseName'
  | 'HelmVersionDisabled'
  | 'ReleaseOwnedByAnother'
  // The operator's configuration forbids what it asks for.
  | 'AccessDenied'
  // The chart cannot be had.
  | 'ChartSourceInvalid'
  | 'RepositoryUnreachable'
  | 'RepositoryRefused'
  | 'RepositoryIndexInvalid'
  | 'ChartNotFound'
  | 'ChartVersionNotFound'
  | 'ChartInvalid'
  | 'GitUnreachable'
  | 'GitRefused'
  | 'GitRefNotFound'
  | 'GitPathNotFound'
  | 'DependencyUpdateFailed'
  // The values cannot be composed.
  | 'ValuesSourceNotFound'
  | 'ValuesInvalid'
  // Helm's storage holds something that is no release.
  | 'ReleaseUnreadable'
  // Somebody else's helm is at work on the release.
  | 'ReleaseLocked'
  // Helm said no.
  | 'TargetNamespaceNotFound'
  | 'RenderFailed'
  | 'ValuesSchemaViolated'
  | 'KindNotServed'
  | 'ObjectInvalid'
  | 'ObjectRefused'
  | 'ObjectNotOwned'
  | 'InstallFailed'
  | 'UpgradeFailed'
  | 'TestFailed'
  | 'RollbackFailed'
  | 'UninstallFailed'
  // The machine or the cluster is not as it must be.
  | 'ProgramMissing'
  | 'DiskFull'
  | 'QuotaExceeded'
  | 'ClusterUnreachable'
  | 'AnswerTooLarge'
  | 'Forbidden'
  | 'Interrupted'
  | 'Unexpected'

/**
 * never: until an input or an annotation changes. late and spaced: at growing intervals, which begin with minutes where only
 * a change of the cluster can help. interval: at every sync, for it costs no helm. backoff: within seconds, then ever later.
 */
export type RetryPolicy = 'never' | 'late' | 'spaced' | 'interval' | 'backoff'

const retryPolicies: Partial<Record<ErrorCode, RetryPolicy>> = {
  InvalidReleaseName: 'never',
  AccessDenied: 'never',
  HelmVersionDisabled: 'never',
  DependencyUpdateFailed: 'spaced',
  TargetNamespaceNotFound: 'late',
  RenderFailed: 'late',
  ValuesSchemaViolated: 'never',
  KindNotServed: 'late',
  ObjectInvalid: 'late',
  ObjectRefused: 'never',
  ObjectNotOwned: 'late',
  InstallFailed: 'spaced',
  UpgradeFailed: 'spaced',
  TestFailed: 'spaced',
  RollbackFailed: 'spaced',
  UninstallFailed: 'spaced',
  ClusterUnreachable: 'backoff',
  ReleaseLocked: 'backoff',
  Interrupted: 'backoff',
  Unexpected: 'backoff',
}

/** When a pass that stopped with this code is worth another try. */
export function retryPolicy(code: ErrorCode): RetryPolicy {
  return retryPolicies[code] ?? 'interval'
}

export class ReconcileError extends Error {
  override readonly name = 'ReconcileError'
  readonly code: ErrorCode
  // When the same is worth another try, in milliseconds since the epoch; until then the answer is the same.
  readonly retryAt: number | undefined

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; retryAt?: number }) {
    super(message, options)
    this.code = code
    this.retryAt = options?.retryAt
  }
}

/** What a pass waits for. */
export type Wait = {
  // A place for helm, a place for a helm that fetches, or the release of Helm that another pass is at work on.
  for: 'helm' | 'fetch' | 'release'
  // How many passes may have it at once, and how many go before this one.
  places: number
  before: number
}

/**
 * Thrown where a pass ends because it has to wait. Its key is woken when it can go on. It is no failure: what catches errors to
 * remember, explain or replace them lets it through, and who shares the work of such a pass does the work itself.
 */
export class Parked extends Error {
  override readonly name = 'Parked'
  readonly wait: Wait

  constructor(wait: Wait) {
    super(`no place is free: ${wait.for}`)
    this.wait = wait
  }
}

/** The reason of an ApiError for an answer of which more is not read. */
export const tooLarge = 'TooLarge'

/** The API server answered, but not with what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  // HTTP status; 0 when there was no answer at all.
  readonly status: number
  // Kubernetes' machine-readable reason, such as "Conflict" or "NotFound".
  readonly reason: string
  // The API server's own sentence, where there is one; the message may say it in other words.
  readonly answer: string

  constructor(
    status: number,
    reason: string,
    message: string,
    options?: { cause?: unknown; answer?: string | undefined },
  ) {
    super(message, options)
    this.status = status
    this.reason = reason
    this.answer = options?.answer ?? ''
  }
}

/** Did the API server refuse it for lack of rights? */
export function isForbidden(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 403
}

type CommandFailure = 'exit' | 'timeout' | 'abort' | 'spawn' | 'overflow' | 'memory' | 'cpu'

/** A program ended badly. Arguments and output are redacted by whoever shows them. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly program: string
  readonly args: readonly string[]
  // overflow: it printed more than is kept. memory, cpu: it used more than it may.
  readonly reason: CommandFailure
  readonly exitCode: number | null
  readonly stderr: string
  // The end of what it printed, for programs that explain themselves there.
  readonly stdout: string

  constructor(failure: {
    program: string
    args: readonly string[]
    reason: CommandFailure
    exitCode: number | null
    stderr: string
    stdout?: string
  }) {
    super(`${failure.program} ${failure.args[0] ?? ''} failed: ${failure.reason}`)
    this.program = failure.program
    this.args = failure.args
    this.reason = failure.reason
    this.exitCode = failure.exitCode
    // Enough for the sentence that matters, too little to fill a disk.
    this.stderr = failure.stderr.slice(-8_192)
    this.stdout = (failure.stdout ?? '').slice(-8_192)
  }
}
