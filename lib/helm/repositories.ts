// Which repositories does a repositories.yaml of Helm name, and with which credentials? Helm 2 wrote the same fields.
import { posix } from 'node:path'
import type { Json, JsonObject } from '../model/json.ts'
import { isMap } from '../util/merge.ts'
import { parseYaml } from '../util/yaml.ts'

export type KnownRepository = {
  name: string
  url: string
  username?: string
  password?: string
  caFile?: string
  certFile?: string
  keyFile?: string
  passCredentials: boolean
  // Is its certificate not to be checked?
  insecure?: boolean
}

/** The entries of a file; those without name and URL are left out. Throws Error when it is no such file. */
export function parseRepositories(text: string): KnownRepository[] {
  const file = parseYaml(text)
  if (file === null) return []
  const list = isMap(file) && 'repositories' in file ? (file.repositories ?? []) : undefined
  if (!Array.isArray(list)) throw new Error('it has no list of "repositories"')
  return (list as Json[]).filter(isMap).flatMap((entry) => readEntry(entry as JsonObject))
}

/** One list out of several files: of two entries with one name the first counts, as with --helm-repository-import. */
export function mergeRepositories(
  lists: readonly (readonly KnownRepository[])[],
): KnownRepository[] {
  const byName = new Map<string, KnownRepository>()
  for (const entry of lists.flat()) if (!byName.has(entry.name)) byName.set(entry.name, entry)
  return [...byName.values()]
}

/** The entry for a URL: equal but for slashes and dots in the path; the query counts. */
export function findRepository(
  list: readonly KnownRepository[],
  url: string,
): KnownRepository | undefined {
  return list.find((entry) => cleanUrl(entry.url) === cleanUrl(url))
}

/** A repositories.yaml with these entries. */
export function encodeRepositories(list: readonly KnownRepository[]): string {
  const repositories = list.map(({ passCredentials, insecure, ...entry }) => ({
    ...entry,
    pass_credentials_all: passCredentials,
    insecure_skip_tls_verify: insecure ?? false,
  }))
  // JSON is YAML.
  return JSON.stringify({ apiVersion: '', generated: '0001-01-01T00:00:00Z', repositories })
}

function readEntry(entry: JsonObject): KnownRepository[] {
  const { name, url } = entry
  if (typeof name !== 'string' || typeof url !== 'string' || name === '' || url === '') return []
  return [
    {
      name,
      url,
      ...pick(entry, 'username'),
      ...pick(entry, 'password'),
      ...pick(entry, 'caFile'),
      ...pick(entry, 'certFile'),
      ...pick(entry, 'keyFile'),
      passCredentials: entry.pass_credentials_all === true,
      ...(entry.insecure_skip_tls_verify === true ? { insecure: true } : {}),
    },
  ]
}

function pick<Name extends string>(entry: JsonObject, name: Name): { [key in Name]?: string } {
  const value = entry[name]
  const found = typeof value === 'string' && value !== ''
  return found ? ({ [name]: value } as { [key in Name]?: string }) : {}
}

function cleanUrl(url: string): string {
  if (!URL.canParse(url)) return url
  const { protocol, host, pathname, search } = new URL(url)
  return `${protocol}//${host}${posix.join('/', pathname).replace(/\/$/, '')}${search}`
}
