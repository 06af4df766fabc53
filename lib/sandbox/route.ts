// What is a path of the API about? "/apis/apps/v1/namespaces/shop/deployments/api/status" and its like, taken apart.

export type ResourcePath = {
  group: string
  version: string
  namespace?: string
  plural: string
  name?: string
  subresource?: string
}

export type Route =
  | { kind: 'resource'; path: ResourcePath }
  // /api, /apis
  | { kind: 'groups'; legacy: boolean }
  // /apis/apps
  | { kind: 'group'; group: string }
  // /api/v1, /apis/apps/v1
  | { kind: 'resources'; group: string; version: string }
  | { kind: 'openapi'; rest: string }
  | { kind: 'version' }
  | { kind: 'health' }
  // "%zz" means nothing.
  | { kind: 'malformed' }
  | { kind: 'unknown' }

const health = new Set(['healthz', 'livez', 'readyz'])

/** Takes a path apart. */
export function parseRoute(pathname: string): Route {
  const path = decoded(pathname)
  if (path === undefined) return { kind: 'malformed' }
  const parts = path.split('/').filter((part) => part !== '')
  const [root = '', ...rest] = parts
  if (root === 'version' && rest.length === 0) return { kind: 'version' }
  if (health.has(root)) return { kind: 'health' }
  if (root === 'openapi') return { kind: 'openapi', rest: rest.join('/') }
  if (root === 'api') return underGroup('', rest)
  if (root !== 'apis') return { kind: 'unknown' }
  if (rest.length === 0) return { kind: 'groups', legacy: false }
  const [group = '', ...below] = rest
  return below.length === 0 ? { kind: 'group', group } : underGroup(group, below)
}

function decoded(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return undefined
  }
}

function underGroup(group: string, parts: readonly string[]): Route {
  const [version, ...rest] = parts
  if (version === undefined) return { kind: 'groups', legacy: true }
  if (rest.length === 0) return { kind: 'resources', group, version }
  const path = resourcePath(rest)
  return path === undefined
    ? { kind: 'unknown' }
    : { kind: 'resource', path: { group, version, ...path } }
}

// "namespaces/x/status" is about the namespace itself, "namespaces/x/pods" about something in it.
const ofNamespaces = new Set(['status', 'finalize'])

function resourcePath(
  parts: readonly string[],
): Omit<ResourcePath, 'group' | 'version'> | undefined {
  const [first = '', second, third, ...rest] = parts
  const inside = first === 'namespaces' && third !== undefined && !ofNamespaces.has(third)
  if (inside) return named([third, ...rest], second)
  return named(parts)
}

function named(
  parts: readonly string[],
  namespace?: string,
): Omit<ResourcePath, 'group' | 'version'> | undefined {
  const [plural = '', name, ...subresource] = parts
  // Only a proxied path has more parts, and nothing is behind such a path here.
  if (subresource.length > 1) return undefined
  return {
    plural,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource[0] === undefined ? {} : { subresource: subresource[0] }),
  }
}
