// Which URLs of charts are taken at all. Those of this machine's own disk are not, unless the operator was started so: whoever
// writes a HelmRelease would read what the operator can read, the charts of all others first of all.
import { realpath } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ReconcileError } from '../../model/errors.ts'
import type { ChartSource } from '../../model/source.ts'
import { showRemote } from './gitfailure.ts'

export type LocalSources = {
  // --allow-local-sources
  allowLocal: boolean
  // Nobody fetches from there, in any case.
  cacheDir: string
}

/** Throws ReconcileError ChartSourceInvalid for a URL that is none, that git or helm could take for an option, or a local one. */
export async function checkSource({ kind, url }: ChartSource, local: LocalSources): Promise<void> {
  // Neither git nor helm must take a URL for an option, or a line of it for a line of configuration.
  const isUrl = (kind === 'git' && !/^https?:/i.test(url)) || URL.canParse(url)
  if (!isUrl || url.startsWith('-') || /[\s\u0000-\u001f]/.test(url)) {
    const hint = url.includes('@')
      ? '; write "/", "?" and "#" in a password as %2F, %3F and %23'
      : ''
    throw refused(url, `it is no URL${hint}`)
  }
  if (!(kind === 'git' ? isLocalRemote(url) : isFileUrl(url))) return
  if (!local.allowLocal) throw refused(url, localOnly)
  if (await isBelow(pathOf(url), local.cacheDir))
    throw refused(url, "it is in the operator's own cache")
}

/** Would git look for this remote on this machine's disk? By git's rules: "host:path" is SSH, "./host:path" is a path. */
export function isLocalRemote(url: string): boolean {
  if (isFileUrl(url)) return true
  // "ext::" and the like; git is told to refuse them.
  if (/^[a-z][\w+.-]*:(?::|\/\/)/i.test(url)) return false
  return !/^[^/]+:/.test(url)
}

/** The host that a URL names, in git's short form for SSH too; undefined for what names none. */
export function hostOf(url: string): string | undefined {
  if (URL.canParse(url) && /^[a-z][\w+.-]*:\/\//i.test(url)) {
    // Of schemes that it does not know, the URL parser leaves the spelling of the host alone.
    const { host, hostname, protocol } = new URL(url)
    if (hostname === '') return undefined
    const plain = /^https?:$/.test(protocol) ? url : `http://${host.replace(/^.*@/, '')}`
    return URL.canParse(plain) ? new URL(plain).hostname : hostname
  }
  const [, host] = /^(?:[^@/]*@)?([^:/]+):/.exec(url) ?? []
  return host
}

/** Is this a URL of a file, by whatever number of slashes? */
export function isFileUrl(url: string): boolean {
  return /^file:/i.test(url)
}

/** What is said of a local URL, behind a colon. */
export const localOnly =
  "it is on the operator's own disk, which is read only with --allow-local-sources"

function pathOf(url: string): string {
  if (!isFileUrl(url)) return resolve(url)
  try {
    return fileURLToPath(url)
  } catch {
    return resolve(url.replace(/^file:(?:\/\/[^/]*)?/i, ''))
  }
}

// Links may lead there as well.
async function isBelow(path: string, directory: string): Promise<boolean> {
  const [real, root] = await Promise.all(
    [path, directory].map((one) => realpath(one).catch(() => resolve(one))),
  )
  return !/^\.\.(?:\/|$)/.test(relative(root!, real!))
}

function refused(url: string, state: string): ReconcileError {
  return new ReconcileError(
    'ChartSourceInvalid',
    `Cannot fetch a chart from "${showRemote(url).slice(0, 200)}": ${state}`,
  )
}
