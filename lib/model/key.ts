// Names of things: which HelmRelease, which object in a cluster.

// A HelmRelease is known by its API group too: two generations may hold objects of the same name.
export type ReleaseKey = { group: string; namespace: string; name: string }

export type ObjectRef = { apiVersion: string; kind: string; namespace?: string; name: string }

/** "helm.fluxcd.io/shop/api": unique, readable, the key of queues, maps and log lines. */
export function formatKey(key: ReleaseKey): string {
  return `${key.group}/${key.namespace}/${key.name}`
}

/** The inverse of formatKey(). */
export function parseKey(text: string): ReleaseKey {
  const [group = '', namespace = '', ...name] = text.split('/')
  return { group, namespace, name: name.join('/') }
}

/** "Deployment/shop/api", or "ClusterRole/api" for an object without a namespace. */
export function formatRef(ref: ObjectRef): string {
  return [ref.kind, ref.namespace, ref.name].filter((part) => part).join('/')
}
