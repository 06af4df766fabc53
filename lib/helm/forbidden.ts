// What the API server says when it refuses a request for lack of rights, as half a sentence with what to grant.
import { describeAccount } from '../model/identity.ts'

type Denial = { user: string; verb: string; resource: string; namespace?: string }

const denial =
  /User "([^"]+)" cannot ([\w:-]+) resource "([^"]+)"(?: in API group "([^"]*)")?(?: in the namespace "([^"]+)")?/g

/**
 * 'service account "deployer" in namespace "shop" may not list secrets in namespace "shop"; grant …', for every right that is
 * named as missing in a text of the API server's; undefined when none is.
 */
export function explainDenials(text: string): string | undefined {
  const denials = [...text.matchAll(denial)].map(
    ([, user = '', verb = '', resource = '', group, namespace]): Denial => ({
      ...{ user, verb, resource: group ? `${resource}.${group}` : resource },
      ...(namespace === undefined ? {} : { namespace }),
    }),
  )
  const [first] = denials
  if (first === undefined) return undefined
  const rights = [...new Set(denials.map(describeRight))].join(', ')
  const isClusterWide = denials.some(({ namespace }) => namespace === undefined)
  const by = isClusterWide ? 'a ClusterRole and a ClusterRoleBinding' : 'a Role and a RoleBinding'
  return `${describeUser(first.user)} may not ${rights}; grant that with ${by}`
}

function describeRight({ verb, resource, namespace }: Denial): string {
  // Since 1.36, what is missing is named by what it was to be used for: "impersonate-on:serviceaccount:list".
  if (verb.startsWith('impersonate')) return 'impersonate service accounts'
  return `${verb} ${resource}${namespace === undefined ? ' in the whole cluster' : ` in namespace "${namespace}"`}`
}

function describeUser(user: string): string {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? []
  return namespace === undefined || name === undefined
    ? `user "${user}"`
    : describeAccount({ namespace, name })
}
