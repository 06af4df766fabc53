// Who asks: users as authentication knows them, the names of service accounts among them, and what users may not be denied.

export type User = {
  name: string
  uid?: string
  groups: readonly string[]
  extra?: Readonly<Record<string, readonly string[]>>
}

// Who writes, and which object the path of the request names: none when it creates one.
export type Caller = { user: User; name: string }

export const allAuthenticated = 'system:authenticated'
export const allUnauthenticated = 'system:unauthenticated'
export const mastersGroup = 'system:masters'
const allServiceAccounts = 'system:serviceaccounts'

/** Whose credential the sandbox's kubeconfig carries. */
export const administrator: User = {
  name: 'sandbox-admin',
  uid: 'sandbox-admin',
  groups: [mastersGroup, allAuthenticated],
}

/** Whoever sends no credential over the network. */
export const anonymous: User = { name: 'system:anonymous', groups: [allUnauthenticated] }

/** Members of system:masters may do everything, whatever the roles say. */
export function isSuperuser({ groups }: User): boolean {
  return groups.includes(mastersGroup)
}

export type AccountName = { namespace: string; name: string }

const accountPrefix = 'system:serviceaccount:'
const nodePrefix = 'system:node:'

export function accountUsername({ namespace, name }: AccountName): string {
  return `${accountPrefix}${namespace}:${name}`
}

export function accountGroups(namespace: string): string[] {
  return [allServiceAccounts, `${allServiceAccounts}:${namespace}`]
}

/** The service account that a user name stands for; undefined for other users. */
export function accountOf(username: string): AccountName | undefined {
  if (!username.startsWith(accountPrefix)) return undefined
  const parts = username.slice(accountPrefix.length).split(':')
  const [namespace = '', name = ''] = parts
  return parts.length === 2 && namespace !== '' && name !== '' ? { namespace, name } : undefined
}

/** The node that a user name stands for; undefined for other users. */
export function nodeOf(username: string): string | undefined {
  const name = username.startsWith(nodePrefix) ? username.slice(nodePrefix.length) : ''
  return name === '' ? undefined : name
}
