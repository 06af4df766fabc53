// Where things of a chart repository are, by Helm's rules for URLs, and how we get at them.
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import type { HelmDriver } from '../../model/ports.ts'
import type { Credentials, GetOptions, HttpResponse, TlsIdentity } from '../http.ts'

export type RepositoryAccess = {
  url: string
  credentials?: Credentials
  passCredentials?: boolean
  insecure?: boolean
  tls?: TlsIdentity
  // Whose plugins serve the URL, if its scheme is not ours.
  helm?: HelmDriver
}

/** What gets things from repositories: an HTTP client, or one that leaves other schemes to helm. */
export interface Transport {
  get(url: string, options: GetOptions & { helm?: HelmDriver }): Promise<HttpResponse>
}

/** The URL of a repository's index; the query stays. */
export function indexUrl(repository: string): string {
  const url = new URL(repository)
  url.pathname = posix.join(url.pathname, 'index.yaml')
  return url.href
}

/** Is this in an OCI registry? */
export function isRegistry(url: string): boolean {
  return /^oci(?:\+http)?:/i.test(url)
}

/** Is this in an OCI registry that is said to speak HTTP without TLS? */
export function isPlainRegistry(url: string): boolean {
  return /^oci\+http:/i.test(url)
}

/** The URL of something in a registry as one whose parts can be read. */
export function registryUrl(url: string): URL {
  return new URL(url.replace(/^oci(?:\+http)?:/i, 'https:'))
}

/**
 * The URL of an archive as an index gives it; relative ones are below the repository and inherit its query, and those in a
 * registry need not say which version they are of. Throws TypeError when it is none.
 */
export function archiveUrl(repository: string, reference: string, version: string): string {
  if (isRegistry(reference) && !posix.basename(reference).includes(':'))
    return `${reference}:${version.replaceAll('+', '_')}`
  if (/^[a-z][a-z0-9+.-]*:/i.test(reference)) return reference
  const base = new URL(repository)
  base.pathname = `${base.pathname.replace(/\/+$/, '')}/`
  const url = new URL(reference, base)
  if (url.origin === base.origin && url.search === '') url.search = base.search
  return url.href
}

/** How to get an archive: with the repository's credentials only where those belong. */
export function archiveAccess(access: RepositoryAccess, url: string): RepositoryAccess {
  const [repository, archive] = [new URL(access.url), new URL(url)]
  if (repository.origin !== archive.origin && !access.passCredentials)
    return { url, ...caOf(access), ...helmOf(access) }
  // A relative URL has lost the user that stands in the repository's.
  if (archive.username === '') {
    archive.username = repository.username
    archive.password = repository.password
  }
  return { ...access, url: archive.href }
}

/** Why a server could not be asked, with what may help. */
export function sayWhy(error: unknown): string {
  const { message } = error as Error
  const isStrange = / is not trusted$/.test(message)
  return isStrange ? `${message}; name a Secret with its CA in "ca.crt"` : message
}

/** A name for a repository as these credentials show it: others may be shown another one. */
export function accessKey(access: RepositoryAccess): string {
  const { url, credentials, tls, insecure, passCredentials } = access
  const text = JSON.stringify([
    ...[indexUrl(url), credentials, tls?.ca, tls?.cert, tls?.key, insecure],
    ...(passCredentials ? [passCredentials] : []),
  ])
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

function helmOf({ helm }: RepositoryAccess): { helm?: HelmDriver } {
  return helm ? { helm } : {}
}

function caOf({ tls }: RepositoryAccess): { tls?: TlsIdentity } {
  return tls?.ca ? { tls: { ca: tls.ca } } : {}
}
