// As whom the cluster is asked: as a service account that a HelmRelease names, or as the operator itself.

export type ServiceAccount = { namespace: string; name: string }

/** undefined stands for the operator's own identity. */
export type Identity = ServiceAccount | undefined

/**
 * The user name by which Kubernetes knows a service account. Impersonating it without naming groups makes the API server add
 * the groups of service accounts, and asks for the verb "impersonate" on serviceaccounts only.
 */
export function userOf({ namespace, name }: ServiceAccount): string {
  return `system:serviceaccount:${namespace}:${name}`
}

/** A key for maps: different for each identity, empty for the operator's own. */
export function formatIdentity(identity: Identity): string {
  return identity === undefined ? '' : userOf(identity)
}

/** The service account as it stands in sentences: `service account "deployer" in namespace "shop"`. */
export function describeAccount({ namespace, name }: ServiceAccount): string {
  return `service account "${name}" in namespace "${namespace}"`
}
