// Who acts as somebody else: the Impersonate-* headers, and whether their sender may send them. Constrained impersonation
// (impersonate:<mode> together with impersonate-on:<mode>:<verb>) is tried first, then the plain verb impersonate.
import { badRequest } from '../../status.ts'
import { StatusError } from '../../types.ts'
import type { World } from '../../world.ts'
import { forbiddenTo, type Attributes, type ResourceAttributes } from '../rbac/attributes.ts'
import { authorize } from '../rbac/authorize.ts'
import {
  accountGroups,
  accountOf,
  allAuthenticated,
  allUnauthenticated,
  anonymous,
  mastersGroup,
  nodeOf,
  type User,
} from './user.ts'

type Wanted = {
  name: string
  uid: string
  groups: readonly string[]
  extra: Readonly<Record<string, readonly string[]>>
}
type Mode = 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info' | 'legacy'
type Attempt = { world: World; requestor: User; wanted: Wanted; attributes: Attributes; mode: Mode }

/** The user that the request is made as: its sender, or whom the sender may act as. Throws StatusError 400 and 403. */
export function impersonate(
  world: World,
  { headers }: Request,
  requestor: User,
  attributes: Attributes,
): User {
  const wanted = wantedUser(headers)
  if (wanted === undefined) return requestor
  let refusal: StatusError | undefined
  for (const mode of modesFor(wanted, requestor)) {
    const refused = refusalOf({ world, requestor, wanted, attributes, mode })
    if (refused === undefined) return asUser(wanted, mode)
    // The first mode that applies is the one to ask permission for.
    refusal ??= refused
  }
  throw refusal!
}

const extraPrefix = 'impersonate-extra-'

function wantedUser(headers: Headers): Wanted | undefined {
  // Most requests have none of these headers.
  if (![...headers.keys()].some((header) => header.startsWith('impersonate-'))) return undefined
  const name = headers.get('impersonate-user') ?? ''
  const uid = headers.get('impersonate-uid') ?? ''
  const groups = valuesOf(headers.get('impersonate-group'))
  const extra = Object.fromEntries(
    [...headers].flatMap(([header, value]) =>
      header.startsWith(extraPrefix)
        ? [[unescapedKey(header.slice(extraPrefix.length)), valuesOf(value)]]
        : [],
    ),
  ) as Wanted['extra']
  if (name !== '') return { name, uid, groups, extra }
  if (uid === '' && groups.length === 0 && Object.keys(extra).length === 0) return undefined
  throw badRequest(`requested ${shown({ uid, groups, extra })} without impersonating a user name`)
}

// As Go prints it, which is what the server does.
function shown({ uid, groups, extra }: Omit<Wanted, 'name'>): string {
  const list = (values: readonly string[]): string =>
    `{${values.map((one) => JSON.stringify(one)).join(', ')}}`
  const pairs = Object.entries(extra).map(
    ([key, values]) => `${JSON.stringify(key)}:[]string${list(values)}`,
  )
  const groupText = groups.length === 0 ? '[]string(nil)' : `[]string${list(groups)}`
  const extraText = pairs.length === 0 ? '(nil)' : `{${pairs.join(', ')}}`
  return `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${groupText}, Extra:map[string][]string${extraText}}`
}

// A header that comes more than once arrives as one, its values joined.
function valuesOf(header: string | null): string[] {
  return header === null ? [] : header.split(', ')
}

function unescapedKey(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

function modesFor(wanted: Wanted, requestor: User): Mode[] {
  const node = nodeOf(wanted.name)
  const isAccount = accountOf(wanted.name) !== undefined
  const modes: Mode[] = []
  // Of nodes and service accounts, only the name may be chosen: the rest follows from it.
  if (onlyNamed(wanted)) {
    if (node !== undefined && isAssociated(requestor, node)) modes.push('associated-node')
    if (node !== undefined) modes.push('arbitrary-node')
    if (isAccount) modes.push('serviceaccount')
  }
  if (node === undefined && !isAccount) modes.push('user-info')
  return [...modes, 'legacy']
}

function onlyNamed({ uid, groups, extra }: Wanted): boolean {
  return uid === '' && groups.length === 0 && Object.keys(extra).length === 0
}

// A service account acts on the node that its pod runs on.
function isAssociated(requestor: User, node: string): boolean {
  const names = requestor.extra?.['authentication.kubernetes.io/node-name']
  return accountOf(requestor.name) !== undefined && names?.length === 1 && names[0] === node
}

function refusalOf(attempt: Attempt): StatusError | undefined {
  const { world, requestor, attributes, mode } = attempt
  const checks: Attributes[] =
    mode === 'legacy'
      ? []
      : [{ ...attributes, verb: `impersonate-on:${mode}:${attributes.verb}` } as Attributes]
  for (const check of [...checks, ...identityChecks(attempt)]) {
    const { allowed, reason } = authorize(world, requestor, check)
    if (!allowed) return forbiddenTo(requestor, check, reason)
  }
  return mode === 'user-info' ? overreach(attempt) : undefined
}

// One question for each thing that the wanted user is made of.
function identityChecks({ wanted, mode }: Attempt): ResourceAttributes[] {
  const verb = mode === 'legacy' ? 'impersonate' : `impersonate:${mode}`
  const authentication = 'authentication.k8s.io'
  // Plain impersonation asks for users and groups of the core group, where no such resource is.
  const group = mode === 'legacy' ? '' : authentication
  const base = { kind: 'resource', verb, group, subresource: '', namespace: '' } as const
  return [
    { ...base, ...namedCheck(wanted.name, mode) },
    ...(wanted.uid === ''
      ? []
      : [{ ...base, group: authentication, resource: 'uids', name: wanted.uid }]),
    ...wanted.groups.map((name) => ({ ...base, resource: 'groups', name })),
    ...Object.entries(wanted.extra).flatMap(([subresource, values]) =>
      values.map((name) => ({
        ...{ ...base, group: authentication, resource: 'userextras' },
        ...{ subresource, name },
      })),
    ),
  ]
}

function namedCheck(
  username: string,
  mode: Mode,
): Pick<ResourceAttributes, 'resource' | 'name'> & { namespace?: string } {
  const account = accountOf(username)
  if (account !== undefined) return { resource: 'serviceaccounts', ...account }
  const node = mode === 'legacy' ? undefined : nodeOf(username)
  if (node === undefined) return { resource: 'users', name: username }
  return { resource: 'nodes', name: mode === 'associated-node' ? '*' : node }
}

// What constrained impersonation allows to nobody.
function overreach({ requestor, wanted }: Attempt): StatusError | undefined {
  if (!wanted.groups.includes(mastersGroup)) return undefined
  const attributes: ResourceAttributes = {
    ...{ kind: 'resource', verb: 'impersonate:user-info', group: 'authentication.k8s.io' },
    ...{ resource: 'groups', subresource: '', namespace: '', name: mastersGroup },
  }
  const why = 'impersonating the system:masters group is not allowed'
  return forbiddenTo(requestor, attributes, why)
}

function asUser({ name, uid, groups, extra }: Wanted, mode: Mode): User {
  const account = accountOf(name)
  const given =
    groups.length > 0
      ? groups
      : account !== undefined
        ? accountGroups(account.namespace)
        : mode.endsWith('-node')
          ? ['system:nodes']
          : []
  return {
    name,
    ...(uid === '' ? {} : { uid }),
    groups: withOwnGroup(name, given),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

function withOwnGroup(name: string, groups: readonly string[]): readonly string[] {
  const own = name === anonymous.name ? allUnauthenticated : allAuthenticated
  const has = groups.includes(own) || groups.includes(allUnauthenticated)
  return has ? groups : [...groups, own]
}
