// Credentials that nobody names because Helm itself would find them: repositories.yaml, imported ones too, and the Docker
// configuration. Read anew when they change, so that it does not matter whether a repository was up when we started.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { findCredentials, type RegistryCredentials } from '../../helm/dockerconfig.ts'
import {
  encodeRepositories,
  findRepository,
  mergeRepositories,
  parseRepositories,
  type KnownRepository,
} from '../../helm/repositories.ts'
import type { Log } from '../../model/ports.ts'
import type { Env } from '../child.ts'
import type { RepositoryAccess } from './location.ts'

export type Ambient = {
  repositoryAccess(url: string): Promise<RepositoryAccess>
  registryCredentials(host: string): Promise<RegistryCredentials | undefined>
  // A repositories.yaml of everything; undefined when nothing was imported: then helm's own will do.
  repositoriesFile(): Promise<string | undefined>
}

/** Reads from where Helm looks, and from the files that were imported. */
export function createAmbient(options: {
  env: Env
  imported: readonly string[]
  log: Log
}): Ambient {
  const { env, imported, log } = options
  const helmHome =
    env.HELM_CONFIG_HOME ?? join(env.XDG_CONFIG_HOME ?? join(env.HOME ?? '/', '.config'), 'helm')
  const files = [env.HELM_REPOSITORY_CONFIG ?? join(helmHome, 'repositories.yaml'), ...imported]
  const registryFiles = [
    env.HELM_REGISTRY_CONFIG ?? join(helmHome, 'registry', 'config.json'),
    join(env.DOCKER_CONFIG ?? join(env.HOME ?? '/', '.docker'), 'config.json'),
  ]
  const { read, whyNot } = createCachedReader()
  const parsed = new Map<string, { text: string | undefined; list: KnownRepository[] }>()
  // What is wrong with a file is said once, and again when it has changed.
  const parse = (file: string, text: string | undefined): KnownRepository[] => {
    const known = parsed.get(file)
    if (known && known.text === text) return known.list
    const entry = { text, list: [] as KnownRepository[] }
    parsed.set(file, entry)
    const warn = (error: unknown): void =>
      log.warn('repositories file is not readable', { file, error })
    try {
      if (text !== undefined) entry.list = parseRepositories(text)
      // Nobody needs to have one, but whoever names one means it.
      else if (imported.includes(file)) warn(whyNot(file))
    } catch (error) {
      warn(error)
    }
    return entry.list
  }
  const repositories = async (): Promise<KnownRepository[]> =>
    mergeRepositories(await Promise.all(files.map(async (file) => parse(file, await read(file)))))
  return {
    repositoryAccess: async (url) => {
      const entry = findRepository(await repositories(), url)
      return entry ? { url, ...(await accessOf(entry, read)) } : { url }
    },
    registryCredentials: async (host) => {
      for (const file of registryFiles) {
        const found = findCredentials((await read(file)) ?? '', host)
        if (found) return found
      }
      return undefined
    },
    repositoriesFile: async () =>
      imported.length === 0 ? undefined : encodeRepositories(await repositories()),
  }
}

type Read = (file: string) => Promise<string | undefined>

async function accessOf(
  entry: KnownRepository,
  read: Read,
): Promise<Omit<RepositoryAccess, 'url'>> {
  const { username, password, passCredentials, insecure } = entry
  const ca = await readOptional(entry.caFile, read)
  const cert = await readOptional(entry.certFile, read)
  const key = await readOptional(entry.keyFile, read)
  const tls = { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) }
  return {
    ...(username === undefined ? {} : { credentials: { username, password: password ?? '' } }),
    ...(passCredentials ? { passCredentials } : {}),
    ...(insecure ? { insecure } : {}),
    ...(Object.keys(tls).length > 0 ? { tls } : {}),
  }
}

async function readOptional(file: string | undefined, read: Read): Promise<string | undefined> {
  return file === undefined ? undefined : await read(file)
}

// A mounted Secret is replaced as a whole: time and size tell.
function createCachedReader(): { read: Read; whyNot: (file: string) => string } {
  const known = new Map<string, { stamp: string; text: string }>()
  const failures = new Map<string, string>()
  const read: Read = async (file) => {
    try {
      const { mtimeMs, size } = await stat(file)
      const stamp = `${mtimeMs} ${size}`
      const before = known.get(file)
      if (before?.stamp === stamp) return before.text
      const text = await readFile(file, 'utf8')
      known.set(file, { stamp, text })
      return text
    } catch (error) {
      known.delete(file)
      const { code = 'unknown' } = error as NodeJS.ErrnoException
      failures.set(file, reasons[code] ?? code)
      return undefined
    }
  }
  return { read, whyNot: (file) => failures.get(file) ?? 'unknown' }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'the operator may not read it',
}
