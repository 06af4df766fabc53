// What went wrong with a request to the API server, as an ApiError that says what was to be done.
import { explainDenials } from '../helm/forbidden.ts'
import { ApiError } from '../model/errors.ts'
import { createRedactor } from '../util/redact.ts'
import type { ApiRequest } from './exchange.ts'

type Subject = Pick<ApiRequest, 'verb' | 'about'>

// Kubernetes' reasons, for answers that come without one.
const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Expired',
  413: 'RequestEntityTooLarge',
  422: 'Invalid',
  429: 'TooManyRequests',
}

/** The error that an answer of 400 and above stands for. */
export function apiFailure({ verb, about }: Subject, status: number, text: string): ApiError {
  const said = parseStatus(text)
  if (said?.kind === 'Status')
    return new ApiError(
      status,
      said.reason ?? reasons[status] ?? 'Unknown',
      `Cannot ${verb} ${about}: ${sayReason(status, said.message)}`,
      { answer: said.message },
    )
  const firstLine = createRedactor()(text).trim().split('\n')[0]?.slice(0, 300) ?? ''
  // The proxy's own words when it cannot reach the server, or those of something between the two.
  const isUnreachable = status >= 500
  return new ApiError(
    isUnreachable ? 0 : status,
    isUnreachable ? 'Unreachable' : (reasons[status] ?? 'Unknown'),
    `Cannot ${verb} ${about}: ${isUnreachable ? 'the API server is unreachable: ' : ''}${firstLine}`,
  )
}

/** The error for no answer: the connection failed, the time is over, or the caller has changed its mind. */
export function unreachable(
  { verb, about }: Subject,
  cause: unknown,
  signal?: AbortSignal,
): ApiError {
  const timeIsOver = signal?.aborted && isTimeout(signal.reason)
  const reason = signal?.aborted && !timeIsOver ? 'Aborted' : 'Unreachable'
  const why = signal?.aborted ? signal.reason : cause
  const state =
    reason === 'Aborted' ? 'it was aborted' : `the API server is unreachable: ${sayWhy(why)}`
  return new ApiError(0, reason, `Cannot ${verb} ${about}: ${state}`, { cause })
}

function sayReason(status: number, message = 'the API server gives no reason'): string {
  return (status === 403 ? explainDenials(message) : undefined) ?? message
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError'
}

function sayWhy(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  return code ?? message
}

function parseStatus(
  text: string,
): { kind?: string; reason?: string; message?: string } | undefined {
  try {
    return (JSON.parse(text) as { kind?: string } | null) ?? undefined
  } catch {
    return undefined
  }
}
