// Why did a connection fail? In words, and without anything that was sent.
import { AddressRefused } from './net/address-guard.ts'

const reasons: readonly [RegExp, (host: string) => string][] = [
  [/^(ENOTFOUND|EAI_\w+)$/, (host) => `host "${host}" is unknown`],
  [/^ECONNREFUSED$/, (host) => `"${host}" refuses connections`],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, (host) => `there is no way to "${host}"`],
  [/^ETIMEDOUT$/, (host) => `"${host}" does not answer`],
  [/^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE)$/, (host) => `"${host}" hung up`],
  [/^(ERR_SSL_WRONG_VERSION_NUMBER|EPROTO)$/, (host) => `"${host}" does not speak TLS`],
  [
    /^ERR_SSL_TLSV\d+_ALERT_CERTIFICATE_REQUIRED$/,
    (host) => `"${host}" wants a client certificate`,
  ],
  [/^ERR_SSL_.*ALERT/, (host) => `"${host}" refuses our certificate or version of TLS`],
  [/^CERT_HAS_EXPIRED$/, (host) => `the certificate of "${host}" has expired`],
  [/^ERR_TLS_CERT_ALTNAME/, (host) => `the certificate of "${host}" is for another name`],
  [/SIGNED_CERT|UNABLE_TO_|CERT_/, (host) => `the certificate of "${host}" is not trusted`],
  [/^HPE_/, (host) => `"${host}" does not speak HTTP`],
  [/^Z_/, (host) => `"${host}" sends broken compressed data`],
]

/** The failure as half a sentence, the original as its cause. withCertificate: was the host shown one of ours? */
export function explainNetworkError(
  cause: unknown,
  { host, withCertificate }: { host: string; withCertificate: boolean },
): Error {
  if (cause instanceof AddressRefused) return cause
  const code = codeOf(cause)
  // Many servers do not say it, and of a handshake that went well before it is not known.
  if (withCertificate && code === 'ECONNRESET')
    return new Error(`"${host}" hung up; it may not accept our certificate`, { cause })
  const [, say] = reasons.find(([pattern]) => pattern.test(code)) ?? []
  return new Error(say ? say(host) : `"${host}" cannot be reached (${code})`, { cause })
}

// With several addresses to try, the code is that of one of them.
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { code } = error as NodeJS.ErrnoException
  if (code) return code
  return error instanceof AggregateError ? codeOf(error.errors[0]) : error.name
}
