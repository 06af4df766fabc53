// Whose credentials does a Docker config.json hold for a registry? The rules of the docker and helm command lines.
import { Buffer } from 'node:buffer'
import { isMap } from '../util/merge.ts'

export type RegistryCredentials = { username: string; password: string }

// Docker's own registry is known by three names.
const dockerHub = ['docker.io', 'index.docker.io', 'registry-1.docker.io']

/** The credentials for a registry's host; undefined when there are none, or the text is no Docker config. */
export function findCredentials(text: string, registry: string): RegistryCredentials | undefined {
  const auths = parse(text) ?? {}
  const names = dockerHub.includes(registry) ? dockerHub : [registry]
  for (const [key, entry] of Object.entries(auths))
    if (names.includes(hostOf(key)) && isMap(entry)) return readEntry(entry)
  return undefined
}

/** The hosts that a Docker config.json has credentials for; undefined when the text is none. */
export function listRegistries(text: string): string[] | undefined {
  const auths = parse(text)
  return auths && Object.keys(auths).map(hostOf)
}

/** A Docker config.json with credentials for one registry. */
export function encodeDockerConfig(
  registry: string,
  { username, password }: RegistryCredentials,
): string {
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  return JSON.stringify({ auths: { [registry]: { auth } } })
}

/** "ghcr.io" of "https://ghcr.io/v2/". */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/')[0] ?? ''
}

function readEntry(entry: Record<string, unknown>): RegistryCredentials | undefined {
  const { username, password, auth } = entry
  if (typeof username === 'string' && typeof password === 'string') return { username, password }
  if (typeof auth !== 'string') return undefined
  const pair = Buffer.from(auth, 'base64').toString()
  const colon = pair.indexOf(':')
  if (colon < 0) return undefined
  return { username: pair.slice(0, colon), password: pair.slice(colon + 1) }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const config: unknown = JSON.parse(text)
    return isMap(config) && isMap(config.auths) ? config.auths : undefined
  } catch {
    return undefined
  }
}
